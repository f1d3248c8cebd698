"""What stands behind each of the commands of ``drift``; loaded when it is called.

Imports everything.
"""
