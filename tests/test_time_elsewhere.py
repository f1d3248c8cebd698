"""Loader of the mice that also spent time elsewhere, on written files and on the real ones."""

import numpy as np
import pytest
from helpers import save_matlab

from drift.datasets import time_elsewhere
from drift.datasets.matlab import LayoutError

NUMBER = np.arange(8)[:, None] + 0.1 * np.arange(1, 17)


def content(**changes):
    activity = NUMBER / 1000
    activity[2, 5] = 0
    return {
        "num_sig_cells_mice": np.round(100 * NUMBER).astype(np.uint16),
        "sp_spike_mice": NUMBER,
        "mean_activity_mice": activity,
        "pv_within_lap": NUMBER / 10,
    } | changes


def write(folder, **changes):
    save_matlab(folder / "Data/Parameters_across_days_data.mat", **content(**changes))
    return time_elsewhere.load(folder)


def test_sessions_are_labelled(tmp_path):
    found = write(tmp_path)
    assert len(found) == 8 * 16
    row = found[(found.animal == "mouse 4") & (found.session == 11)].iloc[0]
    assert (row.day, row.place_cells) == (21, 410)
    assert row.information == pytest.approx(4.1)
    assert row.mean_activity == pytest.approx(0.0041)
    assert row.within_session == pytest.approx(0.41)


def test_a_mean_activity_of_zero_is_missing_and_no_other_value_is(tmp_path):
    found = write(tmp_path)
    missing = found[found.mean_activity.isna()]
    assert missing[["animal", "session"]].to_numpy().tolist() == [["mouse 3", 6]]
    assert not found[["place_cells", "information", "within_session"]].isna().any().any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sp_spike_mice": NUMBER[:7]}, "has the shape 7 x 16, expected 8 x 16"),
        ({"sp_spike_mice": NUMBER * np.nan}, "has 128 values that are not finite"),
        ({"sp_spike_mice": -NUMBER}, "'sp_spike_mice' has negative values"),
        ({"mean_activity_mice": -NUMBER}, "'mean_activity_mice' has negative values"),
        ({"num_sig_cells_mice": np.array(["a"])}, "not a matrix of numbers"),
    ],
)
def test_wrong_fields_are_named(tmp_path, change, message):
    with pytest.raises(LayoutError, match=message):
        write(tmp_path, **change)


def test_a_missing_field_is_named(tmp_path):
    whole = content()
    del whole["pv_within_lap"]
    save_matlab(tmp_path / "Data/Parameters_across_days_data.mat", **whole)
    with pytest.raises(LayoutError, match=r"days_data\.mat: the field 'pv_within_lap' is missing"):
        time_elsewhere.load(tmp_path)


def test_correlations_by_lag_and_phase(tmp_path):
    values = np.arange(2 * 5 * 3 * 8).reshape(2, 5, 3, 8) / 240
    path = tmp_path / "Data/Comparing_corr_across_phases_data.mat"
    save_matlab(path, drift_bs_vs_enr=values)
    found = time_elsewhere.load_correlations(tmp_path)
    assert len(found) == 8 * 2 * 5
    row = found.query("animal == 'mouse 5' and phase == 'elsewhere' and lag == 3").iloc[0]
    assert row.days == 6
    assert row.population_vector == values[1, 2, 0, 4]
    assert row.tuning_curve == values[1, 2, 1, 4]
    assert row.ensemble_rate == values[1, 2, 2, 4]
    save_matlab(path, drift_bs_vs_enr=values * 2)
    with pytest.raises(LayoutError, match="has correlations beyond 1"):
        time_elsewhere.load_correlations(tmp_path)
    save_matlab(path, drift_bs_vs_enr=values[:, :4])
    with pytest.raises(LayoutError, match="has the shape 2 x 4 x 3 x 8"):
        time_elsewhere.load_correlations(tmp_path)


def test_phases_follow_each_other():
    ends = list(time_elsewhere.PHASES.values())
    assert [first for first, _ in ends] == [1, 6, 11]
    assert [last for _, last in ends] == [6, 11, 16]


def test_the_published_files(public_data):
    """Tuning correlation .56 to .43 over one to five sessions, higher with other experience."""
    found = time_elsewhere.load()
    assert found.place_cells.between(1, 400).all()
    assert found.information.between(0.8, 2.5).all()
    zeros = found[found.mean_activity.isna()]
    assert set(zeros.animal) == {"mouse 3"} and len(zeros) == 7
    mean = time_elsewhere.load_correlations().groupby(["phase", "lag"]).tuning_curve.mean()
    assert mean["baseline"].tolist()[::4] == pytest.approx([0.56, 0.43], abs=0.005)
    assert (mean["elsewhere"] > mean["baseline"]).all()
