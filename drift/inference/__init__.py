"""Which learning rule is at work, inferred from the statistics of drift.

Imports support, tasks, network, analysis and simulation.
"""
