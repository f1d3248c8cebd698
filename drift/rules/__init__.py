"""Learning rules: what changes the network's parameters at each step."""
