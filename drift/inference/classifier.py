"""Telling learning rules apart: a calibrated forest, judged on tasks, widths and speeds held out.

A table of recordings is a ``DataFrame`` with a column for each feature
(:data:`~drift.inference.drift_features.FEATURES`), ``rule``, the class, and ``network``, the number
of the network that was recorded. Recordings of one network are never split between training and
test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, StratifiedGroupKFold

from drift.inference.drift_features import FEATURES
from drift.support.array_checks import check_columns
from drift.support.machine import available_cores

__all__ = [
    "accuracy",
    "calibration_error",
    "held_out",
    "importance_of_groups",
    "train",
]

TREES = 300
LEAVES = {"min_samples_leaf": [2, 5, 15]}
"""What the inner cross-validation chooses from."""

FOLDS = 4
"""Parts of the inner cross-validations, of choice and of calibration."""


def train(
    table: pd.DataFrame, names: Sequence[str] = tuple(FEATURES), seed: int = 0
) -> CalibratedClassifierCV:
    """A forest of extremely randomised trees with calibrated probabilities.

    The size of leaves is chosen, and the probabilities are calibrated by logistic regression
    (Platt), on networks that the trees have not seen.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings, see above; NaN features are allowed.
    names : sequence of str
        The features to use.
    seed : int

    Returns
    -------
    sklearn.calibration.CalibratedClassifierCV
        Trained; its ``classes_`` are the rules.

    Raises
    ------
    ValueError
        If a column is missing or a rule has fewer than four networks.
    """
    _check_table(table, names)
    values, rules, networks = table[list(names)].to_numpy(), table["rule"], table["network"]
    forest = ExtraTreesClassifier(
        TREES, class_weight="balanced", random_state=seed, n_jobs=available_cores()
    )
    folds = list(StratifiedGroupKFold(FOLDS).split(values, rules, networks))
    search = GridSearchCV(forest, LEAVES, scoring="neg_log_loss", cv=folds, refit=False)
    chosen = search.fit(values, rules).best_params_
    calibrated = CalibratedClassifierCV(forest.set_params(**chosen), method="sigmoid", cv=folds)
    return calibrated.fit(values, rules)


def _check_table(table: pd.DataFrame, names: Sequence[str]) -> None:
    check_columns("the table", table, (*names, "rule", "network"))
    networks = table.groupby("rule")["network"].nunique()
    few = networks[networks < FOLDS]
    if len(few) or len(networks) < 2:
        raise ValueError(
            f"the table has {networks.to_dict()} networks a rule: at least two rules with {FOLDS} "
            "networks each are needed."
        )


def held_out(
    table: pd.DataFrame,
    by: str,
    names: Sequence[str] = tuple(FEATURES),
    seed: int = 0,
) -> pd.DataFrame:
    """Probabilities of each rule for recordings of a kind that was not trained on.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings.
    by : str
        Column that says what is held out at once: ``"task"``, a class of widths or of speeds.
    names : sequence of str
        The features to use.
    seed : int

    Returns
    -------
    pandas.DataFrame
        With the rows of ``table``, one column a rule.

    Raises
    ------
    ValueError
        As :func:`train`, or if ``by`` has fewer than two values.
    """
    if by not in table or table[by].nunique() < 2:
        raise ValueError(f"by={by!r} must be a column with at least two values to hold out.")
    found = []
    for kept, tested in LeaveOneGroupOut().split(table, groups=table[by]):
        classifier = train(table.iloc[kept], names, seed)
        values = table.iloc[tested][list(names)].to_numpy()
        found.append(
            pd.DataFrame(
                classifier.predict_proba(values),
                index=table.index[tested],
                columns=classifier.classes_,
            )
        )
    return pd.concat(found).loc[table.index].fillna(0.0)


def accuracy(probabilities: pd.DataFrame, rules: pd.Series) -> float:
    """Share of recordings whose likeliest rule is the right one, each rule with equal weight.

    Parameters
    ----------
    probabilities : pandas.DataFrame
        One column a rule.
    rules : pandas.Series
        The right ones, with the same index.

    Returns
    -------
    float
    """
    right = probabilities.idxmax(axis=1) == rules
    return float(right.groupby(rules).mean().mean())


def calibration_error(probabilities: pd.DataFrame, rules: pd.Series, bins: int = 10) -> float:
    """Mean distance between how sure the classifier is and how often it is right.

    Parameters
    ----------
    probabilities : pandas.DataFrame
        One column a rule.
    rules : pandas.Series
        The right ones, with the same index.
    bins : int
        Number of classes of the largest probability, with equally many recordings each.

    Returns
    -------
    float
        The expected calibration error, weighted by recordings (Guo et al. 2017, arXiv:1706.04599).
    """
    sure = probabilities.max(axis=1).to_numpy()
    right = (probabilities.idxmax(axis=1) == rules).to_numpy()
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(sure[part].mean() - right[part].mean()) * len(part) for part in parts if len(part)]
    return float(sum(gaps) / len(order))


def importance_of_groups(
    table: pd.DataFrame, by: str, groups: dict[str, str], seed: int = 0
) -> pd.Series:
    """How much worse held-out predictions get when a group of features is shuffled.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings.
    by : str
        What is held out, see :func:`held_out`.
    groups : dict
        The group of each feature.
    seed : int

    Returns
    -------
    pandas.Series
        By group, the rise of the log loss (natural logarithm), mean over what is held out.
    """
    random = np.random.default_rng(seed)
    names = list(groups)
    rises: dict[str, list[float]] = {group: [] for group in dict.fromkeys(groups.values())}
    for kept, tested in LeaveOneGroupOut().split(table, groups=table[by]):
        classifier = train(table.iloc[kept], names, seed)
        known = table["rule"].iloc[tested].isin(classifier.classes_)
        part = table.iloc[tested][known]
        values = part[names].to_numpy()

        base = _loss(classifier, values, part["rule"])
        for group, found in rises.items():
            columns = [at for at, name in enumerate(names) if groups[name] == group]
            shuffled = values.copy()
            shuffled[:, columns] = values[random.permutation(len(values))][:, columns]
            found.append(_loss(classifier, shuffled, part["rule"]) - base)
    return pd.Series({group: float(np.mean(found)) for group, found in rises.items()})


def _loss(classifier: CalibratedClassifierCV, values: np.ndarray, rules: pd.Series) -> float:
    return log_loss(rules, classifier.predict_proba(values), labels=classifier.classes_)
