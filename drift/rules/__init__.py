"""Learning rules, one a file: each a frozen dataclass that registers itself.

Imports support, tasks, network and engine.
"""

from drift.rules import adam, error_descent, gradient_descent, rmsprop

__all__ = ["adam", "error_descent", "gradient_descent", "rmsprop"]
