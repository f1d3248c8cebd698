"""Full-batch gradient descent with update noise, label noise and input noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drift.engine.blocks import add_gradient, backward, forward, perturb_inputs, residuals
from drift.engine.noise import add_normal
from drift.engine.silence import PERIOD, catch_up_all, park_and_wake
from drift.engine.simd import LANES, load, multiply, splat
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_choice, check_number
from drift.support.compiled import njit

__all__ = ["GradientDescent"]


@rule
@dataclass(frozen=True)
class GradientDescent(LearningRule):
    """theta <- theta - eta (grad L + xi), xi ~ N(0, sigma^2) fresh for each parameter and step.

    Ratzon et al. 2024 (doi:10.7554/eLife.90069), Results, update equation, and Methods, *Label
    noise*. Without noise it is plain gradient descent.

    Parameters
    ----------
    learning_rate : float
        eta, above 0.
    update_noise : float
        sigma, the standard deviation of xi, at least 0: each step moves a parameter by noise of
        standard deviation eta * sigma.
    label_noise : float
        s, at least 0: size of the fresh noise added to the targets at each step.
    label_noise_distribution : {"uniform", "gaussian"}
        Uniform between -s/2 and s/2 as in the study's program, or normal with standard deviation s
        as in its text.
    input_noise : float
        Standard deviation of fresh normal noise on all inputs at each step, at least 0. (Not in
        the study.)

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number, out of its range or no known distribution.

    Examples
    --------
    >>> import drift
    >>> rule = drift.GradientDescent(learning_rate=0.1, update_noise=0.05)
    >>> round(rule.noise_scale, 3)
    0.005
    >>> run = drift.simulate(drift.random_mapping(), rule, hidden=20, steps=200, record=[0, 200])
    >>> run["loss"].values.round(3).tolist()
    [0.814, 0.001]
    """

    learning_rate: float = 0.1
    update_noise: float = 0.0
    label_noise: float = 0.0
    label_noise_distribution: Literal["uniform", "gaussian"] = "uniform"
    input_noise: float = 0.0

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_number("update_noise", self.update_noise)
        check_number("label_noise", self.label_noise)
        check_number("input_noise", self.input_noise)
        check_choice(
            "label_noise_distribution", self.label_noise_distribution, ("uniform", "gaussian")
        )

    @property
    def noise_scale(self) -> float:
        """Standard deviation of the noise that a step adds to a parameter, eta * sigma."""
        return self.learning_rate * self.update_noise

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        real = workspace.weights.dtype.type
        _descend(
            workspace,
            steps,
            real(self.learning_rate),
            real(self.update_noise),
            real(self.label_noise),
            self.label_noise_distribution == "gaussian",
            real(self.input_noise),
            real(2 / (workspace.samples * workspace.d_out)),
        )

    def can_skip_silent(self) -> bool:
        """True without input noise, which may activate a silent unit at any step."""
        return self.input_noise == 0

    def is_rotation_invariant(self) -> bool:
        """True without input noise, which is not confined to the span of the inputs."""
        return self.input_noise == 0

    def settle(self, workspace: Workspace) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.settle`."""
        catch_up_all(workspace, workspace.weights.dtype.type(self.noise_scale))

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        shape = state.task.targets.shape
        if self.label_noise_distribution == "gaussian":
            label_noise = state.normal(shape)
        else:
            label_noise = state.uniform(shape) - 0.5
        gradient = state.gradient(
            input_noise=self.input_noise * state.normal(state.task.inputs.shape),
            target_noise=self.label_noise * label_noise,
        )
        for value, slope in zip(state.values, gradient, strict=True):
            value -= self.learning_rate * (slope + self.update_noise * state.normal(value.shape))


@njit(cache=True, nogil=True)
def _descend(
    workspace, steps, learning_rate, update_noise, label_noise, gaussian, input_noise, factor
):
    w = addresses(workspace)
    noise_step = learning_rate * update_noise
    rate, noise_scale = splat(-learning_rate), splat(noise_step)
    stride = w.rows * LANES
    for _ in range(steps):
        if w.skip_silent and w.clock[0] % PERIOD == 0:
            park_and_wake(w, w.clock[0], noise_step)
        if input_noise > 0:
            perturb_inputs(w, input_noise)
        forward(w)
        residuals(w, factor, label_noise, gaussian)
        for b in range(0, w.awake_blocks[0], TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.awake_blocks[0] - b)
            backward(w, b, blocks)
            add_gradient(w, b, blocks, (w.weights, b * stride, stride), rate)
        if update_noise > 0:
            for b in range(w.awake_blocks[0]):
                scale = multiply(load(w.unit_mask, b * LANES), noise_scale)
                add_normal(w.random_state, w.weights, b * stride, w.rows, scale)
        w.clock[0] += 1
    w.unseen_variance[0] += steps * float(noise_step) ** 2
