"""Sections of the article, as claims name where they are from (doi:10.7554/eLife.90069)."""

SPARSIFICATION = "Results, *Spontaneous sparsification in a predictive coding network*"
GENERALITY = "Results, *Generality of the phenomenon*"
MECHANISM = "Results, *Mechanism of sparsification*"

__all__ = ["GENERALITY", "MECHANISM", "SPARSIFICATION"]
