"""Accuracies with their confidence intervals, by resampling networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.analysis.resampling import Interval, interval_over

__all__ = ["accuracy_interval", "gain_interval"]


def accuracy_interval(
    probabilities: pd.DataFrame, rules: pd.Series, networks: pd.Series
) -> Interval:
    """Accuracy, each rule with equal weight, and its interval.

    Recordings of one network are not independent, so that networks are drawn again, with
    replacement, and not recordings (percentiles of the bootstrap).

    Parameters
    ----------
    probabilities : pandas.DataFrame
        One column a rule.
    rules, networks : pandas.Series
        The right rule and the network of each recording, with the same index.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If the indices differ.
    """
    return _resampled([_counts(probabilities, rules, networks)])


def gain_interval(
    first: pd.DataFrame, second: pd.DataFrame, rules: pd.Series, networks: pd.Series
) -> Interval:
    """By how much the accuracy of the first probabilities is above that of the second.

    Parameters
    ----------
    first, second : pandas.DataFrame
        One column a rule, of the same recordings.
    rules, networks : pandas.Series
        The right rule and the network of each recording, with the same index.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If the indices differ.
    """
    return _resampled([_counts(first, rules, networks), _counts(second, rules, networks)])


def _counts(
    probabilities: pd.DataFrame, rules: pd.Series, networks: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """How many recordings of each network are right, and how many there are: (networks, rules)."""
    if not (probabilities.index.equals(rules.index) and rules.index.equals(networks.index)):
        raise ValueError("probabilities, rules and networks have other indices: pass one table's.")
    right = (probabilities.idxmax(axis=1) == rules).astype(float)
    right_of = right.groupby([networks, rules]).sum().unstack(fill_value=0)
    all_of = right.groupby([networks, rules]).count().unstack(fill_value=0)
    return right_of.to_numpy(float), all_of.to_numpy(float)


def _resampled(counts: list[tuple[np.ndarray, np.ndarray]]) -> Interval:
    def statistic(drawn: np.ndarray) -> float:
        accuracies = [
            (right[drawn].sum(axis=0) / total[drawn].sum(axis=0)).mean() for right, total in counts
        ]
        return accuracies[0] - sum(accuracies[1:])

    return interval_over(len(counts[0][0]), statistic)
