"""Which learning rule is at work, inferred from the statistics of drift.

Imports `study`, `simulation`, `analysis`, `rules`, `network`, `tasks`, `support`.
"""
