"""The two kinds of errors that the command ``drift`` reports in words instead of a traceback."""


class RefusedError(Exception):
    """What was asked for cannot be; nothing was done. The command ends with 2."""


class FailedError(Exception):
    """Something was tried and did not succeed. The command ends with 1."""
