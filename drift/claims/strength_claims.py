"""Whether the strength of a rule can be inferred from drift, by requirements set beforehand.

The numbers in capitals were written and committed before any posterior was computed.
"""

from __future__ import annotations

from collections.abc import Mapping

from drift.claims.judging import judged
from drift.claims.verdicts import BEYOND, Claim

__all__ = ["intervals_of_strengths_hold", "strengths_are_inferred"]

EXPLAINED = 0.5
"""Of the variance of the logarithm of a strength, so much is explained on tasks never seen."""

COVERED = (0.85, 0.95)
"""Of intervals of 90 % for a strength, a share within these bounds holds the true value."""


def strengths_are_inferred(explained: Mapping[str, float]) -> Claim:
    """How strong a rule's noise is has to show in drift, too.

    Parameters
    ----------
    explained : mapping of str to float
        By strength, the share of the variance of its logarithm that the means of posteriors explain
        on tasks held out.

    Returns
    -------
    Claim
    """
    return Claim(
        BEYOND,
        "where the rule is known, its strength is inferred (explained share of the variance of its "
        "logarithm, tasks never seen)",
        "-",
        ", ".join(f"{name}: {share:.2f}" for name, share in explained.items()),
        f"above {EXPLAINED:.1f} for each",
        judged(BEYOND, all(share > EXPLAINED for share in explained.values())),
    )


def intervals_of_strengths_hold(covered: Mapping[str, float]) -> Claim:
    """The posterior of a strength says how uncertain it is.

    Parameters
    ----------
    covered : mapping of str to float
        By strength, the share of intervals of 90 % that hold the true value on tasks held out.

    Returns
    -------
    Claim
    """
    low, high = COVERED
    return Claim(
        BEYOND,
        "intervals of 90 % for the strength hold the true value as often as they say",
        "-",
        ", ".join(f"{name}: {share:.2f}" for name, share in covered.items()),
        f"{low:.2f} to {high:.2f} for each",
        judged(BEYOND, all(low <= share <= high for share in covered.values())),
    )
