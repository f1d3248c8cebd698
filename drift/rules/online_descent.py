"""Online gradient descent: at each step the gradient on a few samples, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift.engine.batches import draw_from_stream, draw_from_task
from drift.engine.blocks import add_gradient, backward, forward, residuals
from drift.engine.silence import PERIOD, park_and_wake
from drift.engine.simd import LANES, load, multiply, splat, store
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses, of_whole_task
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support import portable
from drift.support.checks import about, check_choice, check_integer, check_number
from drift.support.compiled import njit
from drift.tasks.base_task import Task

__all__ = ["OnlineGradientDescent"]


@rule
@dataclass(frozen=True)
class OnlineGradientDescent(LearningRule):
    """theta <- theta - eta (grad L_B + gamma theta), L_B the loss on samples drawn for the step.

    The samples of a step are drawn independently, each of the task's as likely, with replacement:
    the law of the theory of stochastic gradient descent and of online learning. (Libraries mostly
    shuffle the samples and go through all of them instead, so that their noise cancels over an
    epoch.) With ``fresh_samples`` no sample ever comes twice: inputs are drawn from the
    distribution that the task has them from, ``task.stream``, and the loss is measured on the
    task's own samples. So it is in Pashakhanloo & Koulakov 2023 (arXiv:2302.02563), whose drift is
    that of :mod:`drift.theory.online_drift`.

    Where every sample is answered exactly, its gradient is zero, and so is the noise: at zero loss
    this rule rests, unless labels are noisy or weights decay.

    Silent units and coordinates. A unit that is silent for all of the task's samples has no
    gradient on any few of them, so that it never moves, and the gradient on each is a multiple of
    its (x_t, 1). With ``fresh_samples`` neither holds; with ``weight_decay`` silent units shrink,
    and so do weights that the data cannot see. Then all units take part in each step, by weights.

    Parameters
    ----------
    learning_rate : float
        eta, above 0.
    batch : int
        Number of samples of a step, at least 1; may exceed that of the task.
    fresh_samples : bool
        Draw from ``task.stream`` in place of the task's samples.
    label_noise, label_noise_distribution : float, {"uniform", "gaussian"}
        Fresh noise on the targets, as in :class:`~drift.rules.gradient_descent.GradientDescent`.
    weight_decay : float
        gamma, at least 0, for all parameters alike; below 1 / eta.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number, out of its range or no known distribution.

    Examples
    --------
    >>> import drift
    >>> task, rule = drift.random_mapping(), drift.OnlineGradientDescent(learning_rate=0.02)
    >>> run = drift.simulate(task, rule, hidden=50, steps=5000, record=[0, 5000])
    >>> bool(run["loss"][1] < 0.01 * run["loss"][0])
    True
    """

    learning_rate: float = 0.02
    batch: int = 1
    fresh_samples: bool = False
    label_noise: float = 0.0
    label_noise_distribution: Literal["uniform", "gaussian"] = "uniform"
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_integer("batch", self.batch, minimum=1)
        check_number("label_noise", self.label_noise)
        check_choice(
            "label_noise_distribution", self.label_noise_distribution, ("uniform", "gaussian")
        )
        check_number("weight_decay", self.weight_decay)
        if self.learning_rate * self.weight_decay >= 1:
            problem = (
                f"weight_decay={self.weight_decay} is too large: it must be below 1 / learning_rate"
                f" = {1 / self.learning_rate:.3g}, or one step turns the weights around."
            )
            raise about("weight_decay", ValueError(problem))

    def check_task(self, task: Task) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.check_task`."""
        if self.fresh_samples and task.stream is None:
            problem = (
                f"fresh_samples=True needs a task that says how its inputs are distributed, and "
                f"{task.name!r} does not: give it a `stream`, choose the task relevant_inputs, or "
                "pass fresh_samples=False."
            )
            raise about("fresh_samples", ValueError(problem))

    def batch_size(self) -> int | None:
        """See :meth:`~drift.rules.base_rule.LearningRule.batch_size`."""
        return int(self.batch)

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        real = workspace.weights.dtype.type
        _descend(
            workspace,
            of_whole_task(workspace),
            steps,
            real(self.learning_rate),
            self.fresh_samples,
            real(self.label_noise),
            self.label_noise_distribution == "gaussian",
            real(1 - self.learning_rate * self.weight_decay),
            real(2 / (workspace.samples * workspace.d_out)),
        )

    def can_skip_silent(self) -> bool:
        """True if nothing moves a unit that is silent for all of the task's samples."""
        return not self.fresh_samples and self.weight_decay == 0

    def is_rotation_invariant(self) -> bool:
        """True if each step stays within the span of the task's inputs."""
        return not self.fresh_samples and self.weight_decay == 0

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        task, stream = state.task, state.task.stream
        if self.fresh_samples and stream is not None:
            inputs = stream.deviations * state.normal((self.batch, task.d_in))
            drawn = Task(inputs, portable.product(inputs, stream.teacher.T))
        else:
            chosen = np.floor(state.uniform((self.batch,)) * task.samples).astype(np.int64)
            drawn = Task(task.inputs[chosen], task.targets[chosen])
        if self.label_noise_distribution == "gaussian":
            label_noise = state.normal(drawn.targets.shape)
        else:
            label_noise = state.uniform(drawn.targets.shape) - 0.5
        gradient = state.gradient(target_noise=self.label_noise * label_noise, on=drawn)
        for value, slope in zip(state.values, gradient, strict=True):
            value -= self.learning_rate * (slope + self.weight_decay * value)


@njit
def _shrink(w, b, blocks, keep):
    """Multiply all parameters of ``blocks`` blocks from ``b`` on by the vector ``keep``."""
    for v in range(b * w.rows, (b + blocks) * w.rows):
        store(w.weights, v * LANES, multiply(load(w.weights, v * LANES), keep))


@njit(cache=True, nogil=True)
def _descend(
    workspace, whole, steps, learning_rate, fresh, label_noise, gaussian, keep, factor
):  # fmt: skip
    real = workspace.weights.dtype.type
    w, all_samples = addresses(workspace), addresses(whole)
    rate, stride = splat(-learning_rate), w.rows * LANES
    # Without noise on the parameters units fall silent for good: looking at all samples every
    # so often costs about a hundredth of the steps between.
    period = PERIOD * w.pool
    for _ in range(steps):
        if w.skip_silent and w.clock[0] % period == 0:
            park_and_wake(all_samples, w.clock[0], real(0))
        if fresh:
            draw_from_stream(w)
        else:
            draw_from_task(w)
        forward(w)
        residuals(w, factor, label_noise, gaussian)
        for b in range(0, w.awake_blocks[0], TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.awake_blocks[0] - b)
            backward(w, b, blocks)
            if keep != 1:
                _shrink(w, b, blocks, splat(keep))
            add_gradient(w, b, blocks, (w.weights, b * stride, stride), rate)
        w.clock[0] += 1
