"""Two slopes an animal and their hierarchical model, by closed forms and an own likelihood."""

import warnings

import numpy as np
import pytest
from scipy import linalg, optimize, stats
from statsmodels.regression.mixed_linear_model import MixedLM

from drift.analysis import joint_slopes
from drift.analysis.joint_slopes import joint_fit
from drift.analysis.paired_slopes import PairedSlopes, paired_slopes, slope_covariances
from drift.results import joint_tests, tables

TIME = np.arange(1.0, 7)


# Lines of one animal


def test_slopes_are_relative_to_the_first_session_with_both_measures():
    cells = np.array([[np.nan, 50, 60, 70, 80, 90], [10, 9, 8, np.nan, 6, 5]])
    information = np.array([[9, 2, 3, 4, 5, 6.0], [1, 1, 1, 7, 1, 1]])
    found = paired_slopes(TIME, cells, information)
    np.testing.assert_allclose(found.slopes, [[0.2, 0.5], [-0.1, 0]], atol=1e-12)
    np.testing.assert_allclose(found.residuals, 0, atol=1e-12)
    assert found.freedom.tolist() == [3, 3]
    np.testing.assert_allclose(found.spread, [10, 5 * np.var([1, 2, 3, 5, 6])])


def test_slopes_and_residuals_are_those_of_polyfit():
    random = np.random.default_rng(0)
    cells, information = random.uniform(1, 2, (2, 3, 6))
    found = paired_slopes(TIME, cells, information)
    for animal in range(3):
        left = []
        for column, values in enumerate((cells[animal], information[animal])):
            relative = values / values[0]
            line = np.polyfit(TIME, relative, 1)
            assert found.slopes[animal, column] == pytest.approx(line[0])
            left.append(relative - np.polyval(line, TIME))
        np.testing.assert_allclose(found.residuals[animal], np.array(left) @ np.transpose(left))


def test_covariance_of_the_errors_is_that_of_many_repeated_experiments():
    """4000 animals with one law of noise: within 8 % of the spread of their slopes."""
    random = np.random.default_rng(1)
    noise = np.array([[0.04, 0.01], [0.01, 0.02]])
    errors = random.multivariate_normal([0, 0], noise, (4000, 6))
    # The first session is without noise, so that what it divides by is the same.
    errors[:, 0] = 0
    cells, information = 1 + errors[:, :, 0], 1 + errors[:, :, 1]
    later = slice(1, None)
    cells, information = cells[:, later], information[:, later]
    cells = np.hstack([np.ones((4000, 1)), cells])[:, later]
    found = paired_slopes(TIME[later], cells, information)
    scaled = found.slopes * np.stack([cells[:, 0], information[:, 0]], axis=1)
    spread = np.cov(scaled.T)
    expected = noise / ((TIME[later] - TIME[later].mean()) ** 2).sum()
    np.testing.assert_allclose(spread, expected, rtol=0.1)
    pooled = found._replace(residuals=found.residuals * _outer(cells, information))
    names = np.full(4000, "one")
    np.testing.assert_allclose(slope_covariances(pooled, names)[0], spread, rtol=0.08)


def _outer(cells, information):
    first = np.stack([cells[:, 0], information[:, 0]], axis=1)
    return first[:, :, None] * first[:, None, :]


def test_residuals_are_pooled_within_a_set_only():
    found = PairedSlopes(
        np.zeros((3, 2)), np.array([np.eye(2), 3 * np.eye(2), 50 * np.eye(2)]),
        np.array([2, 2, 5]), np.array([1.0, 2.0, 10.0]),
    )  # fmt: skip
    covariances = slope_covariances(found, ["a", "a", "b"])
    for animal, expected in enumerate((1.0, 0.5, 1.0)):
        np.testing.assert_allclose(covariances[animal], expected * np.eye(2))


@pytest.mark.parametrize(
    ("cells", "information", "message"),
    [
        ([[1, np.nan, 2, np.nan, np.nan, 3]], [[np.nan, 1, 2, 3, 4, 5]], "2 sessions in common"),
        ([[0, 1, 2, 3, 4, 5]], [[1, 1, 2, 3, 4, 5]], "begins with 0"),
        ([[1, 2, 3]], [[1, 2, 3]], "a row of active_cells has 3"),
    ],
)
def test_animals_without_two_slopes_are_refused(cells, information, message):
    with pytest.raises(ValueError, match=message):
        paired_slopes(TIME, cells, information)


