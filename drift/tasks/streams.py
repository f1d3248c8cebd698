"""How the inputs of a task are distributed, where there can be more of them than its samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["GaussianStream"]


@dataclass(frozen=True, eq=False)
class GaussianStream:
    """Independent normal inputs of mean zero, and a linear teacher: target = teacher x.

    Parameters
    ----------
    deviations : (d_in,) array
        Standard deviation of each input, at least 0.
    teacher : (d_out, d_in) array
        Weight of each input in each target.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is not finite or a deviation is negative.
    """

    deviations: np.ndarray
    teacher: np.ndarray

    def __post_init__(self) -> None:
        deviations, teacher = np.array(self.deviations, float), np.array(self.teacher, float)
        if deviations.ndim != 1 or teacher.ndim != 2 or teacher.shape[1] != deviations.size:
            raise ValueError(
                f"deviations has shape {deviations.shape} and teacher {teacher.shape}: they must "
                "be (d_in,) and (d_out, d_in)."
            )
        if not (np.isfinite(deviations).all() and np.isfinite(teacher).all()):
            raise ValueError("deviations and teacher must hold finite numbers only.")
        if (deviations < 0).any():
            raise ValueError(f"deviations has {deviations.min()}: none may be below 0.")
        for name, array in (("deviations", deviations), ("teacher", teacher)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
