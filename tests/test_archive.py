"""The shipped archive against runs made now, and the chapters against a changed world."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import xarray as xr

import drift
from drift.analysis import tuning
from drift.analysis.hessian import hessian_eigenvalues
from drift.analysis.spectra import spectra
from drift.results import archives, study_archives, versions
from drift.results.corridor_runs import quantise
from drift.results.study_archives import archived_settings, begin_again
from drift.results.versions import recorded_digests
from drift.study.reading import list_designs, read_study
from drift.study.work import execute
from drift.support.storage import ForeignFileError, read_dataset

ROOT = Path(__file__).parent.parent


NETWORKS = {"default": {}, **archives.CORRIDOR_VARIANTS}


@pytest.mark.parametrize("variant", NETWORKS)
def test_the_archive_begins_as_a_run_made_now(variant):
    """The first 3000 of a million steps, seed 0: equal to what rounding of float64 sums leaves."""
    if variant == "default":
        shipped = archives.load_archive("corridor").sel(seed=0)
    else:
        shipped = archives.load_archive("corridor-variants").sel(variant=variant, seed=0)
    assert archives.is_of_this_code(shipped), "compute it again: drift archive corridor"
    steps = archives.recorded_steps(3000)
    task = drift.corridor(seed=0, **NETWORKS[variant])
    network = archives.PUBLISHED_NETWORK | {"steps": 3000, "seed": 0}
    run = drift.simulate(task, archives.PUBLISHED_RULE, record=steps, snapshots=[0], **network)
    for name in ("loss", "active_fraction", "fraction_active_units"):
        np.testing.assert_allclose(
            run[name], shipped[name].sel(step=steps), rtol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("name", ["corridor", "corridor-variants"])
def test_the_archive_is_whole_and_says_where_it_is_from(name):
    shipped = archives.load_archive(name)
    if name == "corridor":
        assert shipped.sizes["seed"] == 20
    else:
        assert shipped.sizes["seed"] == 5
        assert shipped.variant.values.tolist() == list(archives.CORRIDOR_VARIANTS)
    assert shipped.step.values[-1] == 1_000_000
    assert np.isfinite(shipped.loss).all()
    assert shipped.attrs["command"] == f"drift archive {name}"
    assert {"code_version", "machine", "hours", "digests"} <= set(shipped.attrs)
    # Seeds make different runs.
    final = shipped.loss.isel(step=-1).values
    assert len(np.unique(final)) == final.size


def test_unknown_archives_are_refused():
    with pytest.raises(ValueError, match="archive='lost' is unknown: choose one of 'corridor'"):
        archives.load_archive("lost")


def nbval(notebook, folder, environment):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q",
         "-c", os.devnull, "--rootdir", str(folder), str(notebook)],
        cwd=folder, env=dict(os.environ) | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


FASTER = """
from drift.tasks import corridor
assert corridor.corridor.__kwdefaults__["speed"] == 0.2
corridor.corridor.__kwdefaults__["speed"] = 0.21
"""


def test_nbval_notices_a_changed_constant_of_nature(tmp_path):
    """The corridor chapter, up to the numbers of its run, where the agent walks a little faster.

    The whole chapter as it is passes among the other checks. Python changes the constant as it
    starts, so that kernels need not be compiled again.
    """
    chapter = nbformat.read(ROOT / "book" / "corridor.ipynb", as_version=4)
    numbers = [i for i, cell in enumerate(chapter.cells) if "log10(loss / var" in str(cell)]
    chapter.cells = chapter.cells[: numbers[-1] + 1]
    notebook = tmp_path / "corridor.ipynb"
    nbformat.write(chapter, notebook)
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "sitecustomize.py").write_text(FASTER)

    faster = nbval(notebook, tmp_path, {"PYTHONPATH": f"{changed}{os.pathsep}{ROOT}"})
    assert faster.returncode == 1
    assert "Cell outputs differ" in faster.stdout
    assert "caused an exception" not in faster.stdout


STUDIES = ["generality", "noise-scan", "published-rows", "update-vs-label"]
MEASURES = ("loss", "fraction_active_units", "active_fraction", "hessian_trace")


@pytest.mark.parametrize("name", STUDIES)
def test_archived_studies_begin_as_runs_made_now(name):
    """Their first run and the last, to the ten bits that an archive keeps.

    An archive of earlier code saw other noise: of it only the network before training is compared
    here, and the rest by its law in the next test.
    """
    shipped = archives.load_archive(name)
    current = archives.is_of_this_code(shipped)
    for place in (0, shipped.sizes["run"] - 1):
        again = begin_again(shipped, place, 3000 if current else 0)
        records = again.sizes["step"]
        assert records > (50 if current else 0)
        archived = shipped.isel(run=place)
        assert archived.step.values[:records].tolist() == again.step.values.tolist()
        for measure in MEASURES:
            kept = archived[measure].values[:records]
            np.testing.assert_allclose(again[measure].values, kept, rtol=1 / 1024, err_msg=measure)
    if not current:
        pytest.skip(f"the archive {name} is of earlier code: compared before training only")


@pytest.mark.filterwarnings("ignore:the run fell silent")  # as its archived twin did
@pytest.mark.parametrize("name", STUDIES)
def test_archived_studies_follow_the_law_of_runs_made_now(name):
    """Thirty runs for 3000 steps, pair by pair with their archived twins of the same start.

    Mean differences of the fraction of active units and of log loss lie within 4.5 standard errors
    of zero, 1e-3 and 1e-2 allowed for the archive's rounding.
    """
    shipped = archives.load_archive(name)
    places = np.linspace(0, shipped.sizes["run"] - 1, 30).round().astype(int)
    differences = {"fraction_active_units": [], "loss": []}
    for place in places:
        again = begin_again(shipped, place, 3000).isel(step=-1)
        archived = shipped.isel(run=place)
        record = np.searchsorted(archived.step.values[archived.step.values >= 0], again.step.item())
        differences["fraction_active_units"].append(
            again.fraction_active_units.item() - archived.fraction_active_units.values[record]
        )
        differences["loss"].append(
            np.log10(again.loss.item() / max(archived.loss.values[record], 1e-30))
        )
    for measure, allowed in (("fraction_active_units", 1e-3), ("loss", 1e-2)):
        values = np.array(differences[measure])
        values = values[np.isfinite(values)]
        assert values.size >= 25
        bound = 4.5 * values.std(ddof=1) / np.sqrt(values.size) + allowed
        assert abs(values.mean()) < bound, measure


def test_an_archive_of_other_results_is_not_of_this_code(monkeypatch):
    shipped = archives.load_archive("corridor")
    assert archives.is_of_this_code(shipped)
    digests = recorded_digests()
    more = digests | {"a rule to come": "0", "runs of the study generality": "1"}
    monkeypatch.setattr(versions, "recorded_digests", lambda: more)
    assert archives.is_of_this_code(shipped)
    other = digests | {"update noise, in weights": "0"}
    monkeypatch.setattr(versions, "recorded_digests", lambda: other)
    assert not archives.is_of_this_code(shipped)
    assert not archives.is_of_this_code(shipped.drop_attrs())


def test_the_settings_of_an_archived_run_are_those_it_was_drawn_with():
    shipped = archives.load_archive("update-vs-label")
    drawn = read_study(list_designs()["update-vs-label"]).runs()
    for place in (0, 7, shipped.sizes["run"] - 1):
        wanted = {
            key: value for key, value in drawn[place].items() if key not in ("number", "part")
        }
        found = archived_settings(shipped, place)
        assert {key: found[key] for key in wanted} == wanted


def test_the_archived_spectra_begin_as_those_made_now():
    shipped = archives.load_archive("corridor-spectra").isel(snapshot=0)
    task = drift.corridor(seed=0)
    network = archives.PUBLISHED_NETWORK | {"steps": 0, "seed": 0}
    run = drift.simulate(task, archives.PUBLISHED_RULE, snapshots=[0], record=[0], **network)
    now = spectra(run, task).isel(snapshot=0)
    large = now.eigenvalues.values > 1e-9 * now.eigenvalues.values[0]
    kept = shipped.eigenvalues.values[large]
    np.testing.assert_allclose(now.eigenvalues.values[large], kept, rtol=1 / 1024)
    assert int(shipped["rank"]) == pytest.approx(int(now["rank"]), rel=1 / 1024)


def plain_rate_maps(parameters, task):
    """Mean activity by place, (unit, 100), bin by bin; NaN where no sample fell."""
    activity = np.maximum(0, task.inputs @ parameters.input_weights.T + parameters.bias)
    place = np.where(np.cos(task.heading) >= 0, task.position, -task.position)
    edges = np.linspace(place.min(), place.max(), 101)
    bins = np.clip(np.searchsorted(edges, place, side="right") - 1, 0, 99)
    maps = np.full((activity.shape[1], 100), np.nan)
    for index in np.unique(bins):
        maps[:, index] = activity[bins == index].mean(axis=0)
    return maps


def test_the_archived_maps_begin_as_those_of_a_run_made_now():
    """Steps 0 and 20,000 of seed 0, to half of a map's 255 steps (and what float32 rounds)."""
    shipped = archives.load_archive("corridor-maps")
    task = drift.corridor(seed=0)
    record = archives.recorded_steps(20_000)
    network = archives.PUBLISHED_NETWORK | {"steps": 20_000, "seed": 0, "progress": False}
    times = {"record": record, "snapshots": [0, 20_000]}
    run = drift.simulate(task, archives.PUBLISHED_RULE, **times, **network)
    for snapshot in range(2):
        maps = plain_rate_maps(drift.Parameters.of_snapshot(run, snapshot), task)
        visited = np.flatnonzero(np.isfinite(maps[0]))
        assert shipped.place_bin.values.tolist() == visited.tolist()
        archived = shipped.isel(snapshot=snapshot)
        peak = archived.peak_rate.values.astype(float)
        np.testing.assert_allclose(peak, maps[:, visited].max(axis=1), rtol=1e-6)
        step = peak[:, None] / 255
        difference = np.abs(archived.level.values * step - maps[:, visited])
        assert (difference <= step * (0.5 + 1e-3)).all()


