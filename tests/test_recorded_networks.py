"""Networks recorded as in an experiment; studies that keep the recordings; amounts made equal."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from helpers import command

import drift
from drift.inference import recorded_networks
from drift.inference.drift_features import FEATURES
from drift.inference.known_networks import known_and_others, table_of_recordings
from drift.inference.matching import matched_amounts, speeds
from drift.inference.recorded_networks import AMOUNTS, KINDS, RECORDED_AS
from drift.inference.recording import Recording
from drift.study.collected_recordings import collect_recordings
from drift.study.folder import StudyError, StudyFolder
from drift.study.reading import read_study
from drift.study.work import run_study

NAMES = list(FEATURES)
MAPS, POPULATION = (
    NAMES.index(f"{kind} correlation, longest lag") for kind in ("map", "population")
)


@pytest.fixture
def plain(monkeypatch):
    """All units, without noise of recording, over a change to a correlation of 0.9."""
    recording = Recording(units=200, sessions=5, noise="none")
    monkeypatch.setattr(recorded_networks, "draw_recording", lambda random: (recording, 0.9))


def turning(times=301, units=60, conditions=12):
    """A code of which each unit turns by itself from one pattern to another, never negative."""
    random = np.random.default_rng(20)
    first, second = random.uniform(0, 1, (2, units, conditions))
    share = np.linspace(0, 1, times)[:, None, None]
    return (1 - share) * first + share * second


def correlation(one, other):
    """The mean over conditions of the correlation across units."""
    return np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True)])


def test_recordings_span_the_change_that_was_drawn(plain):
    codes = turning()
    found = recorded_networks.recordings_of_codes(codes, KINDS[0], seed=1)
    assert found.sizes["recording"] == 3
    for row in range(3):
        reached = float(found["correlation"][row])
        assert 0.88 <= reached <= 0.9
        assert found["features"].values[row, POPULATION] == pytest.approx(reached, abs=1e-9)
        # the sessions are evenly spaced, up to the resolution of one time in four
        between = found["steps_between"].values[row]
        starts = range(round(0.6 * len(codes)))
        spans = [correlation(codes[s], codes[min(s + round(4 * between), 300)]) for s in starts]
        assert min(abs(span - reached) for span in spans) < 1e-9


def test_a_code_that_changes_too_little_or_too_fast_is_not_recorded(plain):
    slow, fast = turning()[:3], turning()[::75]
    for codes in (np.repeat(slow[:1], 50, axis=0), fast):
        found = recorded_networks.recordings_of_codes(codes, KINDS[0], seed=2)
        assert found["features"].shape == (0, len(NAMES))


def test_a_fixed_network_is_the_same_in_all_its_sessions(plain):
    found = recorded_networks.recordings_of_codes(turning(), KINDS[1], seed=3)
    assert found["features"].values[:, [MAPS, POPULATION]] == pytest.approx(1)
    assert found["steps_between"].values.tolist() == [0, 0, 0]


def test_unstable_gain_changes_populations_and_no_map(plain):
    found = recorded_networks.recordings_of_codes(turning(), KINDS[2], seed=4)
    assert found["features"].values[:, MAPS] == pytest.approx(1)
    assert (found["features"].values[:, POPULATION] < 0.9).all()


NETWORK = {
    "task": "smoothed_mapping", "rule": "GradientDescent", "samples": 12, "d_in": 8, "d_out": 4,
    "hidden": 40, "init": "rich", "steps": 40_000, "seed": 3, "learning_rate": 0.1,
}  # fmt: skip


def recordings(rule, steps=40_000):
    task = drift.smoothed_mapping(3, samples=12, d_in=8, d_out=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = drift.simulate(
            task, rule, steps=steps, hidden=40, seed=3, **RECORDED_AS, progress=False
        )
    return run, recorded_networks.recordings_of_run(run, task, KINDS[0], seed=3)


@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_a_network_is_recorded_after_it_has_learned(noise):
    """Below 3 % of the variance; with more noise the loss stays above, near its late level."""
    run, found = recordings(drift.GradientDescent(0.1, update_noise=noise))
    variance = drift.smoothed_mapping(3, samples=12, d_in=8, d_out=4).targets.var()
    loss = run["loss"] / variance
    late = float(loss[-101:].mean())
    border = max(0.03, 2 * late)
    assert (border > 0.03) is (noise == 0.1)
    learned = int(found["learned_at"])
    assert loss.sel(step=learned) <= border
    assert (loss.values[run["step"].values < learned] > border).all()
    assert float(found["final_loss"]) == pytest.approx(float(loss[-1]))
    reached = found["correlation"].values
    assert ((reached > AMOUNTS[0] - 0.02) & (reached < AMOUNTS[1])).all()


@pytest.mark.parametrize(("rate", "status"), [(50.0, "silent"), (1e-6, "finished")])
def test_a_network_that_fell_silent_or_never_learned_has_no_recordings(rate, status):
    _, found = recordings(drift.GradientDescent(rate), steps=2000)
    assert found.attrs["status"] == status
    assert found["features"].shape == (0, len(NAMES)) and int(found["learned_at"]) == -1


def test_recordings_are_drawn_within_what_experiments_have():
    random = np.random.default_rng(16)
    drawn = [recorded_networks.draw_recording(random) for _ in range(300)]
    assert all(30 <= recording.units <= 300 for recording, _ in drawn)
    assert {recording.sessions for recording, _ in drawn} == set(range(4, 17))
    assert {recording.noise for recording, _ in drawn} == {"poisson", "calcium"}
    assert all(AMOUNTS[0] <= correlation < AMOUNTS[1] for _, correlation in drawn)


DESIGN = """
study: few
seed: 1
settings:
  keep: recordings
  task: smoothed_mapping
  samples: 12
  d_in: 8
  d_out: 4
  hidden: 40
  steps: 20000
  rule: GradientDescent
