"""Two slopes of each animal, and one hierarchical model of both over animals and data sets.

The model, for animal a of set s, with b_a its two slopes (of the number of active cells and of the
information, relative to the first session, per session):

    b_a = mean of the set's kind of place (novel or familiar) + u_s + v_a + e_a,

where u_s differs from set to set, v_a from animal to animal, and e_a is the error of the fitted
lines. The covariance of e_a is known from the residuals of the lines, that of v_a is estimated by
the method of moments from animals of the same set, and that of u_s, with the means, by restricted
maximum likelihood (statsmodels' MixedLM on the slopes multiplied by the inverse Cholesky factor of
the covariance of v_a + e_a).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.linalg import solve_triangular

from drift.analysis.paired_slopes import MEASURES, check_labels
from drift.analysis.trends import Trend
from drift.support.array_checks import check_array, check_flags
from drift.support.checks import check_as_many, check_choice, check_kind

__all__ = ["JointFit", "joint_fit"]

PLACES = ("novel", "familiar")

PERCENT = 100.0
"""Slopes are fitted in percent: the optimiser works on numbers of order one."""


class JointFit(NamedTuple):
    """Means of both slopes in both kinds of place, with what they are uncertain by.

    Parameters
    ----------
    means : (4,) array
        Novel active cells and information, then familiar ones; relative change per session.
    covariance : (4, 4) array
        Of the errors of the means.
    between_sets, between_animals : (2, 2) array
        Covariances of u and v; that of v over both kinds of place.
    freedom : int
        Degrees of freedom of Student's t: data sets less two, or animals less two.
    at_boundary : bool
        Whether the likelihood is largest where a variance between sets is zero.
    """

    means: np.ndarray
    covariance: np.ndarray
    between_sets: np.ndarray
    between_animals: np.ndarray
    freedom: int
    at_boundary: bool

    def effect(self, place: str, measure: str) -> Trend:
        """One of the means, or the difference of two, with its interval by Student's t.

        Parameters
        ----------
        place : {"novel", "familiar", "difference"}
            The difference is novel less familiar.
        measure : {"active_cells", "information"}

        Returns
        -------
        Trend
            ``animals`` are the degrees of freedom and two.

        Raises
        ------
        ValueError
            If there is no such place or measure.
        """
        check_choice("place", place, (*PLACES, "difference"))
        at = MEASURES.index(check_choice("measure", measure, MEASURES))
        weights = np.zeros(4)
        weights[at] = place != "familiar"
        weights[2 + at] = {"novel": 0, "familiar": 1, "difference": -1}[place]
        mean = float(weights @ self.means)
        error = float(np.sqrt(weights @ self.covariance @ weights))
        half = float(stats.t.ppf(0.975, self.freedom)) * error
        p_value = 2 * float(stats.t.sf(abs(mean) / error, self.freedom))
        return Trend(mean, mean - half, mean + half, p_value, self.freedom + 2)


def joint_fit(
    slopes: np.ndarray,
    covariances: np.ndarray,
    sets: Sequence[str] | np.ndarray,
    novel: ArrayLike,
    *,
    sets_differ: bool = True,
    spread_by_place: bool = False,
) -> JointFit:
    """Fit the hierarchical model of this module's head.

    Parameters
    ----------
    slopes : (animals, 2) array
        In the order of :data:`~drift.analysis.paired_slopes.MEASURES`.
    covariances : (animals, 2, 2) array
        Of their errors, as of :func:`~drift.analysis.paired_slopes.slope_covariances`.
    sets : (animals,) sequence of str
        The data set of each animal.
    novel : (animals,) sequence of bool
        Whether its places were new; the same for all animals of a set.
    sets_differ : bool
        Whether sets differ beyond their animals (u above); otherwise animals are independent.
    spread_by_place : bool
        Whether animals differ in novel places otherwise than in familiar ones; by default alike.

    Returns
    -------
    JointFit

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit each other, a set is both novel and familiar, there are fewer
        than three sets or only one kind of place, or no set has two animals.
    """
    slopes = PERCENT * check_array("slopes", slopes, ("animals", "measures"))
    if slopes.shape[1] != 2:
        raise ValueError(f"slopes has {slopes.shape[1]} columns: one for each of two measures.")
    errors = PERCENT**2 * check_array("covariances", covariances, (len(slopes), 2, 2))
    names = check_labels("sets", sets, len(slopes), "slopes")
    is_novel = _kinds(novel, names)
    check_kind("sets_differ", sets_differ, bool)
    check_kind("spread_by_place", spread_by_place, bool)
    between_animals = _between_animals(slopes, errors, names)
    total = errors + between_animals
    if spread_by_place:
        for members in (is_novel, ~is_novel):
            own = _between_animals(slopes[members], errors[members], names[members])
            total[members] = errors[members] + own
    white_slopes, white_design, white_unit = _whitened(slopes, total, is_novel)
    between_sets, scale, at_boundary = np.zeros((2, 2)), 1.0, False
    if sets_differ:
        between_sets, scale, at_boundary = _between_sets(
            white_slopes, white_design, white_unit, np.repeat(names, 2)
        )
    covariance = scale * np.eye(len(white_slopes))
    for name in np.unique(names):
        rows = np.flatnonzero(np.repeat(names, 2) == name)
        covariance[np.ix_(rows, rows)] += white_unit[rows] @ between_sets @ white_unit[rows].T
    weighted = np.linalg.solve(covariance, white_design)
    of_means = np.linalg.inv(white_design.T @ weighted)
    means = of_means @ (weighted.T @ white_slopes)
    count = np.unique(names).size if sets_differ else len(names)
    return JointFit(
        means / PERCENT,
        of_means / PERCENT**2,
        between_sets / PERCENT**2,
        between_animals / PERCENT**2,
        count - 2,
        at_boundary,
    )


def _kinds(novel: ArrayLike, names: np.ndarray) -> np.ndarray:
    kinds = check_flags("novel", novel, ("animals",))
    check_as_many("novel", kinds.size, "slopes", names.size, "animals")
    for name in np.unique(names):
        if np.unique(kinds[names == name]).size > 1:
            raise ValueError(f"novel differs within the set {str(name)!r}: a set is of one kind.")
    if np.unique(names).size < 3 or np.unique(kinds).size < 2:
        raise ValueError(
            f"sets has {np.unique(names).size} data sets, of {np.unique(kinds).size} kinds of "
            "place: at least three are needed, of both kinds (novel and familiar)."
        )
    return kinds


def _between_animals(slopes: np.ndarray, errors: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Pooled covariance of slopes within sets, less that of their errors; not negative."""
    products, expected, freedom = np.zeros((2, 2)), np.zeros((2, 2)), 0
    for name in np.unique(names):
        members = names == name
        count = int(members.sum())
        left = slopes[members] - slopes[members].mean(axis=0)
        products += left.T @ left
        expected += (1 - 1 / count) * errors[members].sum(axis=0)
        freedom += count - 1
    if freedom == 0:
        raise ValueError("sets has one animal in each set: how animals differ is not known.")
    sizes, directions = np.linalg.eigh((products - expected) / freedom)
    return (directions * np.maximum(sizes, 0)) @ directions.T


