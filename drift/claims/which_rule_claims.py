"""Whether the learning rule can be inferred from drift, judged by requirements set beforehand.

The numbers in capitals were written and committed before any network of the study *which rule* was
trained. They are not to be changed after its results have been seen.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.resampling import Interval
from drift.claims.judging import judged
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.strength_claims import intervals_of_strengths_hold, strengths_are_inferred
from drift.claims.verdicts import BEYOND, Claim, judged_on
from drift.inference.classifier import accuracy, calibration_error
from drift.inference.familiarity import LEVEL
from drift.inference.intervals import accuracy_interval, gain_interval
from drift.inference.matching import speeds
from drift.inference.strengths import covered, explained

__all__ = [
    "activity_does_not_suffice",
    "none_of_these_is_an_answer",
    "probabilities_can_be_trusted",
    "rules_are_told_apart",
    "speed_tells_nothing",
    "update_noise_is_told_from_label_noise",
    "verdicts",
]

TIMES_CHANCE = 3.0
"""Accuracy on tasks never seen is at least so many times what guessing gives."""

ABOVE_ACTIVITY = 0.1
"""Accuracy is at least so much above that from activity statistics of single sessions alone."""

LARGEST_CALIBRATION_ERROR = 0.03
"""Stated probabilities are off by less than this, in the mean."""

PAIR_ACCURACY = 0.9
"""Of networks with update noise and with label noise, at least so many are told apart."""

KEPT_AT_OTHER_SPEEDS = 0.8
"""Trained on slow drift and tested on fast, or the reverse, so much of the accuracy is left."""

FLAGGED = 0.8
"""Of networks of a kind that no class holds, at least so many are called none of these."""

FALSE_ALARMS = 0.1
"""Of networks of known kinds on tasks never seen, at most so many are called none of these."""

PAIR = ("update noise", "label noise")
"""The study's two kinds of noise."""

DISCUSSION = "Discussion: the rule by which a network learns could be inferred from its drift"


