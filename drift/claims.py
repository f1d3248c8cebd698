"""Published claims beside our numbers, with a tolerance and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

REPRODUCED = "reproduced"
NOT_REPRODUCED = "not reproduced"


@dataclass(frozen=True)
class Claim:
    """One row of a chapter's verdict table."""

    statement: str
    published: str
    ours: str
    tolerance: str
    verdict: str


def mean_and_spread(values: Sequence[float] | np.ndarray, digits: int = 2) -> str:
    """Mean and standard deviation over runs, as text."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"


def compare_number(
    statement: str, published: float, ours: Sequence[float], digits: int = 2, level: float = 0.95
) -> Claim:
    """Judge whether one published number could be a further draw from our runs.

    The tolerance is the half-width of the prediction interval at ``level`` for one more run with
    its own task and seed: t s sqrt(1 + 1/k), from the mean and standard deviation s of our k runs,
    taking them as normal. Given that all runs are of one law, a verdict is wrong by chance in
    1 - level of the comparisons.

    Raises
    ------
    ValueError
        If there are fewer than two runs, or one is not finite.
    """
    values = np.asarray(ours, float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"{statement!r} needs at least two finite values to state a spread, got {values}."
        )
    spread = values.std(ddof=1)
    quantile = student.ppf((1 + level) / 2, values.size - 1)
    half_width = quantile * spread * np.sqrt(1 + 1 / values.size)
    held = abs(values.mean() - published) <= half_width
    return Claim(
        statement,
        f"{published:.{digits}f}",
        f"{mean_and_spread(values, digits)} ({values.size} runs)",
        f"± {half_width:.{digits}f} ({level:.0%} prediction interval)",
        REPRODUCED if held else NOT_REPRODUCED,
    )


def require_each(
    statement: str,
    published: str,
    ours: Sequence[float],
    requirement: str,
    holds: Callable[[float], bool],
    digits: int = 2,
    of: str = "runs",
) -> Claim:
    """Judge whether every value meets a ``requirement``; ``of`` says what there is one each."""
    values = np.asarray(ours, float)
    if values.size == 0:
        raise ValueError(f"{statement!r} has no runs to judge by.")
    low, high = values.min(), values.max()
    met = sum(bool(holds(value)) for value in values)
    verdict = REPRODUCED if met == values.size else NOT_REPRODUCED
    span = f"{low:.{digits}f} to {high:.{digits}f} ({values.size} {of})"
    return Claim(
        statement,
        published,
        span if values.size > 1 else f"{low:.{digits}f}",
        requirement,
        verdict,
    )


def verdict_table(claims: Iterable[Claim]) -> pd.DataFrame:
    """The table a chapter ends with, a row a claim."""
    rows = [
        (claim.statement, claim.published, claim.ours, claim.tolerance, claim.verdict)
        for claim in claims
    ]
    columns = ["claim", "published", "this book", "tolerance", "verdict"]
    table = pd.DataFrame(rows, columns=columns).set_index("claim")
    return table.rename_axis(index=None, columns="claim")
