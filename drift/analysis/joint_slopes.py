"""Two slopes of each animal, and one hierarchical model of both over animals and data sets.

The model, for animal a of set s, with b_a its two slopes (of the number of active cells and of the
information, relative to the first session, per session):

    b_a = mean of the set's kind of place (novel or familiar) + u_s + v_a + e_a,

where u_s differs from set to set, v_a from animal to animal, and e_a is the error of the fitted
lines. The covariance of e_a is known from the residuals of the lines, that of v_a is estimated by
the method of moments from animals of the same set, and that of u_s, with the means, by restricted
maximum likelihood. The likelihood is that of the slopes multiplied by the inverse Cholesky factor
of the covariance of v_a + e_a, whose scale is estimated with it (Laird & Ware 1982,
doi:10.2307/2529876; the model of statsmodels' MixedLM). It is maximised here, because a covariance
between sets is often singular at the maximum, where MixedLM stops early or cannot be evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from drift.analysis.paired_slopes import MEASURES, check_labels
from drift.analysis.trends import Trend
from drift.support.array_checks import ROUNDING, check_array, check_flags
from drift.support.checks import check_as_many, check_choice, check_kind

__all__ = ["JointFit", "joint_fit"]

PLACES = ("novel", "familiar")

PERCENT = 100.0
"""Slopes are fitted in percent: the optimiser works on numbers of order one."""

STARTS = np.array([[1.0, 0.0, 1.0], [0.1, 0.1, 0.1], [3.0, -3.0, 0.3]])
"""Lower triangles of the Cholesky factor between sets at which the search begins, in units of what
animals differ by."""


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
        than three sets or only one kind of place, no set has two animals, or slopes do not differ.
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
    white = _whitened(slopes, total, names, is_novel)
    factor = _between_sets(white) if sets_differ else np.zeros((2, 2))
    fitted = _least_squares(factor, white)
    scale = fitted.scale if sets_differ else 1.0
    relative = factor @ factor.T
    smallest, largest = np.linalg.eigvalsh(relative)
    count = np.unique(names).size if sets_differ else len(names)
    return JointFit(
        fitted.means / PERCENT,
        scale * fitted.covariance / PERCENT**2,
        scale * relative / PERCENT**2,
        between_animals / PERCENT**2,
        count - 2,
        sets_differ and bool(smallest < 1e-4 * max(largest, 1.0)),
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


class _Whitened(NamedTuple):
    """Products of what the inverse Cholesky factor of each animal's covariance makes of the model.

    The columns are the design of the four means and, last, the slopes; the units are the two
    columns of the effects of a data set. Sums over all rows, two an animal, or those of a set.

    Parameters
    ----------
    rows : int
    columns : (5, 5) array
        Columns by columns.
    units : (sets, 2, 2) array
        Units by units.
    mixed : (sets, 2, 5) array
        Units by columns.
    """

    rows: int
    columns: np.ndarray
    units: np.ndarray
    mixed: np.ndarray


def _whitened(
    slopes: np.ndarray, covariances: np.ndarray, names: np.ndarray, novel: np.ndarray
) -> _Whitened:
    parts = []
    for animal, (pair, covariance) in enumerate(zip(slopes, covariances, strict=True)):
        if np.linalg.eigvalsh(covariance).min() <= 1e-12 * max(np.trace(covariance), 1e-300):
            raise ValueError(f"covariances of animal {animal} leave a slope without any error.")
        unit = np.eye(2)
        both = np.column_stack([unit * novel[animal], unit * (not novel[animal]), pair, unit])
        parts.append(np.linalg.solve(np.linalg.cholesky(covariance), both))
    white = np.array(parts)  # animals x 2 x 7
    columns = white[:, :, :5].reshape(-1, 5)
    design, whitened_slopes = columns[:, :4], columns[:, 4]
    left = whitened_slopes - design @ np.linalg.lstsq(design, whitened_slopes, rcond=None)[0]
    if np.abs(left).max() <= ROUNDING * np.abs(whitened_slopes).max():
        raise ValueError("slopes are equal for all animals in a kind of place: nothing is random.")
    of_animals = white[:, :, 5:].transpose(0, 2, 1) @ white  # units by columns and units
    of_sets = np.array([of_animals[names == name].sum(axis=0) for name in np.unique(names)])
    return _Whitened(len(columns), columns.T @ columns, of_sets[:, :, 5:], of_sets[:, :, :5])


class _LeastSquares(NamedTuple):
    """Means, their covariance over the scale of the rest, that scale, and how likely it all is.

    The deviance is minus twice the logarithm of the restricted likelihood, but for a constant.
    """

    means: np.ndarray
    covariance: np.ndarray
    scale: float
    deviance: float


def _least_squares(factor: np.ndarray, white: _Whitened) -> _LeastSquares:
    """Generalised least squares, given the covariance between sets over the scale of the rest.

    ``factor`` is its Cholesky factor. By Woodbury's identity one matrix of two rows a data set is
    inverted, which is regular whatever the factor.
    """
    inner = np.eye(2) + factor.T @ white.units @ factor
    mixed = factor.T @ white.mixed
    explained = mixed.transpose(0, 2, 1) @ np.linalg.solve(inner, mixed)
    products = white.columns - explained.sum(axis=0)
    precision, toward = products[:4, :4], products[:4, 4]
    covariance = np.linalg.inv(precision)
    means = covariance @ toward
    freedom = white.rows - len(means)
    scale = float(products[4, 4] - toward @ means) / freedom
    deviance = (
        freedom * np.log(scale)
        + np.linalg.slogdet(inner).logabsdet.sum()
        + np.linalg.slogdet(precision).logabsdet
    )
    return _LeastSquares(means, covariance, scale, float(deviance))


def _between_sets(white: _Whitened) -> np.ndarray:
    """Cholesky factor of the covariance between sets over the scale of the rest.

    Of the largest likelihood, which is smooth in the factor where the covariance is singular too.
    The search begins at several factors, and the best end is kept.
    """

    def lower(entries: np.ndarray) -> np.ndarray:
        return np.array([[entries[0], 0], [entries[1], entries[2]]])

    def deviance(entries: np.ndarray) -> float:
        return _least_squares(lower(entries), white).deviance

    searches = [
        optimize.minimize(deviance, start, jac="3-point", method="BFGS", tol=1e-8)
        for start in STARTS
    ]
    return lower(min(searches, key=lambda search: search.fun).x)
