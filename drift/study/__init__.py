"""Many runs from one file, on all cores or on a cluster.

Imports all below, simulation included; no data sets and no plots.
"""
