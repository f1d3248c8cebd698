"""Verdicts and errata, in tables that carry their rows as data.

Imports support and analysis.
"""

from drift.claims.verdicts import (
    BEYOND,
    FAILS,
    HOLDS,
    ILLUSTRATION,
    MARKS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    WITH_CAVEAT,
    Claim,
    Erratum,
    compare_number,
    errata_table,
    judged,
    mean_and_spread,
    not_testable,
    require_each,
    verdict_table,
)

__all__ = [
    "BEYOND",
    "FAILS",
    "HOLDS",
    "ILLUSTRATION",
    "MARKS",
    "NOT_REPRODUCED",
    "NOT_TESTABLE",
    "REPRODUCED",
    "WITH_CAVEAT",
    "Claim",
    "Erratum",
    "compare_number",
    "errata_table",
    "judged",
    "mean_and_spread",
    "not_testable",
    "require_each",
    "verdict_table",
]
