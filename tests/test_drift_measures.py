"""Measures of drift on codes whose drift is known: none, a rotation, turnover, a walk."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import pdist
from scipy.stats import ortho_group, pearsonr, spearmanr

from drift.analysis import drift as measures
from drift.analysis import drift_geometry as geometry
from drift.analysis import unit_drift

SESSIONS, UNITS, CONDITIONS = 5, 40, 12


def random_code(seed=0, sessions=SESSIONS, units=UNITS, conditions=CONDITIONS):
    """Independent responses in each session, all units active."""
    return np.random.default_rng(seed).gamma(1.0, size=(sessions, units, conditions))


@pytest.fixture
def still():
    return np.repeat(random_code(1, sessions=1), SESSIONS, axis=0)


@pytest.fixture
def exchanged():
    """In each session the units exchange their responses: pure turnover, a rotation."""
    first = random_code(2, sessions=1)[0]
    orders = [np.random.default_rng(s).permutation(UNITS) for s in range(SESSIONS)]
    return np.stack([first[order] for order in orders])


def test_a_code_that_stays(still):
    assert measures.map_correlation_by_lag(still) == pytest.approx(np.ones(SESSIONS))
    assert measures.population_correlation_by_lag(still) == pytest.approx(np.ones(SESSIONS))
    assert geometry.dissimilarity_stability(still) == pytest.approx(np.ones(SESSIONS))
    assert not unit_drift.field_shifts(still).any()
    assert unit_drift.turnover(still).deaths == 0
    table = measures.session_statistics(still)
    for name in ("active_share", "information", "mean_rate", "overlap"):
        assert measures.relative_trend(table[name]) == pytest.approx(0, abs=1e-12)
    undefined = (geometry.residual_after_alignment, geometry.drift_participation)
    assert all(np.isnan(measure(still)) for measure in undefined)
    assert np.isnan(geometry.coding_space(still)).all()


def test_units_that_exchange_their_responses(exchanged):
    """Distances between conditions stay, single units do not: a rotation undoes all of it."""
    assert geometry.residual_after_alignment(exchanged) == pytest.approx(0, abs=1e-12)
    assert geometry.dissimilarity_stability(exchanged) == pytest.approx(np.ones(SESSIONS))
    assert np.abs(measures.map_correlation_by_lag(exchanged)[1:]).max() < 0.25


def test_any_rotation_is_undone():
    """Responses far from zero, so that the turned ones are not negative."""
    first = np.random.default_rng(3).normal(size=(6, 9))
    turn = ortho_group.rvs(6, random_state=4)
    shift = 20.0  # of all units and conditions: turned with the code, so it is taken out here
    turned = turn @ first
    code = np.stack([first + shift, turned + shift])
    assert geometry.dissimilarity_stability(code)[1] == pytest.approx(1)
    assert geometry.residual_after_alignment(code) < 0.25


@pytest.mark.parametrize("units", [4, 40])
def test_the_alignment_is_the_best_orthogonal_map(units):
    code = random_code(13, sessions=2, units=units)
    before, after = code[0].T, code[1].T
    turn, _ = orthogonal_procrustes(before, after)
    expected = ((before @ turn - after) ** 2).sum() / ((before - after) ** 2).sum()
    assert geometry.residual_after_alignment(code) == pytest.approx(expected)


def test_independent_sessions_keep_nothing():
    code = random_code(5, sessions=8, units=400)
    by_lag = measures.map_correlation_by_lag(code)
    assert by_lag[0] == pytest.approx(1)
    # Mean over at least 400 units of r from 12 conditions, standard deviation 0.3 each: 0.015.
    assert np.abs(by_lag[1:]).max() < 0.06
    assert measures.curvature([1, 0.5, 0.5, 0.5]) == pytest.approx(0)


def test_correlations_are_the_plain_loops():
    code = random_code(6, sessions=3)
    code[1, 4] = np.nan  # not recorded
    code[2, 7] = 0  # silent
    maps, populations = [], []
    for first, second in ((0, 1), (1, 2)):
        usable = [u for u in range(UNITS) if code[first, u].max() > 0 and code[second, u].max() > 0]
        maps.append(np.mean([pearsonr(code[first, u], code[second, u])[0] for u in usable]))
        known = [u for u in range(UNITS) if u != 4]
        populations.append(
            np.mean([pearsonr(code[first, known, c], code[second, known, c])[0]
                     for c in range(CONDITIONS)])
        )  # fmt: skip
    assert measures.map_correlation_by_lag(code)[1] == pytest.approx(np.mean(maps))
    assert measures.population_correlation_by_lag(code)[1] == pytest.approx(np.mean(populations))


def test_turnover_counts_each_kind():
    """Ten intervals by hand: 1 active, 0 silent, - not recorded."""
    words = ["1101", "0010", "1000", "01-1", "0000"]
    code = np.zeros((4, 5, 2))
    for unit, word in enumerate(words):
        for session, letter in enumerate(word):
            code[session, unit] = {"1": (2.0, 0.0), "0": (0.0, 0.0), "-": (np.nan, np.nan)}[letter]
    found = unit_drift.turnover(code)
    # active units: 1101 lives, dies; 0010 dies; 1000 dies; 01- is not known
    assert found.deaths == pytest.approx(3 / 4)
    # never active: 0010 twice (second time born), 01- born, 0000 three times
    assert found.births == pytest.approx(2 / 6)
    # silent after activity: 1101 returns; 1000 twice not
    assert found.returns == pytest.approx(1 / 3)


def test_statistics_of_a_session_by_hand():
    code = np.zeros((2, 4, 4))
    code[0, 0] = [0, 0, 8, 0]  # two bits
    code[0, 1] = 1  # none
    code[0, 3] = np.nan
    code[1, :2, 0] = 4
    code[1, 3, 1] = 4
    table = measures.session_statistics(code)
    assert table["active_share"].tolist() == pytest.approx([2 / 3, 3 / 4])
    assert table["information"].tolist() == pytest.approx([1, 2])
    assert table["mean_rate"].tolist() == pytest.approx([(2 + 1 + 0) / 3, 3 / 4])
    assert table["overlap"][1] == 1  # units 0 and 1; 3 was not recorded before
    weighted = measures.session_statistics(code, occupancy=[0.125, 0.125, 0.5, 0.25])
    assert weighted["information"][0] == pytest.approx(0.5)


def test_trends_and_curvature_of_known_curves():
    assert measures.relative_trend([3, 2, 1]) == pytest.approx(-1)
    assert measures.relative_trend([2, np.nan, 4, 5]) == pytest.approx(3 / (11 / 3))
    assert np.isnan(measures.relative_trend([1, np.nan]))
    lags = np.arange(6) / 5
    assert measures.curvature(1 - lags + 0.7 * lags**2) == pytest.approx(1.4)
    assert np.isnan(measures.curvature([1, 0.5, 0.4]))


def test_shifts_on_a_track_and_on_a_ring():
    code = np.zeros((2, 3, 10))
    for unit, (before, after) in enumerate([(0, 9), (4, 6), (5, 5)]):
        code[0, unit, before] = code[1, unit, after] = 1
    assert unit_drift.field_shifts(code) == pytest.approx([0.9, 0.2, 0])
    assert unit_drift.field_shifts(code, circular=True) == pytest.approx([0.1, 0.2, 0])


@pytest.mark.parametrize("index", [1.5, 3.0])
def test_the_tail_of_a_pareto_law(index):
    """10,000 large values: Hill's estimate has a standard error of index / 100; five of these."""
    sizes = np.random.default_rng(7).pareto(index, 100_000) + 1
    assert unit_drift.tail_index(sizes) == pytest.approx(index, abs=5 * index / 100)
    assert np.isnan(unit_drift.tail_index(sizes[:50]))