def verdicts(
    evaluated: xr.Dataset, table: pd.DataFrame, posteriors: Mapping[str, pd.DataFrame], archive: str
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    evaluated : xarray.Dataset
        Of :func:`~drift.inference.evaluation.evaluate`.
    table : pandas.DataFrame
        All recordings, with the indices that ``evaluated`` has.
    posteriors : mapping of str to pandas.DataFrame
        By strength, as :func:`~drift.inference.strengths.posteriors` returns them.
    archive : str
        What was judged.

    Returns
    -------
    RowTable
    """
    known = table.loc[evaluated["recording"].values]
    rules, networks = known["rule"], known["network"]
    told = {
        scheme: pd.DataFrame(values, known.index, evaluated["rule"].values)
        for scheme, values in zip(
            evaluated["scheme"].values, evaluated["probability"].values, strict=True
        )
    }
    first = pd.Series(evaluated["pair_probability"].values, known.index).dropna()
    pair = pd.DataFrame({PAIR[0]: first, PAIR[1]: 1 - first})
    whole = accuracy_interval(told["tasks"], rules, networks)
    at_speeds = told["speeds"].groupby(speeds(known))
    kinds = table.loc[evaluated["other"].values, "rule"].to_numpy()
    strange = evaluated["other_p_value"].values < LEVEL
    flagged = {str(kind): float(strange[kinds == kind].mean()) for kind in np.unique(kinds)}
    claims = [
        rules_are_told_apart(whole, evaluated.sizes["rule"]),
        activity_does_not_suffice(
            gain_interval(told["tasks"], told["tasks, activity alone"], rules, networks)
        ),
        probabilities_can_be_trusted(calibration_error(told["tasks"], rules)),
        update_noise_is_told_from_label_noise(
            accuracy_interval(pair, rules[first.index], networks[first.index])
        ),
        speed_tells_nothing(
            whole.value, {speed: accuracy(part, rules[part.index]) for speed, part in at_speeds}
        ),
        none_of_these_is_an_answer(flagged, float((evaluated["p_value"] < LEVEL).mean())),
        strengths_are_inferred({name: explained(one) for name, one in posteriors.items()}),
        intervals_of_strengths_hold({name: covered(one) for name, one in posteriors.items()}),
    ]
    return verdict_table(judged_on(archive, claims))


def rules_are_told_apart(accuracy: Interval, rules: int) -> Claim:
    """The lower end of the interval has to reach the requirement.

    Parameters
    ----------
    accuracy : Interval
        Balanced accuracy on tasks held out.
    rules : int
        Number of classes.

    Returns
    -------
    Claim
    """
    needed = TIMES_CHANCE / rules
    return Claim(
        BEYOND,
        f"the rule is inferred from recorded drift, on tasks never seen (accuracy, {rules} rules)",
        "could be",
        f"{accuracy}, chance {1 / rules:.2f}",
        f"interval above {needed:.2f}, {TIMES_CHANCE:.0f} times chance",
        judged(BEYOND, accuracy.low > needed),
        source=DISCUSSION,
    )


def activity_does_not_suffice(gain: Interval) -> Claim:
    """Drift has to tell more than what single sessions show.

    Parameters
    ----------
    gain : Interval
        Accuracy from all features less that from those of single sessions, on tasks held out.

    Returns
    -------
    Claim
    """
    return Claim(
        BEYOND,
        "drift tells more than the statistics of activity in single sessions (gain in accuracy)",
        "-",
        str(gain),
        f"interval above {ABOVE_ACTIVITY:.2f}",
        judged(BEYOND, gain.low > ABOVE_ACTIVITY),
    )


def probabilities_can_be_trusted(error: float) -> Claim:
    """The classifier says how sure it is.

    Parameters
    ----------
    error : float
        Expected calibration error on tasks held out.

    Returns
    -------
    Claim
    """
    return Claim(
        BEYOND,
        "stated probabilities are right in the mean (calibration error, tasks never seen)",
        "-",
        f"{error:.3f}",
        f"below {LARGEST_CALIBRATION_ERROR:.2f}",
        judged(BEYOND, error < LARGEST_CALIBRATION_ERROR),
    )


def update_noise_is_told_from_label_noise(accuracy: Interval) -> Claim:
    """The study's own two kinds of noise.

    Parameters
    ----------
    accuracy : Interval
        Of the two classes alone, on tasks held out.

    Returns
    -------
    Claim
    """
    return Claim(
        BEYOND,
        "update noise and label noise are told apart (accuracy of the pair, tasks never seen)",
        "could be",
        str(accuracy),
        f"interval above {PAIR_ACCURACY:.2f}",
        judged(BEYOND, accuracy.low > PAIR_ACCURACY),
        source=DISCUSSION,
    )


def speed_tells_nothing(accuracy: float, at_other_speeds: Mapping[str, float]) -> Claim:
    """What is learned from slow drift has to hold for fast drift, and the reverse.

    Parameters
    ----------
    accuracy : float
        On tasks held out, at all speeds.
    at_other_speeds : mapping of str to float
        Accuracy by the speed that was held out.

    Returns
    -------
    Claim
    """
    kept = {speed: value / accuracy for speed, value in at_other_speeds.items()}
    return Claim(
        BEYOND,
        "the inference does not rest on the speed of drift (accuracy at a speed never seen over "
        "that on a task never seen)",
        "-",
        ", ".join(f"{speed}: {value:.2f}" for speed, value in kept.items()),
        f"above {KEPT_AT_OTHER_SPEEDS:.1f} for each",
        judged(BEYOND, all(value > KEPT_AT_OTHER_SPEEDS for value in kept.values())),
    )


def none_of_these_is_an_answer(flagged: Mapping[str, float], false_alarms: float) -> Claim:
    """A network of another kind is not to be given the name of a known rule.

    Parameters
    ----------
    flagged : mapping of str to float
        By kind of network, the share called none of these.
    false_alarms : float
        The same share of known networks on tasks held out.

    Returns
    -------
    Claim
    """
    held = false_alarms < FALSE_ALARMS and all(share > FLAGGED for share in flagged.values())
    return Claim(
        BEYOND,
        "networks of a kind that no class holds are called none of these",
        "-",
        ", ".join(f"{kind}: {share:.2f}" for kind, share in flagged.items())
        + f"; known kinds: {false_alarms:.2f}",
        f"above {FLAGGED:.1f} for each, and below {FALSE_ALARMS:.1f} for known kinds",
        judged(BEYOND, held),
    )
