"""The place-cell test and the corrections of information, on cells whose answers are known."""

import itertools

import numpy as np
import pytest
from scipy.optimize import curve_fit

from drift.analysis.extrapolation import bounded_limit
from drift.analysis.information import corrected_information, place_cells, tuning_curves
from drift.analysis.tuning import spatial_information


def poisson_cells(cells, length, seed=0, bins=20, rate=0.05):
    """Cells with Gaussian fields of several widths; activity, places and true bits per spike."""
    random = np.random.default_rng(seed)
    place = (np.abs((np.arange(length) * 0.15) % (2 * bins) - bins)).astype(int).clip(0, bins - 1)
    centre = random.uniform(0, bins, cells)
    width = random.uniform(1.5, 4, cells)
    field = np.exp(-(((np.arange(bins) - centre[:, None]) / width[:, None]) ** 2) / 2) + 0.05
    occupancy = np.bincount(place, minlength=bins) / length
    field *= rate / (field @ occupancy)[:, None]
    truth = spatial_information(field, occupancy)
    return random.poisson(field[:, place].T), place, truth


@pytest.fixture(scope="module")
def population():
    return poisson_cells(200, 3000)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_tuning_and_information_are_pynapples(population):
    import pynapple as nap

    activity, place, _ = population
    dt = 0.05
    time = dt * np.arange(len(place))
    counts = nap.TsdFrame(t=time, d=activity.astype(float))
    curves = nap.compute_tuning_curves(
        counts / dt, nap.Tsd(t=time, d=place.astype(float)), bins=[np.arange(21) - 0.5], fs=1 / dt
    )
    rates, occupancy = tuning_curves(activity, place)
    np.testing.assert_allclose(rates / dt, curves.values, rtol=1e-10)
    np.testing.assert_allclose(
        spatial_information(rates, occupancy),
        nap.compute_mutual_information(curves)["bits/spike"],
        rtol=1e-8,
    )


def test_the_place_cell_test_is_a_plain_loop_over_shifts(population):
    activity, place, _ = population
    few = activity[:, :30].astype(float)
    few[:, 3] = 0
    few[:, 4] = np.random.default_rng(1).permutation(few[:, 4])
    found = place_cells(few, place, shuffles=60, seed=5)
    shifts = np.random.default_rng(5).integers(1, len(place), 60)
    naive = spatial_information(*tuning_curves(few, place))
    shifted = np.array(
        [
            spatial_information(*tuning_curves(np.roll(few, shift, axis=0), place))
            for shift in shifts
        ]
    )
    np.testing.assert_allclose(found.information, naive, rtol=1e-10)
    active = (few > 0).sum(axis=0) >= 10
    expected = 1 - (shifted < naive).mean(axis=0)
    np.testing.assert_array_equal(found.active, active)
    np.testing.assert_allclose(found.p_value[active], expected[active], atol=1e-12)
    assert np.isnan(found.p_value[3])
    np.testing.assert_array_equal(found.significant, active & (expected < 0.05))


def test_cells_without_places_are_significant_in_one_of_twenty():
    """400 cells that fire at random: 5 % significant, within 4 standard errors (4.4 %)."""
    random = np.random.default_rng(2)
    _, place, _ = poisson_cells(1, 3000)
    found = place_cells(random.poisson(0.05, (3000, 400)), place, shuffles=400)
    assert abs(found.significant.mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)


def test_corrections_take_the_bias_away(population):
    """200 cells of known information, of which the naive mean is 12 % too high.

    Scaled shuffle reduction leaves less than half of that (it takes the bias of a cell with a field
    for proportional to that of one without), extrapolation is within 4 %.
    """
    activity, place, truth = population
    found = corrected_information(activity, place)
    mean = truth.mean()
    bias = found.naive.mean() - mean
    assert bias > 0.1 * mean
    assert abs(found.shuffle_reduction.mean() - mean) < 0.5 * bias
    assert found.extrapolation.mean() == pytest.approx(mean, rel=0.04)
    np.testing.assert_allclose(
        found.naive, spatial_information(*tuning_curves(activity, place)), rtol=1e-10
    )