def test_participation_between_one_direction_and_all():
    first = random_code(8, sessions=1, units=20, conditions=6)[0]
    along = np.random.default_rng(9).uniform(0.1, 1, (20, 1)) * np.arange(1, 7)
    one = np.stack([first, first + along])
    assert geometry.drift_participation(one) == pytest.approx(1 / 6)
    equal = np.zeros((20, 6))
    equal[:6] = np.eye(6)
    assert geometry.drift_participation(np.stack([first, first + equal])) == pytest.approx(1)


def test_drift_within_and_across_the_coding_space():
    """Responses vary along the first three units; units 4 and 5 do not vary."""
    centred = np.zeros((5, 6))
    centred[0, :2], centred[1, 2:4], centred[2, 4:] = (3, -3), (2, -2), (1, -1)
    first = centred + 10
    inside, outside = first.copy(), first.copy()
    inside[0] += 1
    outside[4] += 1
    within = geometry.coding_space(np.stack([first, inside]))
    assert within.share_within == pytest.approx(1)
    ratio = (9 + 4 + 1) ** 2 / (81 + 16 + 1)  # 2.0 directions
    assert within.share_by_chance == pytest.approx(np.sqrt(np.ceil(ratio) / 5))
    assert geometry.coding_space(np.stack([first, outside])).share_within == pytest.approx(0)


def test_drift_towards_the_largest_variance_has_a_negative_slope():
    centred = np.zeros((8, 16))
    for unit in range(8):
        centred[unit, 2 * unit : 2 * unit + 2] = (1 + 0.1 * unit) * np.array([1, -1])
    moved = np.linspace(0.1, 1, 8)[:, None]
    both = np.stack([centred + 5, centred + 5 + moved])
    assert geometry.coding_space(both).angle_slope == pytest.approx(-1)
    away = np.stack([centred + 5, centred + 5 + moved[::-1]])
    assert geometry.coding_space(away).angle_slope == pytest.approx(1)


