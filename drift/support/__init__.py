"""What every other folder may use: checks, files, the rule of portable arithmetic, progress.

Imports nothing of the package.
"""
