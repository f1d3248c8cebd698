"""Learning rules, one a file: each a frozen dataclass that registers itself.

Imports support, tasks, network and engine.
"""

from drift.rules import (
    adam,
    dropout,
    error_descent,
    gradient_descent,
    online_descent,
    preactivation_noise,
    rmsprop,
)

__all__ = [
    "adam",
    "dropout",
    "error_descent",
    "gradient_descent",
    "online_descent",
    "preactivation_noise",
    "rmsprop",
]