def test_the_extrapolation_is_the_bounded_fit_of_least_squares():
    """The same squared error as scipy's, from several starts, to a hundredth of it."""
    random = np.random.default_rng(0)
    time = np.linspace(0.1, 1, 10)
    a, b, c = (random.uniform(*span, (40, 1)) for span in ((0.2, 2), (0.2, 4), (0.5, 20)))
    curves = (a + b / (1 + c * time)) + random.normal(0, 0.02, (40, 10))
    limits = bounded_limit(time, curves.T)

    def law(t, a, b, c):
        return a + b / (1 + c * t)

    for curve, limit in zip(curves, limits, strict=True):
        fits = [
            curve_fit(law, time, curve, start, bounds=(0, np.inf), max_nfev=20_000)[0]
            for start in itertools.product([0.1, 1], [1], [1, 10, 100])
        ]
        best = min(fits, key=lambda fit: ((curve - law(time, *fit)) ** 2).sum())
        error = ((curve - law(time, *best)) ** 2).sum()
        # With a at `limit`, the rest fitted, the error is as small as the best.
        again, _ = curve_fit(
            lambda t, b, c, limit=limit: law(t, limit, b, c), time, curve, best[1:],
            bounds=(0, np.inf), max_nfev=20_000,
        )  # fmt: skip
        assert ((curve - law(time, limit, *again)) ** 2).sum() < 1.02 * error + 1e-9


def test_bad_places_and_fractions_are_refused(population):
    activity, place, _ = population
    with pytest.raises(ValueError, match="fractions="):
        corrected_information(activity, place, fractions=np.array([0.25, 0.5, 1.0]))
    four = corrected_information(activity, place, fractions=np.array([0.25, 0.5, 0.75, 1.0]))
    assert np.isfinite(four.naive).any()
    with pytest.raises(ValueError, match="which is none of the bins"):
        tuning_curves(activity, place, np.arange(5, 20))
    with pytest.raises(ValueError, match=r"it must be \(time,\)"):
        place_cells(activity, place[:, None])


PERFECT = np.eye(20)[np.random.default_rng(3).integers(0, 20, 400)]
"""Twenty cells, each active in one of twenty bins and nowhere else; uneven running."""
TRACK = PERFECT.argmax(axis=1)


def test_a_cell_of_one_bin_tells_which_of_the_bins_it_is():
    """log2 of one over the bin's share, the ceiling, by each of the doors."""
    ceiling = -np.log2(np.bincount(TRACK) / TRACK.size)
    np.testing.assert_allclose(place_cells(PERFECT, TRACK).information, ceiling)
    np.testing.assert_allclose(corrected_information(PERFECT, TRACK).naive, ceiling)
    np.testing.assert_allclose(spatial_information(*tuning_curves(PERFECT, TRACK)), ceiling)