# The hierarchical model

SIZES = {"a": (9, True), "b": (4, True), "c": (8, False), "d": (9, False), "e": (2, False)}


def experiment(random, means, between_sets, between_animals, error=0.01):
    """Slopes, covariances, sets and kinds of place, from the model's own law."""
    names = np.repeat(list(SIZES), [size for size, _ in SIZES.values()])
    novel = np.array([SIZES[name][1] for name in names])
    covariances = np.array([error**2 * np.array([[1, 0.3], [0.3, 2]])] * len(names))
    shift = {name: random.multivariate_normal([0, 0], between_sets) for name in SIZES}
    slopes = np.where(novel[:, None], means[:2], means[2:])
    slopes = slopes + np.array([shift[name] for name in names])
    slopes += random.multivariate_normal([0, 0], between_animals, len(names))
    slopes += np.array([random.multivariate_normal([0, 0], one) for one in covariances])
    return slopes, covariances, names, novel


MEANS = np.array([-0.012, 0.03, 0.0, 0.0])
BETWEEN_SETS = np.array([[1e-4, -0.5e-4], [-0.5e-4, 4e-4]])
BETWEEN_ANIMALS = np.array([[1e-4, 0], [0, 2e-4]])


def restricted_likelihood(factor, slopes, covariances, names, novel):
    """Means and minus twice the REML likelihood, profiled over a scale of the rest."""
    set_factor = np.array([[factor[0], 0], [factor[1], factor[2]]])
    of_sets = set_factor @ set_factor.T
    rows = len(slopes) * 2
    rest, sets = np.zeros((rows, rows)), np.zeros((rows, rows))
    design = np.zeros((rows, 4))
    for i, name in enumerate(names):
        design[2 * i : 2 * i + 2, (0 if novel[i] else 2) : (2 if novel[i] else 4)] = np.eye(2)
        rest[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = covariances[i]
        for j, other in enumerate(names):
            if name == other:
                sets[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = of_sets
    total = rest + sets  # in units of the scale
    weighted = np.linalg.solve(total, design)
    of_means = design.T @ weighted
    means = np.linalg.solve(of_means, weighted.T @ slopes.ravel())
    left = slopes.ravel() - design @ means
    scale = left @ np.linalg.solve(total, left) / (rows - 4)
    value = (
        (rows - 4) * np.log(scale) + np.linalg.slogdet(total)[1] + np.linalg.slogdet(of_means)[1]
    )
    return value, means, scale * of_sets, scale * np.linalg.inv(of_means)


def test_the_fit_maximises_the_restricted_likelihood():
    """By a likelihood written out whole, without whitening, and a search from three starts."""
    slopes, errors, names, novel = made_up_slopes()
    found = joint_fit(slopes, errors, names, novel)
    assert not found.at_boundary
    given = (100 * slopes, 1e4 * (errors + found.between_animals), names, novel)
    searches = [
        optimize.minimize(lambda f: restricted_likelihood(f, *given)[0], start, method="BFGS")
        for start in np.random.default_rng(0).normal(size=(3, 3))
    ]
    best = min(searches, key=lambda search: search.fun)
    _, means, of_sets, of_means = restricted_likelihood(best.x, *given)
    np.testing.assert_allclose(found.means, means / 100, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(found.between_sets, of_sets / 1e4, rtol=0.01, atol=1e-7)
    np.testing.assert_allclose(found.covariance, of_means / 1e4, rtol=0.01, atol=1e-8)


def shipped_slopes():
    """As the chapter chooses them; the likelihood is largest where sets do not differ."""
    rows = joint_tests.chosen_slopes(tables.load_table("signature-slopes"), {})
    found = joint_tests.paired(rows)
    names = rows["set"].to_numpy(str)
    novel = (rows["place"] == "novel").to_numpy()
    return found.slopes, slope_covariances(found, names), names, novel


def made_up_slopes():
    return experiment(np.random.default_rng(3), MEANS, BETWEEN_SETS, BETWEEN_ANIMALS)


def by_mixedlm(slopes, errors, names, novel, between_animals):
    """Its covariance between sets, and the scale of the rest."""
    rows = []
    for pair, error, is_novel in zip(100 * slopes, errors, novel, strict=True):
        inverse = np.linalg.inv(np.linalg.cholesky(1e4 * (error + between_animals)))
        design = np.hstack([np.eye(2) * is_novel, np.eye(2) * (not is_novel)])
        rows.append(inverse @ np.column_stack([pair, design, np.eye(2)]))
    white = np.vstack(rows)
    model = MixedLM(white[:, 0], white[:, 1:5], np.repeat(names, 2), white[:, 5:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge is what is compared
        fitted = model.fit(reml=True)
    return np.asarray(fitted.cov_re), fitted.scale


def deviance(of_sets, scale, *given):
    root = linalg.cholesky(of_sets / scale + 1e-9 * np.eye(2), lower=True)
    return restricted_likelihood(root[np.tril_indices(2)], *given)[0]


@pytest.mark.parametrize(("made", "singular"), [(made_up_slopes, False), (shipped_slopes, True)])
def test_statsmodels_finds_the_same_or_a_lower_likelihood(made, singular):
    """The same where the covariance between sets is regular; its search stops early elsewhere."""
    slopes, errors, names, novel = made()
    found = joint_fit(slopes, errors, names, novel)
    assert found.at_boundary == singular
    of_sets, scale = by_mixedlm(slopes, errors, names, novel, found.between_animals)
    given = (100 * slopes, 1e4 * (errors + found.between_animals), names, novel)
    ours = optimize.minimize_scalar(
        lambda scale: deviance(1e4 * found.between_sets, scale, *given), bounds=(0.2, 5)
    ).fun
    gain = deviance(of_sets, scale, *given) - ours
    if singular:
        assert gain > 1e-3
    else:
        assert abs(gain) < 1e-6
        np.testing.assert_allclose(1e4 * found.between_sets, of_sets, rtol=0.01)


@pytest.mark.parametrize("made", [made_up_slopes, shipped_slopes])
def test_the_fit_does_not_depend_on_where_the_search_begins(made, monkeypatch):
    """Twenty random starts in place of the fixed ones."""
    found = joint_fit(*made())
    starts = np.random.default_rng(1).normal(0, 3, (20, 3))
    monkeypatch.setattr(joint_slopes, "STARTS", starts)
    other = joint_fit(*made())
    np.testing.assert_allclose(other.means, found.means, rtol=1e-6)
    np.testing.assert_allclose(other.covariance, found.covariance, rtol=1e-6, atol=1e-12)
    # In units of what animals differ by, about 1e-4.
    np.testing.assert_allclose(other.between_sets, found.between_sets, rtol=1e-4, atol=1e-10)


def test_animals_of_one_set_tell_how_animals_differ():
    """Pooled within sets, less the known errors; in the mean over 150 experiments to 10 %."""
    random = np.random.default_rng(4)
    found = np.zeros((2, 2))
    for _ in range(150):
        given = experiment(random, MEANS, BETWEEN_SETS, BETWEEN_ANIMALS)
        found += joint_fit(*given, sets_differ=False).between_animals / 150
    assert found[0, 0] == pytest.approx(1e-4, rel=0.1)
    assert found[1, 1] == pytest.approx(2e-4, rel=0.1)
    assert abs(found[0, 1]) < 2e-5


def test_without_sets_it_is_weighted_least_squares_with_animals_as_units():
    random = np.random.default_rng(5)
    slopes, errors, names, novel = experiment(random, MEANS, np.zeros((2, 2)), BETWEEN_ANIMALS)
    found = joint_fit(slopes, errors, names, novel, sets_differ=False)
    assert found.freedom == len(slopes) - 2
    # All animals have one covariance here, so that means are weighted alike.
    expected = np.append(slopes[novel].mean(axis=0), slopes[~novel].mean(axis=0))
    np.testing.assert_allclose(found.means, expected, rtol=1e-9)
    total = errors[0] + found.between_animals
    np.testing.assert_allclose(found.covariance[:2, :2], total / novel.sum(), rtol=1e-9)
    trend = found.effect("novel", "information")
    half = stats.t.ppf(0.975, len(slopes) - 2) * np.sqrt(total[1, 1] / novel.sum())
    assert (trend.high - trend.low) / 2 == pytest.approx(half)


def test_animals_may_differ_more_in_one_kind_of_place():
    """Each kind of place is then fitted as if it were alone, with its own spread of animals."""
    random = np.random.default_rng(9)
    slopes, errors, names, novel = experiment(random, MEANS, np.zeros((2, 2)), BETWEEN_ANIMALS)
    slopes += random.normal(0, np.where(novel, 0.06, 0.03)[:, None], slopes.shape)
    found = joint_fit(slopes, errors, names, novel, sets_differ=False, spread_by_place=True)
    for place, members in enumerate((novel, ~novel)):
        products, freedom = np.zeros((2, 2)), 0
        for name in np.unique(names[members]):
            left = slopes[names == name] - slopes[names == name].mean(axis=0)
            products += left.T @ left
            freedom += len(left) - 1
        # Errors are the same for all: pooled, they and the animals' spread are the residuals'.
        own = products / freedom / members.sum()
        at = slice(2 * place, 2 * place + 2)
        np.testing.assert_allclose(found.covariance[at, at], own, rtol=1e-9)
        np.testing.assert_allclose(found.means[at], slopes[members].mean(axis=0), rtol=1e-9)


@pytest.mark.long
def test_intervals_hold_what_they_promise():
    """100 experiments: 95 % intervals hold the truth in 87 to 100 % (four standard errors: 9 %)."""
    random = np.random.default_rng(6)
    hits = np.zeros(3)
    for _ in range(100):
        fit = joint_fit(*experiment(random, MEANS, BETWEEN_SETS, BETWEEN_ANIMALS))
        for k, (place, measure, truth) in enumerate(
            (("novel", "active_cells", -0.012), ("familiar", "information", 0.0),
             ("difference", "information", 0.03))
        ):  # fmt: skip
            trend = fit.effect(place, measure)
            hits[k] += (trend.low <= truth <= trend.high) / 100
    assert (hits >= 0.87).all()


def test_effects_are_means_and_their_difference():
    random = np.random.default_rng(7)
    fit = joint_fit(*experiment(random, MEANS, BETWEEN_SETS, BETWEEN_ANIMALS))
    for column, measure in enumerate(("active_cells", "information")):
        new, known = (fit.effect(place, measure) for place in ("novel", "familiar"))
        assert (new.slope, known.slope) == (fit.means[column], fit.means[2 + column])
        difference = fit.effect("difference", measure)
        assert difference.slope == pytest.approx(new.slope - known.slope)
        variance = (fit.covariance[column, column] + fit.covariance[2 + column, 2 + column]
                    - 2 * fit.covariance[column, 2 + column])  # fmt: skip
        half = stats.t.ppf(0.975, 3) * np.sqrt(variance)
        assert difference.high - difference.slope == pytest.approx(half)
    with pytest.raises(ValueError, match="place='new' is unknown"):
        fit.effect("new", "information")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sets": np.repeat(["a", "b"], 16), "novel": np.arange(32) < 16}, "sets has 2 data sets"),
        ({"novel": np.ones(32, bool)}, "of 1 kinds of place"),
        ({"novel": np.arange(32) % 2 == 0}, "novel differs within the set 'a'"),
        ({"sets": [str(number) for number in range(32)]}, "one animal in each set"),
        ({"slopes": np.zeros((32, 3))}, "slopes has 3 columns"),
        ({"slopes": np.full((32, 2), 0.1)}, "slopes are equal for all animals"),
        ({"slopes": np.zeros((32, 2)), "covariances": np.zeros((32, 2, 2))}, "without any error"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    random = np.random.default_rng(8)
    slopes, errors, names, novel = experiment(random, MEANS, BETWEEN_SETS, BETWEEN_ANIMALS)
    given = {"slopes": slopes, "covariances": errors, "sets": names, "novel": novel} | change
    with pytest.raises(ValueError, match=message):
        joint_fit(**given)
