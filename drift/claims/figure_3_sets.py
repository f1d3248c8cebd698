"""The data sets of the study's Fig. 3, and why the book cannot judge them where they are absent."""

from __future__ import annotations

__all__ = ["SETS", "WHY_NOT"]

SETS = {
    "khatib-2023": ("Fig. 3A", "Khatib et al., 200 minutes", "place cells"),
    "jercog-hc22": ("Fig. 3B", "Jercog et al., 10 days", "active cells"),
    "karlsson-hc6": ("Fig. 3C", "Karlsson et al., 11 days", "place cells"),
    "sheintuch-2023": ("Fig. 3D", "Sheintuch et al. 2023, 8 days", "place cells"),
}
"""The data sets of Fig. 3: panel, whose and how long, and the cells that are counted."""

WHY_NOT = {
    "khatib-2023": "the recordings are not public",
    "jercog-hc22": "needs an account, and the layout of its files is not documented",
    "karlsson-hc6": "needs an account; the book ships a loader, tested only on made-up files of "
    "the documented layout",
    "sheintuch-2023": "public, but not available when the book was made; "
    "`drift run animal -p own_sets true` judges it where the files are present",
}
