"""Gradient descent with noise on the pre-activations of hidden units."""

from __future__ import annotations

from dataclasses import dataclass

from drift.engine.blocks import activate, add_gradient, backward, outputs, residuals
from drift.engine.noise import add_normal
from drift.engine.simd import LANES, as_element, load, multiply, splat, store, where_positive
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_number
from drift.support.compiled import njit

__all__ = ["PreactivationNoise"]


@rule
@dataclass(frozen=True)
class PreactivationNoise(LearningRule):
    """Full-batch gradient descent on a network whose hidden units are noisy.

    At each step each hidden unit answers each sample with f(z + xi), z its pre-activation and
    xi ~ N(0, s^2) fresh. The loss has then the mean of
    :func:`drift.theory.noisy_units.unit_noise_loss`. What is measured is the network without noise.

    Silent units and coordinates. Noise can open a unit that is silent for all samples, which then
    moves: none is left alone. Noise is added to z, not to the parameters, and the gradient is a sum
    of vectors (x_t, 1), whatever the noise: coordinates in their span are exact.

    Parameters
    ----------
    learning_rate : float
        eta, above 0.
    unit_noise : float
        s, the standard deviation of xi, at least 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number or out of its range.

    Examples
    --------
    >>> import drift
    >>> rule = drift.PreactivationNoise(learning_rate=0.1, unit_noise=0.2)
    >>> run = drift.simulate(drift.random_mapping(), rule, hidden=50, steps=2000, record=[0, 2000])
    >>> bool(run["loss"][1] < 0.1 * run["loss"][0])
    True
    """

    learning_rate: float = 0.1
    unit_noise: float = 0.1

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_number("unit_noise", self.unit_noise)

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        real = workspace.weights.dtype.type
        _descend(
            workspace,
            steps,
            real(self.learning_rate),
            real(self.unit_noise),
            real(2 / (workspace.samples * workspace.d_out)),
        )

    def is_rotation_invariant(self) -> bool:
        """True: noise changes how much of each (x_t, 1) a step adds, and nothing else."""
        return True

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        noise = state.normal((state.task.samples, state.values[1].size))
        gradient = state.gradient(unit_noise=self.unit_noise * noise)
        for value, slope in zip(state.values, gradient, strict=True):
            value -= self.learning_rate * slope


@njit
def _noisy_activity(w, unit_noise):
    """Activity of all units for all samples, each with fresh noise on its pre-activation."""
    one, leak = splat(as_element(w.activity, 1.0)), splat(w.leak)
    activate(w, one)
    for b in range(w.blocks):
        start = b * w.samples * LANES
        scale = multiply(load(w.unit_mask, b * LANES), splat(unit_noise))
        add_normal(w.random_state, w.activity, start, w.samples, scale)
        for t in range(w.samples):
            z = load(w.activity, start + t * LANES)
            store(w.activity, start + t * LANES, where_positive(z, z, multiply(leak, z)))


@njit(cache=True, nogil=True)
def _descend(workspace, steps, learning_rate, unit_noise, factor):
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    rate, stride = splat(-learning_rate), w.rows * LANES
    for _ in range(steps):
        _noisy_activity(w, unit_noise)
        outputs(w)
        residuals(w, factor, real(0), False)
        for b in range(0, w.blocks, TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.blocks - b)
            backward(w, b, blocks)
            add_gradient(w, b, blocks, (w.weights, b * stride, stride), rate)
        w.clock[0] += 1
