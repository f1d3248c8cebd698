"""What the study says of all its runs but a negligible few, judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from drift.claims.judging import judged, not_testable, require_each
from drift.claims.requirements import Requirement, above, below
from drift.claims.sections import GENERALITY
from drift.claims.verdicts import Claim

__all__ = ["NEGLIGIBLE"]

NEGLIGIBLE = 0.05
"""The largest share of runs that this book takes for the study's "negligible few"."""


def share(name: str, failing: np.ndarray, published: str, figure: str, source: str) -> Claim:
    """A share of runs that the study calls negligible."""
    return require_each(
        "Results",
        f"all but a negligible few {name} (share of runs that do not)",
        published,
        [np.mean(failing)],
        below(NEGLIGIBLE),
        digits=3,
        figure=figure,
        source=source,
    )


def with_variance(loss: np.ndarray) -> np.ndarray:
    """The curves of runs whose targets vary: a single target has no variance to compare with."""
    return loss[np.isfinite(loss[:, 0])]


def at_share(shares: np.ndarray, curves: np.ndarray, share: float) -> np.ndarray:
    """The value of each curve at one share of the run."""
    return np.array([np.interp(share, shares, curve) for curve in curves])


def converges_fast(shares: np.ndarray, loss: np.ndarray) -> Claim:
    """Below half of the targets' variance after 1 % of the run; diverged runs do not."""
    early = at_share(shares, with_variance(loss), 0.01)
    return share(
        "converge fast: loss below half the variance at 1 % of the run",
        ~(early < 0.5),
        "negligible",
        "",
        GENERALITY + ": all but a few converged in a first, fast phase to a low loss",
    )


def keeps_low_loss(loss: np.ndarray, published: pd.DataFrame) -> Claim:
    """At the end; what the published table says of its own runs stands beside it."""
    theirs = published.set_index("group")["high_loss"].dropna()
    text = ", ".join(f"{value:.1%} ({group})" for group, value in theirs.items())
    return share(
        "end with a low loss: below half the variance",
        ~(with_variance(loss)[:, -1] < 0.5),
        f"negligible; in its table {text}",
        "",
        GENERALITY + ": and then moved slowly within the space of low loss",
    )


def sparsifies(units: np.ndarray, published: float) -> Claim:
    """Without label noise; silent and diverged runs count, the latter as they were last seen."""
    return share(
        "become sparse, except with label noise: at most 95 % of the first active units left",
        units[:, -1] > 0.95,
        f"negligible; in its table {published:.1%}",
        "fig-many",
        GENERALITY + ": but for label noise, active units became fewer in almost all simulations",
    )


def label_noise_keeps_units(units: np.ndarray, with_labels: np.ndarray) -> Claim:
    """Medians of what is left, runs of all lengths."""
    kept, lost = (np.nanmedian(units[chosen, -1]) for chosen in (with_labels, ~with_labels))
    return require_each(
        "Results",
        "with label noise fewer units fall silent (median share left, label noise minus others)",
        "fewer",
        [kept - lost],
        above(0.2),
        figure="fig-rules",
        source=GENERALITY + ": under label noise active units did not become as few",
    )


def quick_collapse(table: pd.DataFrame, shares: np.ndarray, units: np.ndarray) -> Claim:
    """Half of the units lost at 1 % of the run; and whether those runs began too sharp."""
    collapsed = at_share(shares, units, 0.01) < 0.5
    too_sharp = table["sharpness_at_start"].to_numpy() > 1
    counts = pd.crosstab(collapsed, too_sharp).reindex(
        index=[True, False], columns=[True, False], fill_value=0
    )
    odds, p_value = stats.fisher_exact(counts.to_numpy(), alternative="greater")
    return Claim(
        "Results",
        "runs that collapse at once had too large a learning rate (half of the units lost at 1 % "
        "of the run; learning rate times largest eigenvalue at the start above 2)",
        "most likely",
        f"{collapsed.mean():.1%} collapse; odds {odds:.2g} times as high beyond the edge, "
        f"p = {p_value:.1g}",
        "Fisher's exact test, one-sided p below 0.01",
        judged("Results", bool(p_value < 0.01)),
        source=GENERALITY
        + ": some networks soon collapsed, presumably because the rate was too high",
    )


def plateau_then_sudden_start(shares: np.ndarray, units: np.ndarray) -> Claim:
    """At most 5 % lost over the first tenth; then half of the whole fall within a tenth."""
    even = np.linspace(0, 1, 201)
    sudden = []
    for curve in units:
        values = np.interp(even, shares, curve)
        fall = values[0] - values[-1]
        fastest = (values[:-20] - values[20:]).max()
        sudden.append(values[20] > 0.95 and fall > 0.2 and fastest > fall / 2)
    return require_each(
        "Results",
        "some runs have a plateau and then a sudden start (share of runs)",
        "some",
        [np.mean(sudden)],
        above(0.01),
        digits=3,
        figure="fig-many",
        source="Methods, *Sparsification timescale*: in some simulations sparsification starts "
        "suddenly after a long plateau",
    )


def rmsprop_sparsifies(units: ArrayLike) -> Claim:
    """Five networks without added noise, end over start."""
    return require_each(
        "Results",
        "RMSprop sparsifies without added noise (fraction of active units, end over start)",
        "sparsifies",
        units,
        below(0.5, " in every run"),
        source=GENERALITY + ": with RMSprop sparsification needed no added noise",
    )


def still_without_noise(change: ArrayLike) -> Claim:
    """Active units at the end less those after a tenth of the run; five networks."""
    return require_each(
        "Results",
        "without noise nothing changes after convergence (fraction of active units at the end "
        "minus that at 10 % of the run)",
        "no change",
        change,
        Requirement("0 in every run", lambda value: value == 0),
        source=GENERALITY + ": descent without noise stood still once it had converged",
    )


def other_activations() -> Claim:
    """The text does not name them."""
    return not_testable(
        "Results",
        "other activation functions give the same result",
        "not sensitive",
        "the text names neither the functions nor when their units count as active; "
        "`simulate(activation=...)` has three",
        source=GENERALITY + ": other activation functions were simulated",
    )
