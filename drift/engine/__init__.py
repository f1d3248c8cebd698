"""Kernels: vectors, random numbers and the network's arithmetic in Numba.

Imports support, tasks and network.
"""
