"""Many networks of one shape together, on a GPU where there is one.

A single small network leaves a GPU idle; a few hundred of them fill it. The law of every run is
that of :func:`drift.simulate` with the same rule; its noise is torch's, so that its bits are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import torch
import xarray as xr

from drift.checks import check_choice, check_integer
from drift.measures import MEASURES, observe
from drift.network import Parameters, initial_parameters
from drift.progress import progress_bar
from drift.recording import PARAMETER_AXES, Schedule, scheduled_steps
from drift.rules.gradient_descent import GradientDescent
from drift.simulation import DEFAULT_MEASURES, DEFAULT_RECORD, split_seed
from drift.task import Task


def simulate_batch(
    tasks: Sequence[Task],
    rules: Sequence[GradientDescent],
    seeds: Sequence[int],
    *,
    hidden: int = 100,
    init: Literal["lazy", "rich"] = "rich",
    steps: int,
    measures: Iterable[str] = DEFAULT_MEASURES,
    record: Schedule = DEFAULT_RECORD,
    dtype: Literal["float32", "float64"] = "float32",
    device: str = "cpu",
    progress: bool | None = None,
) -> xr.Dataset:
    """Train one network for each of ``tasks``, ``rules`` and ``seeds``, all at once.

    Parameters
    ----------
    tasks : of one shape
    rules : GradientDescent
        With any learning rates and noise; one distribution of label noise for all.
    seeds : int
        Each network starts as :func:`drift.simulate` starts it with that seed.
    device : str
        A device of torch: ``"cpu"``, ``"cuda"``.
    hidden, init, steps, measures, record, dtype, progress
        As for :func:`drift.simulate`.

    Returns
    -------
    xarray.Dataset
        One variable a measure, (run, step), and the parameters at the end, ``input_weights`` (run,
        unit, input), ``bias`` (run, unit), ``output_weights`` (run, output, unit). Where a network
        has diverged its measures are NaN, and ``status`` (run) says ``"diverged"``.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible, or the networks cannot be run together.
    """
    steps = check_integer("steps", steps)
    check_choice("dtype", dtype, ("float32", "float64"))
    measures = tuple(check_choice("measures", name, MEASURES) for name in measures)
    _check_together(tasks, rules, seeds)
    stops = scheduled_steps("record", record, steps)
    kind = getattr(torch, dtype)
    starts = [
        initial_parameters(task, hidden, init, np.random.default_rng(split_seed(seed)[0]))
        for task, seed in zip(tasks, seeds, strict=True)
    ]

    def stacked(arrays: Iterable[np.ndarray]) -> torch.Tensor:
        return torch.tensor(np.stack(list(arrays)), dtype=kind, device=device)

    def setting(name: str) -> torch.Tensor:
        values = [[[getattr(rule, name)]] for rule in rules]
        return torch.tensor(values, dtype=kind, device=device)

    batch = _Batch(
        stacked(task.inputs for task in tasks),
        stacked(task.targets for task in tasks),
        [stacked(getattr(start, name) for start in starts) for name in Parameters._fields],
        {name: setting(name) for name in _SETTINGS},
        rules[0].label_noise_distribution == "gaussian",
        torch.Generator(device).manual_seed(
            int(np.random.SeedSequence(seeds).generate_state(1)[0])
        ),
    )
    recorded = np.full((len(measures), len(tasks), len(stops)), np.nan)
    done = 0
    with progress_bar(steps, progress) as advance_bar, torch.no_grad():
        for i, stop in enumerate(stops.tolist()):
            for _ in range(stop - done):
                batch.step()
            advance_bar(stop - done)
            done = stop
            for run, parameters in enumerate(batch.networks()):
                if parameters.are_finite():
                    seen = observe(tasks[run], parameters)
                    recorded[:, run, i] = [MEASURES[name](seen) for name in measures]
        for _ in range(steps - done):
            batch.step()
    ends = list(batch.networks())
    finite = [end.are_finite() for end in ends]
    data: dict[str, Any] = {
        name: (("run", "step"), values) for name, values in zip(measures, recorded, strict=True)
    }
    for name, (_, *axes) in PARAMETER_AXES.items():
        data[name] = (["run", *axes], np.stack([getattr(end, name) for end in ends]))
    data["status"] = ("run", np.where(finite, "finished", "diverged"))
    return xr.Dataset(data, {"run": np.arange(len(tasks)), "step": stops})


_SETTINGS = ("learning_rate", "update_noise", "label_noise", "input_noise")


class _Batch:
    """The networks' tensors, the first axis the network, and one step of all."""

    def __init__(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        values: list[torch.Tensor],
        settings: dict[str, torch.Tensor],
        gaussian: bool,
        generator: torch.Generator,
    ) -> None:
        self.inputs = inputs
        self.targets = targets
        self.values = values
        self.settings = settings
        self.gaussian = gaussian
        self.generator = generator
        self.noisy = {name: bool((setting > 0).any()) for name, setting in settings.items()}

    def step(self) -> None:
        """One step of gradient descent for all networks, gradients written out."""
        input_weights, bias, output_weights = self.values
        inputs = self.inputs
        if self.noisy["input_noise"]:
            inputs = inputs + self.settings["input_noise"] * self._normal(inputs)
        hidden = torch.relu(torch.baddbmm(bias[:, None, :], inputs, input_weights.mT))
        residual = torch.bmm(hidden, output_weights.mT) - self.targets
        if self.noisy["label_noise"]:
            residual -= self.settings["label_noise"] * self._label_noise(residual)
        residual *= 2 / residual[0].numel()
        backward = torch.bmm(residual, output_weights) * (hidden > 0)
        gradient = [
            torch.bmm(backward.mT, inputs),
            backward.sum(dim=1),
            torch.bmm(residual.mT, hidden),
        ]
        for value, slope in zip(self.values, gradient, strict=True):
            shape = (-1, 1, 1) if value.ndim == 3 else (-1, 1)
            if self.noisy["update_noise"]:
                slope += self.settings["update_noise"].view(shape) * self._normal(value)
            value -= self.settings["learning_rate"].view(shape) * slope

    def _normal(self, like: torch.Tensor) -> torch.Tensor:
        return torch.randn(
            like.shape, generator=self.generator, dtype=like.dtype, device=like.device
        )

    def _label_noise(self, like: torch.Tensor) -> torch.Tensor:
        if self.gaussian:
            return self._normal(like)
        uniform = torch.rand(
            like.shape, generator=self.generator, dtype=like.dtype, device=like.device
        )
        return uniform - 0.5

    def networks(self) -> Iterable[Parameters]:
        """The present parameters of each network."""
        arrays = [value.cpu().numpy().copy() for value in self.values]
        return (Parameters(*one) for one in zip(*arrays, strict=True))


def _check_together(
    tasks: Sequence[Task], rules: Sequence[GradientDescent], seeds: Sequence[int]
) -> None:
    """Refuse what cannot be stacked."""
    if not tasks or not len(tasks) == len(rules) == len(seeds):
        raise ValueError(
            f"there are {len(tasks)} tasks, {len(rules)} rules and {len(seeds)} seeds: give one of "
            "each for every network, and at least one network."
        )
    shapes = {(task.inputs.shape, task.targets.shape) for task in tasks}
    if len(shapes) > 1:
        raise ValueError(f"the tasks have shapes {sorted(shapes)}: a batch must be of one shape.")
    for rule in rules:
        if not isinstance(rule, GradientDescent):
            raise TypeError(f"{rule} cannot be run in a batch: only GradientDescent can.")
    if len({rule.label_noise_distribution for rule in rules}) > 1:
        raise ValueError("the rules differ in label_noise_distribution: use one for a batch.")
    for seed in seeds:
        check_integer("seed", seed)