def test_the_archived_maps_are_those_of_the_corridor_archive():
    """What follows from the maps is what was computed before they were rounded, seed 0."""
    maps = archives.load_archive("corridor-maps")
    runs = archives.load_archive("corridor").sel(seed=0)
    assert maps.snapshot.values.tolist() == runs.snapshot.values.tolist()
    at = runs.sel(step=maps.snapshot.values)
    for name in ("loss", "fraction_active_units"):
        np.testing.assert_array_equal(maps[name], at[name], err_msg=name)
    np.testing.assert_allclose(maps.mean_information, runs.mean_information, rtol=1e-12)
    active = maps.peak_rate.values > 0
    np.testing.assert_allclose(active.mean(axis=1), at.fraction_active_units, rtol=1e-12)
    bits = maps.spatial_information.values
    np.testing.assert_array_equal(np.isfinite(bits), active)
    tuned = bits > tuning.PLACE_CELL_INFORMATION
    np.testing.assert_array_equal(tuned.sum(axis=1), runs.place_cells)
    # A level is off by at most 1/510 of the peak, which most correlations hardly notice.
    correlation = tuning.rate_map_correlation(maps.level.values.astype(float), tuned)
    np.testing.assert_allclose(correlation, runs.rate_map_correlation, atol=2e-4)


