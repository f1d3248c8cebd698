"""What a run is asked to measure: functions by their names, and when a unit counts as active."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from drift.analysis import hessian
from drift.network import find_activation
from drift.simulation.measures import MEASURES, Measure, hessian_trace
from drift.support.checks import about, check_choice, check_kind, check_number, check_several

__all__ = ["activity_threshold", "named_measures"]

OF_SPARSITY = ("active_fraction", "fraction_active_units")
"""Measures that need to know when a unit counts as active."""


def named_measures(measures: Iterable[str | Measure]) -> dict[str, Measure]:
    """Functions by the names under which they are recorded.

    Parameters
    ----------
    measures : iterable of str or functions
        Names in :data:`~drift.simulation.measures.MEASURES`, or functions of an ``Observation``,
        recorded under their own names.

    Returns
    -------
    dict of str to function
        In the order of ``measures``.

    Raises
    ------
    TypeError, ValueError
        If ``measures`` is no list, a name is unknown or given twice, or a function has no proper
        name.
    """
    found: dict[str, Measure] = {}
    for one in check_several("measures", measures, "names or functions"):
        if callable(one):
            name = getattr(one, "__name__", type(one).__name__)
        else:
            name = check_choice("measures", one, MEASURES)
        if not name.isidentifier():
            raise about("measures", ValueError(f"measures: {name} is no name: define a function."))
        if name in found:
            raise about("measures", ValueError(f"measures has {name!r} twice: give it once."))
        found[name] = one if callable(one) else MEASURES[name]
    return found


def activity_threshold(
    measures: Collection[Measure], activation: str, threshold: float | None
) -> float:
    """The threshold of activity, checked against what the measures need.

    A rectified linear unit can be exactly silent, and its threshold is 0. Units with other
    activation functions cannot, and how many count as active depends on a threshold that has to be
    chosen. The Hessian is that of piecewise linear units.

    Parameters
    ----------
    measures : collection of functions
        What is to be recorded, as :func:`named_measures` has it.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.
    threshold : float or None
        The threshold asked for, at least 0.

    Returns
    -------
    float
        The threshold asked for, else 0.

    Raises
    ------
    TypeError
        If the threshold is not a number, or a measure is not a function.
    ValueError
        If the threshold is negative or not finite, or missing where a measure of sparsity needs it;
        if the activation function is unknown, or curved where ``hessian_trace`` is wanted.
    """
    units = find_activation(activation)
    measures = [
        check_kind("measures", one, Callable)
        for one in check_several("measures", measures, "functions")
    ]
    if hessian_trace in measures:
        hessian.check_activation(activation)
    if threshold is not None:
        return check_number("active_threshold", threshold)
    needing = [name for name in OF_SPARSITY if MEASURES[name] in measures]
    if needing and not units.can_be_silent:
        problem = (
            f"with activation {activation!r} no unit is ever exactly silent, so that "
            f"{', '.join(needing)} would be 1 throughout: pass active_threshold, the size of "
            "activity that counts, 0.01 for example."
        )
        raise about("activation", ValueError(problem))
    return 0.0