@pytest.mark.parametrize("door", [place_cells, corrected_information, tuning_curves])
def test_frames_that_were_dropped_are_left_out(door):
    """Without activity, without place, or without either: as if they were not in the arrays."""
    activity, place = PERFECT.copy(), TRACK.astype(float)
    activity[[7, 8]], place[[8, 9]] = np.nan, np.nan
    kept = np.delete(np.arange(400), [7, 8, 9])
    for ours, expected in zip(door(activity, place), door(PERFECT[kept], TRACK[kept]), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert (place_cells(activity, place).p_value == 0).all()


@pytest.mark.parametrize(
    ("activity", "place", "words"),
    [
        (PERFECT, TRACK[:-20], "activity has 400 rows and place_bin 380 entries"),
        (PERFECT.T, TRACK, "activity has 20 rows .*is it transposed"),
        (PERFECT[:, 0], TRACK, r"activity has the shape \(400,\): it must be \(time, cell\)"),
        (PERFECT - 0.5, TRACK, r"activity\[0, 0\] is -0.5: it must be at least 0"),
        (np.where(PERFECT[:, ::-1] > 0, np.inf, 0), TRACK, "is inf: it must be finite"),
        (
            np.where(PERFECT > 0, np.nan, 0),
            TRACK,
            "is nan: a frame must have numbers for all cells or",
        ),
        (np.ma.masked_equal(PERFECT, 1), TRACK, "activity is a masked array"),
        (PERFECT, TRACK + 0.5, r"place_bin\[0\] is .*: it must be a whole number"),
        (PERFECT, TRACK * 10**9, "place_bin spans .* bins: at most 100000 are possible"),
        (PERFECT, np.full(400, 2**60) + TRACK, "place_bin has integers beyond 2\\^53"),
        (PERFECT, np.full(400, np.nan), "place_bin has 0 time bins with data"),
    ],
)
def test_recordings_that_cannot_be_are_refused(activity, place, words):
    for door in (place_cells, corrected_information):
        with pytest.raises((TypeError, ValueError), match=words):
            door(activity, place)


@pytest.mark.parametrize("level", [5, -0.1, np.nan, "0.05"])
def test_a_level_is_a_probability(level):
    with pytest.raises((TypeError, ValueError), match="level="):
        place_cells(PERFECT, TRACK, level=level)
    assert not place_cells(PERFECT, TRACK, level=0).significant.any()


@pytest.mark.parametrize("per_bin", [1, 4])
def test_on_a_belt_of_constant_speed_whole_laps_tell_nothing(per_bin):
    """Every shift by whole bins turns the map around and leaves the information: p is 1.

    Of a belt that moves a bin in each frame these are all shifts. Where it takes four frames, whole
    bins of activity have as much information as any that shifts leave.
    """
    random = np.random.default_rng(0)
    place = np.tile(np.repeat(np.arange(20), per_bin), 15)
    activity = random.gamma(0.1, 1, (15 * 20, 200)) * random.uniform(0, 1, (15 * 20, 1))
    found = place_cells(np.repeat(activity, per_bin, axis=0), place, shuffles=100)
    assert found.active.all()
    if per_bin == 1:
        assert (found.p_value == 1).all()
    else:  # at least the shifts by whole bins, one in four
        whole = np.random.default_rng(0).integers(1, place.size, 100) % 4 == 0
        assert (found.p_value >= whole.mean()).all()


def test_seeds_and_sizes_of_numpy_are_as_good_as_pythons():
    expected = place_cells(PERFECT, TRACK, shuffles=200, seed=3)
    numbers = {"shuffles": np.uint8(200), "seed": np.int16(3), "minimal_events": np.uint8(10)}
    found = place_cells(PERFECT.astype(np.uint8), TRACK.astype(np.int8), **numbers)
    np.testing.assert_array_equal(found.p_value, expected.p_value)


def test_a_published_session_has_the_known_numbers(public_data):
    """C5M1, first environment and session; tolerances are those of the shuffles' randomness."""
    from drift.datasets import familiar_tracks

    sessions = list(itertools.islice(familiar_tracks.load("C5M1"), 2))
    known = {"right": (250, 193, 1.737, 1.297), "left": (229, 177, 1.810, 1.398)}
    active = []
    for session in sessions:
        cells, significant, naive, reduced = known[session.attrs["direction"]]
        assert session.sizes["cell"] == 569
        activity, place = session.activity.values, session.place_bin.values
        found = place_cells(activity, place)
        active.append(found.active)
        assert found.active.sum() == cells
        assert abs(int(found.significant.sum()) - significant) <= 5
        assert abs(found.information[found.significant].mean() - naive) < 0.01
        corrected = corrected_information(activity[:, found.significant], place)
        assert abs(np.nanmean(corrected.shuffle_reduction) - reduced) < 0.02
    assert (active[0] | active[1]).sum() == 347
