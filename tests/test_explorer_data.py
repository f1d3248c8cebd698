"""The files and the numbers of the page *Explore one run*, without a browser."""

import numpy as np
from browsing import ROOT
from explorer_reader import MAPS, RUN, SPECTRA

from drift.site import explorer, notable_units


def test_it_begins_with_a_well_tuned_unit_whose_map_changes():
    unit = notable_units.mover(MAPS)
    tuned = (MAPS.spatial_information.values > 0.5).all(axis=0)
    change = np.full(500, np.inf)
    for each in np.flatnonzero(tuned):
        change[each] = np.corrcoef(MAPS.level.values[[1, -1], each])[0, 1]
    assert unit == change.argmin()
    assert change[unit] < 0.1
    keeper = notable_units.keeper(MAPS)
    assert np.corrcoef(MAPS.level.values[[1, -1], keeper])[0, 1] > 0.9 and tuned[keeper]


def test_units_on_offer_do_what_their_buttons_say():
    active = MAPS.peak_rate.values > 0
    found = notable_units.notable_units(MAPS)
    (mover, first), (keeper, _), (returner, silent), (loser, end) = found
    assert first == 0 and active[:, [mover, keeper]].all()
    assert not active[silent - 2 : silent + 3, returner].any()
    assert active[0, returner] and active[silent:, returner].sum() >= 30
    assert active[:end, loser].all() and not active[end:, loser].any() and 5 < end < 25


def test_the_pages_numbers_are_the_archives():
    words = " ".join((ROOT / "book" / "explorer.md").read_text().split())
    active = MAPS.peak_rate.values > 0
    correlation = RUN.rate_map_correlation.sel
    rank = SPECTRA["rank"].astype(int).sel
    assert f"{active[0].sum()} of 500 at the start, {active[-1].sum()} at the end" in words
    early = float(correlation(snapshot=200_000, other_snapshot=300_000))
    late = float(correlation(snapshot=900_000, other_snapshot=1_000_000))
    assert f"at step 300,000 it is {early:.2f}" in words
    assert f"after the same number of steps it is {late:.2f}" in words
    # Silent, and active both before and after.
    before = np.maximum.accumulate(active, axis=0)
    after = np.maximum.accumulate(active[::-1], axis=0)[::-1]
    returned = (~active & before & after).any(axis=0).sum()
    assert f"More than half of all units, {returned}, fall silent and become active again" in words
    assert f"{int(rank(snapshot=20_000)):,} are above a millionth of the largest" in words
    assert f"and {int(rank(snapshot=1_000_000)):,} at the end" in words
    largest = SPECTRA.largest_eigenvalue.values[1:]
    assert 0.01 < np.abs(largest / 20 - 1).max() < 0.02
    assert "stays within 2 %" in words
    learned = RUN.loss.sel(step=slice(20_000, None))
    assert float(RUN.loss[0]) > 10 * float(learned.median())


FILES_OF_A_FIGURE = (".svg", ".narrow.svg", ".nc", ".values.js")


def test_staging_twice_gives_the_same_files(tmp_path):
    contents = []
    for stage in (tmp_path / "a", tmp_path / "b"):
        book = stage / "book"
        book.mkdir(parents=True)
        (book / explorer.PAGE).touch()
        explorer.stage_explorer(book)
        files = [file for file in (book / "_static").rglob("*") if file.is_file()]
        contents.append({file.relative_to(book).as_posix(): file.read_bytes() for file in files})
    figures = "_static/figures/explorer/explorer-still"
    made = {"_static/explorer/data.js"} | {f"{figures}{kind}" for kind in FILES_OF_A_FIGURE}
    assert set(contents[0]) == made
    assert contents[0] == contents[1]


def test_a_book_without_the_page_gets_no_data(tmp_path):
    explorer.stage_explorer(tmp_path)
    assert list(tmp_path.iterdir()) == []
