"""Training a network and recording what happens: simulate, its two engines, its cache.

Imports support, tasks, network, engine, rules and analysis.
"""
