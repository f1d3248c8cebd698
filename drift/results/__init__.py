"""All that ships computed, in ``files/``, and what makes it: archives, tables, golden digests.

Imports all below, studies and data sets included.
"""
