"""The website: pages, figures to play with, and the folder to publish.

Imports all below.
"""
