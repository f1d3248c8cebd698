"""`drift infer`: its files, its answer, and what is said of files that hold no sessions."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from helpers import command

from drift import plots
from drift.inference import classifier, known_networks
from drift.inference.answer import Answer, infer
from drift.inference.drift_features import FEATURES
from drift.inference.session_files import NotSessionsError, read_sessions
from drift.support.errors import RefusedError
from drift.support.locations import SHIPPED

NAMES = list(FEATURES)


@pytest.fixture
def known(monkeypatch):
    """Recordings of two rules on two tasks, of which one feature tells."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(160, len(NAMES)))
    table = pd.DataFrame(rows, columns=NAMES).assign(
        rule=["a", "b"] * 80, task=["one"] * 80 + ["two"] * 80, network=np.arange(160) // 2
    )
    table.loc[table["rule"] == "b", NAMES[0]] += 3
    table["network"] = np.arange(160)
    monkeypatch.setattr(known_networks, "known_recordings", lambda: table)
    monkeypatch.setattr(classifier, "TREES", 20)
    monkeypatch.setattr(classifier, "LEAVES", {"min_samples_leaf": [5]})
    return table


def sessions():
    """Forty cells with fields on a belt, of which some move between four sessions."""
    random = np.random.default_rng(1)
    place = np.arange(20)
    centres = random.uniform(0, 20, 40) + np.cumsum(random.normal(0, 2, (4, 40)), axis=0)
    rate = np.exp(-((place - centres[:, :, None]) ** 2) / 8)
    return xr.Dataset({"rate": (("session", "cell", "place"), random.poisson(5 * rate) * 1.0)})


def test_a_file_of_rate_maps_is_answered(known, tmp_path):
    sessions().to_netcdf(tmp_path / "maps.nc")
    arguments = [str(tmp_path / "maps.nc"), "--plot", str(tmp_path / "answer.png")]
    arguments += ["--features", str(tmp_path / "features.csv")]
    result = command("infer", *arguments)
    assert result.exit_code == 0
    expected = infer(sessions(), known)
    assert str(expected) in result.output
    written = pd.read_csv(tmp_path / "features.csv", index_col="feature")["value"]
    pd.testing.assert_series_equal(written, expected.features, check_names=False)
    assert (tmp_path / "answer.png").read_bytes()[:4] == b"\x89PNG"


def test_a_folder_has_a_session_a_file(known, tmp_path):
    """Events in time are averaged at each place; the order of names is that of sessions."""
    maps = sessions()["rate"].values
    for number, one in enumerate(maps):
        own = xr.Dataset(
            {"activity": (("time", "cell"), one.T), "place_bin": ("time", np.arange(20))},
            {"cell": np.arange(40)},
        )
        own.to_netcdf(tmp_path / f"day{number}.nc")
    found = infer(read_sessions(tmp_path), known)
    pd.testing.assert_series_equal(found.features, infer(sessions(), known).features)


def test_the_shipped_example_can_be_read():
    example = read_sessions(SHIPPED / "example-sessions.nc")
    assert example["rate"].dims == ("session", "cell", "place")
    assert example["rate"].shape == (8, 60, 20)
    assert (example["rate"] >= 0).all() and (example["rate"].max() < 1000).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"session,cell,place\n", "cannot be read as netCDF: write it with xarray"),
        (None, "there is no file"),
    ],
)
def test_what_is_no_netcdf_is_refused(tmp_path, content, message):
    path = tmp_path / "maps.nc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((NotSessionsError, FileNotFoundError), match=message):
        read_sessions(path)


def test_a_folder_of_one_session_and_a_wrong_variable_are_refused(known, tmp_path):
    (tmp_path / "one").mkdir()
    sessions().rename(rate="speed").to_netcdf(tmp_path / "one" / "day1.nc")
    with pytest.raises(RefusedError, match=r"has 1 files \*\.nc"):
        command("infer", tmp_path / "one")
    file = str(tmp_path / "one" / "day1.nc")
    with pytest.raises(RefusedError, match="lacks 'rate', along session, cell, place"):
        command("infer", file)


def test_an_unknown_kind_of_picture_is_refused_by_its_name(known, tmp_path):
    sessions().to_netcdf(tmp_path / "maps.nc")
    arguments = ["infer", str(tmp_path / "maps.nc"), "--plot", str(tmp_path / "answer.xyz")]
    with pytest.raises(RefusedError, match=r"answer\.xyz: Format 'xyz' is not supported"):
        command(*arguments)


def answer(p_value):
    features = pd.Series(np.linspace(-3, 3, len(NAMES)), NAMES)
    features.iloc[5] = np.nan
    return Answer(pd.Series({"b": 0.7, "a": 0.3}), p_value, features)


@pytest.mark.parametrize(("p_value", "title"), [(0.5, "the rule"), (0.01, "none of these rules")])
def test_the_plot_shows_probabilities_and_ranks_of_features(known, p_value, title):
    chances, places = plots.inferred_rule(answer(p_value), known)
    assert chances.get_title() == title
    chances.figure.draw_without_rendering()  # settles what stands at ticks
    lengths = {
        label.get_text(): bar.get_width()
        for label, bar in zip(chances.get_yticklabels(), chances.patches, strict=True)
    }
    assert lengths == {"a": 0.3, "b": 0.7}
    drawn = {}
    names = [label.get_text() for label in places.get_yticklabels()]
    for line in places.lines:
        drawn |= {names[int(y)]: x for x, y in zip(*line.get_data(), strict=True)}
    expected = {
        name: (known[name] < value).mean() for name, value in answer(0.5).features.dropna().items()
    }
    assert drawn == pytest.approx(expected)
    unusual = places.lines[1].get_xdata()
    assert ((unusual < 0.025) | (unusual > 0.975)).all() and len(unusual)


def test_medians_of_features_are_drawn_by_rule(known):
    ax = plots.features_by_rule(known, FEATURES)
    shown = ax.images[0].get_array()
    assert shown.shape == (len(NAMES), 2)
    ranks = known[NAMES[0]].rank(pct=True)
    assert shown[0].tolist() == pytest.approx(
        [ranks[known["rule"] == rule].median() for rule in ("a", "b")]
    )
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]