def test_rounded_maps_are_right_to_half_a_step():
    random = np.random.default_rng(0)
    rate = random.exponential(size=(3, 40, 20)) * random.integers(0, 2, (3, 40, 1))
    level, peak = quantise(rate)
    silent = rate.max(axis=-1) == 0
    assert level.dtype == np.uint8 and silent.any()
    np.testing.assert_array_equal(level.max(axis=-1), np.where(silent, 0, 255))
    assert (peak[silent] == 0).all()
    step = (peak / 255)[..., None]
    assert (np.abs(level * step - rate) <= 0.501 * step).all()


TINY = """\
study: noise-scan
settings: {hidden: 10, steps: 300, rule: GradientDescent, samples: 3, d_in: 4, d_out: 2}
parts:
  - part: noise
    settings: {task: random_mapping, learning_rate: 0.1, update_noise: {each: [0.01, 0.02, 0.04]}}
"""


def test_a_place_that_cannot_be_written_is_refused_before_computing(tmp_path, monkeypatch):
    monkeypatch.setitem(archives.ARCHIVES, "corridor", lambda: pytest.fail("computed"))
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    with pytest.raises(ForeignFileError, match="does not replace it"):
        archives.make_archive("corridor", notes)
    with pytest.raises(NotADirectoryError, match="Not a directory"):
        archives.make_archive("corridor", notes / "corridor.nc")
    assert notes.read_text() == "mine" and list(tmp_path.iterdir()) == [notes]


