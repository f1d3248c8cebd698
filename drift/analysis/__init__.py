"""What is measured of networks and of recordings: curvature, tuning, information, trends, phases.

Imports support, tasks and network.
"""
