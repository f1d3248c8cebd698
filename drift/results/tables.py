"""Small tables of numbers that this package computed from public data, shipped with it.

The data themselves are not: chapters read these tables, and need no download. Each begins with
lines that say what it was computed from and how; ``drift data table NAME`` computes it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from drift.datasets import find_dataset
from drift.datasets.published_runs import (
    as_published,
    published_runs,
    published_shares,
    published_starts,
)
from drift.datasets.published_scans import scan_by_noise, scan_relations
from drift.results import animal_tables, lap_tables, signature_tables
from drift.results.archives import archive_path, load_archive
from drift.results.registered_features import registered_features
from drift.study.collection import table_of_runs
from drift.study.group_comparison import compare_groups
from drift.support.checks import check_choice
from drift.support.locations import SHIPPED
from drift.support.storage import write_text


@dataclass(frozen=True)
class Table:
    """What a table is computed from, and how."""

    compute: Callable[[], pd.DataFrame]
    datasets: tuple[str, ...]
    archives: tuple[str, ...] = ()

    def sources(self) -> list[str]:
        """One line a source: repository, commit and a digest of the files' digests."""
        lines = []
        for name in self.datasets:
            dataset = find_dataset(name)
            files = dataset.files
            digest = hashlib.sha256(
                "".join(sorted(files["sha256"].fillna(files["git_blob"]))).encode()
            ).hexdigest()[:16]
            lines.append(
                f"{name}: github.com/{dataset.repository}, commit {files['commit'].iloc[0]}, "
                f"{len(files)} files, digest of their SHA-256 {digest}"
            )
        for name in self.archives:
            content = hashlib.sha256(archive_path(name).read_bytes()).hexdigest()[:16]
            lines.append(f"archive {name}: SHA-256 {content}")
        return lines


def _comparison() -> pd.DataFrame:
    ours = as_published(table_of_runs(load_archive("generality")))
    return compare_groups(ours, published_runs())


TABLES: dict[str, Table] = {
    "published-scan": Table(scan_by_noise, ("ratzon-2024",)),
    "published-scan-relations": Table(scan_relations, ("ratzon-2024",)),
    "published-shares": Table(published_shares, ("ratzon-2024",)),
    "published-starts": Table(published_starts, ("ratzon-2024",)),
    "familiar-sessions": Table(animal_tables.familiar_sessions, ("sheintuch-2022",)),
    "novel-sessions": Table(animal_tables.novel_by_session, ("rechavi-2022",)),
    "novel-slopes": Table(animal_tables.novel_slopes, ("rechavi-2022",)),
    "registered-correlation": Table(animal_tables.correlation_by_lag, ("sheintuch-2020",)),
    "registered-features": Table(registered_features, ("sheintuch-2020",)),
    "registered-maps": Table(animal_tables.maps_over_days, ("sheintuch-2020",)),
    "registered-drift": Table(signature_tables.registered_drift, ("sheintuch-2020",)),
    "rat-laps": Table(lap_tables.rat_laps, ("bendor-rats",)),
    "rat-blocks": Table(lap_tables.rat_blocks, ("bendor-rats",)),
    "track-sessions": Table(lap_tables.track_sessions, ("sheintuch-2022", "sheintuch-2020")),
    "elsewhere-sessions": Table(signature_tables.elsewhere_sessions, ("elyasaf-2024",)),
    "elsewhere-slopes": Table(signature_tables.elsewhere_slopes, ("elyasaf-2024",)),
    "elsewhere-correlation": Table(signature_tables.elsewhere_correlation, ("elyasaf-2024",)),
    "signature-slopes": Table(signature_tables.signature_slopes, tuple(signature_tables.PLACES)),
    "generality-comparison": Table(_comparison, ("ratzon-2024",), ("generality",)),
}


def load_table(name: str) -> pd.DataFrame:
    """The table called ``name``, as shipped."""
    return pd.read_csv(table_path(name), comment="#")


def table_path(name: str) -> Path:
    """The file of the table called ``name``; ValueError if there is none of that name."""
    check_choice("table", name, TABLES)
    return SHIPPED / f"{name}.csv"


def shipped_tables() -> list[Path]:
    """The files of all tables that are shipped."""
    return sorted(SHIPPED.glob("*.csv"))


def make_table(name: str, path: Path | None = None) -> Path:
    """Compute the table called ``name``, and write it to ``path``, by default where it is shipped.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the data are not at hand, or not the published ones.
    """
    target = path or table_path(name)
    table = TABLES[name]
    header: Iterable[str] = (f"computed by: drift data table {name}", *table.sources())
    lines = "".join(f"# {line}\n" for line in header)
    write_text(lines + table.compute().to_csv(index=False, float_format="%.6g"), target)
    return target
