"""What a chapter's notebook declares, its execution, and runs with other parameters.

Imports all below but the site's pages.
"""
