"""The shipped tables of numbers against the public data that they were computed from."""

import pandas as pd
import pytest

from drift.results import tables


@pytest.mark.parametrize("name", [path.stem for path in tables.shipped_tables()])
def test_a_table_says_what_it_was_computed_from_and_that_has_not_changed(name):
    """Without the data: their digests, and those of the archives, are the present ones."""
    lines = tables.table_path(name).read_text().splitlines()
    head = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    assert head == [f"computed by: drift data table {name}", *tables.TABLES[name].sources()]
    assert not tables.load_table(name).empty


@pytest.mark.parametrize("name", [path.stem for path in tables.shipped_tables()])
def test_a_table_is_what_the_public_data_give(public_data, name, tmp_path):
    again = tables.make_table(name, tmp_path / f"{name}.csv")
    found = pd.read_csv(again, comment="#")
    pd.testing.assert_frame_equal(tables.load_table(name), found, rtol=1e-5)


def test_unknown_tables_are_refused():
    with pytest.raises(ValueError, match="table='lost' is unknown: choose one of"):
        tables.load_table("lost")
