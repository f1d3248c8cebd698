"""The list of faults that tests must notice: each can still be put where it says."""

from kill_mutants import ROOT, listed


def test_every_mutant_changes_one_place_and_has_its_tests():
    mutants = list(listed())
    assert len(mutants) >= 40
    assert len({name for name, *_ in mutants}) == len(mutants)
    for name, file, find, replace, tests in mutants:
        assert (ROOT / file).read_text().count(find) == 1, name
        assert find != replace
        assert all((ROOT / test).is_file() for test in tests)
