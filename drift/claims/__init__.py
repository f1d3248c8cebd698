"""Verdicts and errata, in tables that carry their rows as data.

Imports support and analysis.
"""

from drift.analysis.trends import mean_and_spread
from drift.claims.row_tables import errata_table, verdict_table
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
    judged,
    not_testable,
    require_each,
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