@pytest.fixture
def computed_here(monkeypatch):
    """Studies of archives are computed without processes of their own, which begin slowly."""

    def compute(folder, without=()):
        failed = {}
        for number, settings in enumerate(folder.settings()):
            if number not in folder.finished() and number not in without:
                failed |= execute(folder.path, {number: settings}, 60).failed
        return failed

    monkeypatch.setattr(study_archives, "run_study", compute)


@pytest.mark.usefixtures("computed_here")
def test_a_study_becomes_an_archive_whole_or_in_part(tmp_path, own_cache, monkeypatch):
    design = tmp_path / "tiny.yaml"
    design.write_text(TINY)
    monkeypatch.setattr(study_archives, "list_designs", lambda: {"noise-scan": design})
    made = archives.make_archive("noise-scan", tmp_path / "whole.nc")
    whole = read_dataset(made)
    assert whole.run.values.tolist() == [0, 1, 2]
    assert whole.attrs["complete"] == "3 of 3 runs"
    folder = study_archives.StudyFolder(own_cache / "studies" / "noise-scan")
    for number, settings in enumerate(folder.settings()):
        task = study_archives.make_task(settings)
        end = drift.Parameters.of_snapshot(folder.result(number), -1)
        eigenvalues = hessian_eigenvalues(task, end)
        above = np.abs(eigenvalues) > 1e-6 * eigenvalues.max()
        assert int(whole.whole_rank[number]) == above.sum()
        active = (drift.network.hidden_activity(end, task.inputs) > 0).any(axis=0).sum()
        assert int(whole.active_parameters[number]) == 7 * active
    folder.result_path(1).unlink()
    part = read_dataset(archives.make_archive("noise-scan", tmp_path / "part.nc", partial=True))
    assert part.run.values.tolist() == [0, 2]
    assert part.attrs["complete"] == "2 of 3 runs"
    np.testing.assert_array_equal(part.loss, whole.loss[[0, 2]])


@pytest.mark.usefixtures("computed_here")
def test_a_part_made_elsewhere_is_gone_on_with(own_cache, monkeypatch, tmp_path):
    """One run here, two on another machine, in one archive that is as if made at once."""
    design = tmp_path / "tiny.yaml"
    design.write_text(TINY)
    monkeypatch.setattr(study_archives, "list_designs", lambda: {"generality": design})
    whole = read_dataset(archives.make_archive("generality", tmp_path / "whole.nc"))
    folder = study_archives.StudyFolder(own_cache / "studies" / "generality")
    for number in (0, 2):
        folder.result_path(number).unlink()
    part = archives.make_archive("generality", tmp_path / "part.nc", partial=True)
    folder.result_path(1).unlink()

    joined = read_dataset(archives.make_archive("generality", tmp_path / "joined.nc", part=part))
    assert folder.finished() == {0, 2}  # the run of the part was not computed again
    xr.testing.assert_equal(joined, whole)
    assert joined.attrs["complete"] == "3 of 3 runs"

    design.write_text(TINY.replace("0.02", "0.03"))
    shutil.rmtree(own_cache)
    with pytest.raises(study_archives.StudyError, match="other settings than the study now"):
        archives.make_archive("generality", tmp_path / "other.nc", part=part)
    other = read_dataset(part).assign_attrs(digests="{}")
    with pytest.raises(study_archives.StudyError, match="of other code"):
        study_archives.study_archive("generality", other)
    with pytest.raises(study_archives.StudyError, match="cannot be gone on with"):
        archives.make_archive("noise-scan", tmp_path / "scan.nc", part=part)
