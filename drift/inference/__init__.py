"""Which learning rule is at work, inferred from the statistics of drift.

Imports support, tasks, network, analysis and simulation.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
