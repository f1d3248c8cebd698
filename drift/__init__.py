"""drift: representational drift as implicit regularization, simulated fast and measured.

The package behind the book. A task and a learning rule go into :func:`simulate`, which returns an
:class:`xarray.Dataset`::

    import drift
    task = drift.corridor(seed=0)
    rule = drift.GradientDescent(learning_rate=0.1, update_noise=0.0139)
    run = drift.simulate(task, rule, hidden=500, init="lazy", steps=1_000_000)

What a chapter needs is here and in ``tasks``, ``network``, ``rules``, ``simulation``,
``analysis``, ``theory``, ``similarity``, ``datasets``, ``plots`` and ``claims``. The rest is
machinery: ``support`` and ``engine`` below them, ``study``, ``results``, ``chapters``, ``site`` and
``commands`` above.
Names are loaded when they are first used; ``__init__.pyi`` lists them.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