def plainly_neighbouring(code):
    """Responses (condition, unit) before and after, of units recorded in both, active in one."""
    for before, after in itertools.pairwise(code):
        counts = [
            np.isfinite(before[unit]).all()
            and np.isfinite(after[unit]).all()
            and (before[unit].any() or after[unit].any())
            for unit in range(len(before))
        ]
        yield before[counts].T, after[counts].T


def test_geometry_of_cells_recorded_in_part_is_the_plain_loops():
    """Some units are missing in some sessions, some are silent in two."""
    code = random_code(21, sessions=4, units=9)
    code[1, :2] = code[3, 4] = np.nan
    code[:2, 6] = code[2:, 7] = 0
    left, total, spread, spaces = 0.0, 0.0, [], []
    for before, after in plainly_neighbouring(code):
        turn, _ = orthogonal_procrustes(before, after)
        left += ((before @ turn - after) ** 2).sum()
        total += ((before - after) ** 2).sum()
        change = np.linalg.eigvalsh((after - before).T @ (after - before))
        spread.append(change.sum() ** 2 / (change**2).sum() / min(before.shape))

        variances, directions = np.linalg.eigh(np.cov(before.T))
        variances, directions = variances[::-1], directions[:, ::-1]
        dimensions = int(np.ceil(variances.sum() ** 2 / (variances**2).sum()))
        drift = (after - before).mean(axis=0)
        cosines = np.abs(drift @ directions[:, :dimensions]) / np.linalg.norm(drift)
        slope = spearmanr(np.arccos(cosines), variances[:dimensions]).statistic
        chance = np.sqrt(dimensions / before.shape[1])
        spaces.append((np.linalg.norm(cosines), chance, slope))
    assert geometry.residual_after_alignment(code) == pytest.approx(left / total)
    assert geometry.drift_participation(code) == pytest.approx(np.mean(spread))
    assert geometry.coding_space(code) == pytest.approx(np.mean(spaces, axis=0))

    by_lag = [[] for _ in code]
    for first in range(4):
        for second in range(first, 4):
            both = np.isfinite(code[[first, second]]).all(axis=(0, 2))
            distances = [pdist(code[at, both].T) for at in (first, second)]
            by_lag[second - first].append(pearsonr(*distances).statistic)
    wanted = [np.mean(values) for values in by_lag]
    np.testing.assert_allclose(geometry.dissimilarity_stability(code), wanted)


def test_stability_follows_activity_where_it_is_made_to():
    random = np.random.default_rng(11)
    shapes = random.gamma(1.0, size=(30, 200))
    rates = np.geomspace(1, 30, 30)[:, None]
    noise = random.gamma(1.0, size=(2, 30, 200))
    code = rates * shapes + 3 * noise  # the more active, the less noise relative to it
    kept = [pearsonr(*unit)[0] for unit in code.transpose(1, 0, 2)]
    expected = spearmanr(kept, code[0].mean(axis=1)).statistic
    found = unit_drift.stability_dependence(code)
    assert found.activity == pytest.approx(expected) and expected > 0.9
    alike = np.round(np.corrcoef(code[0]) - 2 * np.eye(30), 12)  # pairs alike have equal ranks
    assert found.redundancy == pytest.approx(spearmanr(kept, alike.max(axis=1)).statistic)


ALL = (
    lambda code: measures.session_statistics(code)[["active_share", "information", "overlap"]],
    lambda code: measures.relative_trend(measures.session_statistics(code)["mean_rate"]),
    measures.map_correlation_by_lag,
    measures.population_correlation_by_lag,
    unit_drift.field_shifts,
    unit_drift.turnover,
    geometry.dissimilarity_stability,
    geometry.residual_after_alignment,
    geometry.drift_participation,
    geometry.coding_space,
    unit_drift.stability_dependence,
)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-8, 8))
def test_no_measure_has_a_unit_of_rate_or_an_order_of_units(seed, power):
    """Of codes in which a third of the responses are zero."""
    random = np.random.default_rng(seed)
    code = np.maximum(random.normal(0.4, 1, (3, 5, 4)), 0)
    order = np.random.default_rng(12).permutation(5)
    for measure in ALL:
        once = np.asarray(measure(code), float)
        np.testing.assert_allclose(measure(code * 2.0**power), once, atol=1e-9)
        if measure is not unit_drift.field_shifts:
            np.testing.assert_allclose(measure(code[:, order]), once, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda code: code[0], "has the shape"),
        (lambda code: code[:1], "at least two sessions"),
        (lambda code: -code, "negative"),
        (lambda code: np.where(code > 2, np.inf, code), "infinite"),
        (lambda code: np.where(code > 2, np.nan, code), "for some conditions only"),
        (lambda code: np.ma.masked_greater(code, 2), "masked"),
    ],
)
def test_responses_that_are_none_are_refused(change, message):
    for measure in ALL:
        with pytest.raises(ValueError, match=message):
            measure(change(random_code()))
