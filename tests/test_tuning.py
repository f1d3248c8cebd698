"""Measures and tuning against closed forms and obvious loops."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import drift
from drift.analysis import tuning
from drift.simulation import measures

SMALL = arrays(float, (4, 6), elements=st.floats(0, 5, width=16))


def test_sparsity_of_a_known_matrix():
    activity = np.array([[1.0, 0, 0, 2], [0, 0, 0, 3], [0, 0, 1e-30, 4]])
    task = drift.Task(np.ones((3, 1)), np.array([[1.0], [2.0], [3.0]]))
    outputs = np.array([[1.0], [4.0], [3.0]])
    parameters = drift.Parameters(np.ones((4, 1)), np.ones(4), np.ones((1, 4)))
    seen = measures.Observation(task, parameters, activity, activity > 0, outputs)
    assert measures.active_fraction(seen) == pytest.approx(5 / 12)
    assert measures.fraction_active_units(seen) == pytest.approx(3 / 4)
    assert measures.loss(seen) == pytest.approx(4 / 3)


def test_a_threshold_decides_what_counts_as_active():
    task = drift.Task(np.array([[1.0], [-1.0]]), np.ones((2, 1)))
    parameters = drift.Parameters(np.array([[2.0], [0.05]]), np.zeros(2), np.ones((1, 2)))
    # tanh(2) = 0.964, tanh(0.05) = 0.04996, each with both signs
    seen = measures.observe(task, parameters, "tanh", 0.1)
    assert measures.active_fraction(seen) == 0.5
    assert measures.fraction_active_units(seen) == 0.5
    np.testing.assert_allclose(seen.outputs[:, 0], [0.96403 + 0.04996, -1.01399], atol=1e-5)


def test_relative_loss_is_zero_for_mean_estimators():
    targets = np.array([[1.0, 10.0], [3.0, 30.0]])
    task = drift.Task(np.ones((2, 1)), targets)
    always_the_grand_mean = np.mean((targets - targets.mean()) ** 2)
    always_each_outputs_mean = np.mean((targets - targets.mean(axis=0)) ** 2)
    assert measures.relative_loss(always_the_grand_mean, task) == pytest.approx(0)
    assert measures.relative_loss(always_each_outputs_mean, task, True) == pytest.approx(0)
    no_loss = measures.relative_loss([0.0, np.nan, np.inf], task)
    assert no_loss.tolist() == pytest.approx([-np.inf, np.nan, np.inf], nan_ok=True)
    with pytest.raises(ValueError, match="the targets of task do not vary"):
        measures.relative_loss(1.0, drift.Task(task.inputs, np.full_like(task.targets, 0.1)))


def test_bins_never_visited_do_not_spoil_the_information_of_a_run():
    """Two of four samples at either end of the track; a unit that knows the end tells one bit."""
    position, heading = np.array([0.0, 1.0, 9.0, 10.0]), np.zeros(4)
    task = drift.Task(np.array([[1.0], [1], [0], [0]]), np.ones((4, 1)), position, heading)
    run = xr.Dataset(
        {
            "input_weights": (("snapshot", "unit", "input"), np.ones((1, 1, 1))),
            "bias": (("snapshot", "unit"), np.zeros((1, 1))),
            "output_weights": (("snapshot", "output", "unit"), np.ones((1, 1, 1))),
        },
        {"snapshot": [0]},
        {"activation": "relu"},
    )
    tuned = tuning.tuning_over_time(run, task, bins=5)
    assert tuned["occupancy"].values.tolist() == [0.5, 0, 0, 0, 0.5]
    assert tuned["spatial_information"].values.tolist() == [[1.0]]


def test_a_network_of_another_task_is_not_observed():
    task = drift.random_mapping(samples=4, d_in=3, d_out=2)
    network = drift.Parameters(np.ones((5, 3)), np.zeros(5), np.ones((1, 5)))
    with pytest.raises(ValueError, match=r"3 inputs and 1 outputs, where the task .* has 3 and 2"):
        measures.observe(task, network)


@pytest.mark.parametrize(("active", "bins"), [(1, 8), (2, 8), (8, 8), (3, 12)])
def test_information_of_a_field_over_part_of_the_track(active, bins):
    """Constant activity in k of B equally visited bins carries log2(B / k) bits."""
    rate = np.zeros((1, bins))
    rate[0, :active] = 3.7
    information = tuning.spatial_information(rate, np.full(bins, 1 / bins))
    assert information == pytest.approx(np.log2(bins / active))


@given(SMALL, arrays(int, 6, elements=st.integers(0, 5)))
def test_information_is_the_formula_term_by_term(rate, counts):
    if counts.sum() == 0:
        counts[0] = 1
    occupancy = counts / counts.sum()
    unvisited = np.where(counts > 0, rate, np.nan)
    ours = tuning.spatial_information(unvisited, occupancy)
    for unit in range(4):
        mean = sum(p * r for p, r in zip(occupancy, rate[unit], strict=True) if p > 0)
        if mean == 0:
            assert np.isnan(ours[unit])
            continue
        terms = [
            p * r / mean * np.log2(r / mean)
            for p, r in zip(occupancy, rate[unit], strict=True)
            if p > 0 and r > 0
        ]
        assert ours[unit] == pytest.approx(sum(terms), abs=1e-9)


def test_rate_maps_average_by_place():
    place = np.array([-1.0, -0.9, 0.1, 1.0, 0.95])
    activity = np.array([[1.0], [3.0], [5.0], [7.0], [11.0]])
    mapped = tuning.rate_maps(activity, place, bins=4)
    np.testing.assert_allclose(mapped["occupancy"], [0.4, 0, 0.2, 0.4])
    np.testing.assert_allclose(mapped["rate"], [[2, np.nan, 5, 9]])
    np.testing.assert_allclose(mapped["place"], [-0.75, -0.25, 0.25, 0.75])


def test_the_two_directions_are_separate_places():
    task = drift.Task(
        np.ones((3, 1)), np.ones((3, 1)), position=[2.0, 2.0, 5.0], heading=[0.1, np.pi, 6.2]
    )
    np.testing.assert_allclose(tuning.directed_place(task), [2, -2, 5])
    with pytest.raises(ValueError, match="give it position and heading"):
        tuning.directed_place(drift.Task(np.ones((3, 1)), np.ones((3, 1))))


def test_map_correlation_is_the_mean_of_pearsons_r():
    random = np.random.default_rng(0)
    maps = random.uniform(size=(3, 10, 20))
    maps[:, 4] = 1.0  # a constant map has no correlation
    tuned = random.uniform(size=(3, 10)) < 0.7
    ours = tuning.rate_map_correlation(maps, tuned)
    for a in range(3):
        for b in range(3):
            pairs = [
                np.corrcoef(maps[a, unit], maps[b, unit])[0, 1]
                for unit in range(10)
                if tuned[a, unit] and tuned[b, unit] and unit != 4
            ]
            assert ours[a, b] == pytest.approx(np.mean(pairs))


def test_displayed_maps_peak_at_one_and_keep_only_places_visited():
    rate = np.array([[0.0, np.nan, 4.0, 0.0], [0.0, np.nan, 0.0, 0.0]])
    shown = tuning.display_maps(rate, np.array([0.5, 0, 0.25, 0.25]), width=0.1)
    np.testing.assert_allclose(shown, [[0, 1, 0], [0, 0, 0]], atol=1e-12)


def test_tuning_over_time_of_a_hand_made_network():
    """Two units that read the input, one of them above a threshold, and one that is silent."""
    inputs = np.array([[1.0], [0.0], [2.0], [0.0]])
    task = drift.Task(inputs, inputs, position=[0, 1, 2, 3], heading=np.zeros(4))
    weights, bias = np.array([[1.0], [1.0], [0.0]]), np.array([0.0, -1.0, -1.0])
    start = drift.Parameters(weights, bias, np.zeros((1, 3)))
    run = drift.simulate(task, drift.GradientDescent(), init=start, steps=0)
    tuned = tuning.tuning_over_time(run, task, bins=4)
    np.testing.assert_allclose(tuned["rate"][0], [[1, 0, 2, 0], [0, 0, 1, 0], [0] * 4])
    expected = 0.25 * (1 / 0.75 * np.log2(1 / 0.75) + 2 / 0.75 * np.log2(2 / 0.75))
    assert tuning.tuning_over_time(run, task, bins=2).sizes["place"] == 2  # the fewest
    bits = tuned["spatial_information"].values[0]
    assert bits.tolist() == pytest.approx([expected, 2, np.nan], nan_ok=True)
    assert tuned["place_cells"].values.tolist() == [2]
    assert tuned["mean_information"].values[0] == pytest.approx((expected + 2) / 2)


SIZES = st.floats(1e-60, 1e60)


@given(SIZES, st.integers(2, 60))
def test_constant_vectors_have_no_correlation_whatever_their_mean(mean, length):
    random = np.random.default_rng(length)
    constant, other = np.full((1, 1, length), mean), random.uniform(size=(1, 1, length))
    rounded = constant * (1 + 2e-16 * random.integers(-2, 3, length))
    for flat in (constant, rounded):
        maps = np.concatenate([flat, other])
        expected = [[np.nan, np.nan], [np.nan, 1]]
        found = tuning.rate_map_correlation(maps, np.ones((2, 1), bool))
        np.testing.assert_allclose(found, expected)
        assert np.isnan(tuning.population_vector_correlation(flat[0], other[0]))
    line = np.arange(length)[None]
    assert tuning.population_vector_correlation(mean * line, 1.0 + line) == pytest.approx(1)


def test_rates_and_shares_that_cannot_be_are_refused():
    rate, shares = np.ones((1, 4)), np.full(4, 0.25)
    for wrong, words in ((np.inf, "is inf"), (np.nan, "is nan"), (-1.0, "at least 0")):
        spoilt = np.array([[wrong, 1, 1, 1]])
        with pytest.raises(ValueError, match=words):
            tuning.spatial_information(spoilt, shares)
        unvisited = np.array([0, 0.5, 0.25, 0.25])
        np.testing.assert_allclose(tuning.spatial_information(spoilt, unvisited), 0, atol=1e-12)
    with pytest.raises(ValueError, match="occupancy sums to 2: shares of the time must sum to one"):
        tuning.spatial_information(rate, 2 * shares)
    with pytest.raises(ValueError, match="rate has the shape"):
        tuning.spatial_information(rate[0], shares)
    with pytest.raises(ValueError, match=r"bins=.* is too large"):
        tuning.rate_maps(rate.T, np.arange(4), bins=10**9)
    with pytest.raises(ValueError, match="all samples were taken at one place"):
        tuning.rate_maps(rate.T, 0.1 * (1 + 2e-16 * np.arange(4)))


def test_a_heading_of_a_quarter_turn_is_the_same_however_it_was_counted():
    quarters = np.pi / 2 * np.array([1, -1, 3, 5, -3, 7])
    task = drift.Task(np.ones((6, 1)), np.ones((6, 1)), position=np.ones(6), heading=quarters)
    assert tuning.directed_place(task).tolist() == [1.0] * 6


def test_equal_peaks_are_equal_to_rounding():
    maps = np.array([[0, 0, 1.0], [0.3, 0, 0.1 + 0.2], [0.1, 0.1 * (1 + 1e-15), 0]])
    assert tuning.peak_order(maps).tolist() == [1, 2, 0]


def test_a_run_and_a_task_of_other_sizes_do_not_belong_together():
    task = drift.Task(np.ones((3, 2)), np.ones((3, 1)), np.arange(3), np.zeros(3))
    start = drift.Parameters(np.ones((4, 2)), np.zeros(4), np.ones((1, 4)))
    run = drift.simulate(task, drift.GradientDescent(), init=start, steps=0)
    for d_in, d_out in ((3, 1), (2, 2)):
        other = drift.Task(np.ones((3, d_in)), np.ones((3, d_out)), np.arange(3), np.zeros(3))
        for door in (tuning.tuning_over_time, drift.spectra):
            with pytest.raises(ValueError, match=f"{task.d_in} inputs and {task.d_out} outputs"):
                door(run, other)
