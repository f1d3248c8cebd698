"""Gradient descent with dropout: at each step some hidden units, drawn at random, are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drift.engine.blocks import activate, add_gradient, backward, outputs, residuals
from drift.engine.noise import draw_factors
from drift.engine.silence import PERIOD, park_and_wake
from drift.engine.simd import LANES, load, multiply, splat, store
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_choice, check_number, check_share
from drift.support.compiled import njit

__all__ = ["Dropout"]


@rule
@dataclass(frozen=True)
class Dropout(LearningRule):
    """Full-batch gradient descent on a network whose hidden units are dropped at random.

    At each step the activity of each hidden unit is set to zero with probability p, and otherwise
    divided by 1 - p, so that its mean stays (Srivastava et al. 2014, J. Mach. Learn. Res. 15:1929;
    *inverted* dropout, as libraries have it). What is measured is the whole network.

    The loss has then the mean of :func:`drift.theory.noisy_units.dropout_loss`. It drives drift for
    as long as training goes on, with the geometry that drift has in visual cortex, according to
    Aitken et al. 2022 (doi:10.1371/journal.pcbi.1010716), who show p = 0.5.

    Silent units and coordinates. A unit that is silent for all samples has activity 0 and slope 0
    whether it is dropped or not: it never moves, and is left alone at no loss. The gradient is a
    sum of vectors (x_t, 1), whichever units are dropped: coordinates in their span are exact.

    Parameters
    ----------
    learning_rate : float
        eta, above 0.
    dropout : float
        p, at least 0 and below 1.
    dropout_mask : {"sample", "step"}
        Which units are dropped is drawn for each sample, as libraries do, or once for all samples
        of a step. Aitken et al. drew once an epoch (their Fig. 6f), which a step is here.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number, out of its range or not a known word.

    Examples
    --------
    >>> import drift
    >>> rule = drift.Dropout(learning_rate=0.1, dropout=0.2)
    >>> run = drift.simulate(drift.random_mapping(), rule, hidden=50, steps=2000, record=[0, 2000])
    >>> bool(run["loss"][1] < 0.1 * run["loss"][0])
    True
    """

    learning_rate: float = 0.1
    dropout: float = 0.5
    dropout_mask: Literal["sample", "step"] = "sample"

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_share("dropout", self.dropout)
        check_choice("dropout_mask", self.dropout_mask, ("sample", "step"))

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        real = workspace.weights.dtype.type
        _descend(
            workspace,
            steps,
            real(self.learning_rate),
            self.dropout,
            real(1 / (1 - self.dropout)),
            self.dropout_mask == "step",
            real(2 / (workspace.samples * workspace.d_out)),
        )

    def can_skip_silent(self) -> bool:
        """True: no choice of dropped units moves a unit that is silent for all samples."""
        return True

    def is_rotation_invariant(self) -> bool:
        """True: dropping units changes how much of each (x_t, 1) a step adds, and nothing else."""
        return True

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        rows = 1 if self.dropout_mask == "step" else state.task.samples
        kept = state.uniform((rows, state.values[1].size)) >= self.dropout
        gradient = state.gradient(activity_factor=kept / (1 - self.dropout))
        for value, slope in zip(state.values, gradient, strict=True):
            value -= self.learning_rate * slope


@njit
def _drop_units(w, b, dropout, factor, shared):
    """Draw what multiplies the activity of block ``b``, into ``w.factor``, and multiply it."""
    start = b * w.samples * LANES
    if shared:
        draw_factors(w.random_state, w.factor, start, 1, dropout, factor)
        for t in range(1, w.samples):
            store(w.factor, start + t * LANES, load(w.factor, start))
    else:
        draw_factors(w.random_state, w.factor, start, w.samples, dropout, factor)
    for t in range(w.samples):
        at = start + t * LANES
        store(w.activity, at, multiply(load(w.activity, at), load(w.factor, at)))


@njit(cache=True, nogil=True)
def _descend(workspace, steps, learning_rate, dropout, survivors, shared, factor):
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    rate, survivors, leak = splat(-learning_rate), splat(survivors), splat(w.leak)
    stride, samples = w.rows * LANES, w.samples * LANES
    for _ in range(steps):
        if w.skip_silent and w.clock[0] % PERIOD == 0:
            park_and_wake(w, w.clock[0], real(0))
        activate(w, leak)
        for b in range(w.awake_blocks[0]):
            _drop_units(w, b, dropout, survivors, shared)
        outputs(w)
        residuals(w, factor, real(0), False)
        for b in range(0, w.awake_blocks[0], TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.awake_blocks[0] - b)
            backward(w, b, blocks)
            for v in range(blocks * w.samples):
                at = v * LANES
                kept = load(w.factor, b * samples + at)
                store(w.backward, at, multiply(load(w.backward, at), kept))
            add_gradient(w, b, blocks, (w.weights, b * stride, stride), rate)
        w.clock[0] += 1
