"""Tasks: what a network is trained on; one file a family, each function registers itself.

Imports support.
"""

from drift.tasks import corridor, mappings, ring, selection

__all__ = ["corridor", "mappings", "ring", "selection"]