def _whitened(
    slopes: np.ndarray, covariances: np.ndarray, novel: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, design and unit matrix of each animal, times the inverse factor of its covariance."""
    rows = []
    for animal, (pair, covariance, is_novel) in enumerate(
        zip(slopes, covariances, novel, strict=True)
    ):
        if np.linalg.eigvalsh(covariance).min() <= 1e-12 * max(np.trace(covariance), 1e-300):
            raise ValueError(f"covariances of animal {animal} leave a slope without any error.")
        factor = np.linalg.cholesky(covariance)
        design = np.hstack([np.eye(2) * is_novel, np.eye(2) * (not is_novel)])
        both = np.column_stack([pair, design, np.eye(2)])
        rows.append(solve_triangular(factor, both, lower=True))
    white = np.vstack(rows)
    return white[:, 0], white[:, 1:5], white[:, 5:]


def _between_sets(
    slopes: np.ndarray, design: np.ndarray, unit: np.ndarray, names: np.ndarray
) -> tuple[np.ndarray, float, bool]:
    """Covariance between sets, the scale of the whitened rest, and whether a variance is zero."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        # Of variances that go to zero; said by the result.
        warnings.simplefilter("ignore")
        fitted = MixedLM(slopes, design, groups=names, exog_re=unit).fit(reml=True)
    sizes, directions = np.linalg.eigh(np.asarray(fitted.cov_re))
    positive = np.maximum(sizes, 0)
    at_boundary = bool(positive.min() < 1e-4 * max(positive.max(), float(fitted.scale)))
    return (directions * positive) @ directions.T, float(fitted.scale), at_boundary
