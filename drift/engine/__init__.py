"""The simulation engine: vectors, random numbers and the network's arithmetic in Numba."""
