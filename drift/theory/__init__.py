"""Laws in closed form, and the walks that they are compared with.

Imports all below, simulation included.
"""