parts:
  - part: update noise
    runs: 3
    settings: {update_noise: 0.03}
  - part: no drift
    runs: 2
    settings: {keep: recordings of a fixed network}
"""


def test_a_study_may_keep_recordings_in_place_of_runs(tmp_path):
    design = read_study("few.yaml", DESIGN)
    design.check()
    folder = StudyFolder(tmp_path)
    folder.create(design.name, design.about, design.runs())
    assert run_study(folder, workers=1, progress=False) == {}
    collected = collect_recordings(folder, progress=False)
    table = table_of_recordings(collected)
    assert set(table["rule"]) == {"update noise", "no drift"}
    assert set(table["network"]) <= set(range(5)) and (table["hidden"] == 40).all()
    settings = folder.settings()[4]
    task = drift.smoothed_mapping(settings["seed"], samples=12, d_in=8, d_out=4)
    run = drift.simulate(
        task, drift.GradientDescent(), steps=20_000, hidden=40, seed=settings["seed"],
        **RECORDED_AS, progress=False,
    )  # fmt: skip
    again = recorded_networks.recordings_of_run(run, task, KINDS[1], settings["seed"])
    result = command("study", "collect", tmp_path)
    assert result.exit_code == 0
    written = pd.read_csv(tmp_path / "few.csv")
    pd.testing.assert_frame_equal(written, table, check_dtype=False)
    ours = table.loc[table["network"] == 4, NAMES]
    np.testing.assert_allclose(ours, again["features"], rtol=1e-6)


def test_a_study_keeps_runs_or_recordings_and_not_both():
    mixed = DESIGN.replace("{keep: recordings of a fixed network}", "{keep: run}")
    with pytest.raises(
        StudyError, match=r"line \d+ \(part 'no drift', keep\): some runs keep 'run'"
    ):
        read_study("few.yaml", mixed).check()
    unknown = DESIGN.replace("recordings of a fixed network", "spikes")
    with pytest.raises(StudyError, match="keep='spikes' is unknown"):
        read_study("few.yaml", unknown).check()


def many(rows=600):
    """Recordings of a fast and of a slow rule; the slow one seldom changes much."""
    random = np.random.default_rng(5)
    low, high = AMOUNTS
    share = np.r_[random.uniform(0, 1, rows), random.uniform(0, 1, rows) ** 0.3]
    return pd.DataFrame(
        {
            "rule": ["fast"] * rows + ["slow"] * rows,
            "correlation": low + (high - low) * share,
            "sessions": random.integers(4, 17, 2 * rows),
        }
    )


def test_matched_rules_changed_by_the_same_amounts():
    table = many()
    matched = matched_amounts(table)
    assert matched.index.is_monotonic_increasing and matched.index.is_unique
    fast, slow = (matched.loc[matched["rule"] == rule, "correlation"] for rule in ("fast", "slow"))
    edges = np.linspace(*AMOUNTS, 7)
    counts = [np.histogram(values, edges)[0].tolist() for values in (fast, slow)]
    assert counts[0] == counts[1]
    before = [np.histogram(table.loc[table["rule"] == r, "correlation"], edges)[0] for r in
              ("fast", "slow")]  # fmt: skip
    assert counts[0] == np.minimum(*before).tolist()
    with pytest.raises(ValueError, match="no class of amounts has recordings of all rules"):
        matched_amounts(table.assign(correlation=np.where(table["rule"] == "fast", 0.81, 0.97)))
    with pytest.raises(ValueError, match="lacks the columns correlation"):
        matched_amounts(table[["rule"]])


def test_speeds_are_compared_within_a_rule():
    table = pd.DataFrame(
        {"rule": list("aabb"), "correlation": [0.9, 0.8, 0.98, 0.96], "sessions": [6, 5, 5, 5]}
    )
    assert speeds(table).tolist() == ["slow", "fast", "slow", "fast"]


def test_other_networks_are_set_apart_from_the_rules(tmp_path):
    """Two parts by rules, one that is none, and similarity matching along its own dimension."""
    count = len(NAMES)
    random = np.random.default_rng(6)
    settings = [("update noise", 0)] * 2 + [("noisy units", 1)]
    numbers = {name: ("recording", np.arange(3.0)) for name in recorded_networks.NUMBERS}
    numbers["correlation"] = ("recording", np.array([0.81, 0.97, 0.9]))
    flags = {"flag_values": [0, 1], "flag_meanings": "update noise, more|noisy units"}
    archive = xr.Dataset(
        numbers
        | {f"other_{name}": ("other_recording", [0.5]) for name in recorded_networks.NUMBERS}
        | {
            "features": (("recording", "feature"), random.normal(size=(3, count))),
            "other_features": (("other_recording", "feature"), random.normal(size=(1, count))),
            "network": ("recording", [0, 1, 2]),
            "other_network": ("other_recording", [4]),
            "part": ("run", [code for _, code in settings], flags),
            "task": ("run", [0, 0, 0], {"flag_values": [0], "flag_meanings": "ring"}),
            "hidden": ("run", [50, 60, 70]),
        },
        {"feature": NAMES},
    )
    table = table_of_recordings(archive)
    assert table["rule"].tolist() == ["update noise"] * 2 + ["noisy units", "similarity matching"]
    assert table["network"].tolist() == [0, 1, 2, 7]
    assert table["hidden"].tolist()[:3] == [50, 60, 70] and np.isnan(table["hidden"][3])
    np.testing.assert_allclose(table.loc[3, NAMES].astype(float), archive["other_features"][0])
    known, others = known_and_others(table)
    assert known.index.tolist() == [0, 1] and others.index.tolist() == [2, 3]
