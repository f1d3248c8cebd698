"""Changed corridors, what remapping is, and what is claimed of it."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import drift
from drift.analysis.hessian import hessian_eigenvalues
from drift.analysis.partial_correlation import partial_rank_correlation
from drift.analysis.remapping import remapping
from drift.analysis.resampling import interval_over
from drift.claims import remapping_claims as claims
from drift.claims.verdicts import ARCHIVED, FAILS, HOLDS
from drift.network import Parameters
from drift.results import remapping_runs
from drift.results.archives import load_archive
from drift.results.corridor_runs import PUBLISHED_NETWORK, PUBLISHED_RULE, recorded_steps
from drift.tasks.arena import view
from drift.tasks.changed_corridor import changed_corridor
from drift.tasks.corridor import arena_and_path

FAMILIAR = drift.corridor(seed=3, samples=40)


def seen_in(arena, position, heading):
    """Inputs and targets in an arena, scaled as in the familiar one, by plain NumPy."""
    constants = FAMILIAR.constants
    familiar, path = arena_and_path(constants)
    here, there = (
        view(walls, places, heading, constants["pixels"], constants["field_of_view"])
        for walls, places in ((familiar, path.position), (arena, position))
    )
    for part in (slice(0, -1), slice(1, None)):
        low, high = here[part].min(), here[part].max()
        yield (there[part] - low) / (high - low)


@pytest.mark.parametrize("change", ["morph", "rotate", "stretch"])
def test_a_change_of_nothing_is_the_familiar_corridor(change):
    same = changed_corridor(FAMILIAR, change, 0)
    for name in ("inputs", "targets", "position", "heading"):
        np.testing.assert_allclose(getattr(same, name), getattr(FAMILIAR, name), atol=1e-12)


@pytest.mark.parametrize("dose", [0.25, 1.0])
def test_a_morphed_texture_has_the_correlation_that_the_dose_says(dose):
    """The mix by NumPy: the part of the other texture that is uncorrelated, at equal variance."""
    arena, path = arena_and_path(FAMILIAR.constants)
    other = arena_and_path(FAMILIAR.constants | {"seed": 77})[0].texture
    own = arena.texture - arena.texture.mean()
    rest = other - np.polyval(np.polyfit(own, other, 1), own)
    mixed = (
        np.cos(dose * np.pi / 2) * own + np.sin(dose * np.pi / 2) * rest * own.std() / rest.std()
    )
    assert np.corrcoef(own, mixed)[0, 1] == pytest.approx(np.cos(dose * np.pi / 2))
    walls = arena._replace(texture=mixed + arena.texture.mean())
    found = changed_corridor(FAMILIAR, "morph", dose, other_seed=77)
    views, targets = seen_in(walls, path.position, path.heading)
    np.testing.assert_allclose(found.inputs[:, :-1], views, atol=1e-9)
    np.testing.assert_allclose(found.targets, targets, atol=1e-9)
    np.testing.assert_array_equal(found.inputs[:, -1], FAMILIAR.inputs[:, -1])


def test_a_rotated_texture_is_rolled_around_the_walls():
    arena, path = arena_and_path(FAMILIAR.constants)
    rolled = arena._replace(texture=np.roll(arena.texture, 51))
    found = changed_corridor(FAMILIAR, "rotate", 51 / len(arena.texture))
    views, _ = seen_in(rolled, path.position, path.heading)
    np.testing.assert_allclose(found.inputs[:, :-1], views, atol=1e-9)


def test_a_stretched_corridor_is_longer_with_its_path():
    arena, path = arena_and_path(FAMILIAR.constants)
    long = arena._replace(length=1.5 * arena.length)
    found = changed_corridor(FAMILIAR, "stretch", 0.5)
    views, _ = seen_in(long, 1.5 * path.position, path.heading)
    np.testing.assert_allclose(found.inputs[:, :-1], views, atol=1e-12)
    np.testing.assert_allclose(found.position, 1.5 * FAMILIAR.position)


def test_only_a_corridor_can_be_changed_and_by_what_is_allowed():
    with pytest.raises(ValueError, match="'random': only a corridor's walls"):
        changed_corridor(drift.random_mapping(), "morph", 0.1)
    with pytest.raises(ValueError, match=r"dose=0.6: of 'rotate' it is at most 0.5"):
        changed_corridor(FAMILIAR, "rotate", 0.6)
    with pytest.raises(ValueError, match="change='paint'"):
        changed_corridor(FAMILIAR, "paint", 0.6)


def test_remapping_of_made_up_maps():
    """Unit 0 stays, 1 moves, 2 falls silent, 3 appears; 4 is flat and no place cell."""
    here = np.array([[5.0, 1, 0, 0], [0, 4, 1, 0], [1, 0, 0, 3], [0, 0, 0, 0], [2, 2, 2, 2]])
    there = np.array([[4.0, 2, 0, 0], [2, 0, 0, 6], [0, 0, 0, 0], [0, 3, 0, 0], [2, 2, 2, 2]])
    found = remapping(here, there, np.full(4, 0.25))
    each = [np.corrcoef(here[unit], there[unit])[0, 1] for unit in (0, 1)]
    assert each[0] > 0.5 > each[1]
    assert found.map_correlation == pytest.approx(np.mean(each))
    assert found.remapped == pytest.approx(2 / 3)
    assert found.overlap == pytest.approx(3 / 5)
    assert remapping(here, here, np.full(4, 0.25)) == pytest.approx((1, 0, 1))


def test_bins_that_were_not_visited_do_not_count():
    here, there = np.array([[5.0, 1, np.nan, 9]]), np.array([[4.0, 2, np.nan, 0]])
    occupancy = np.array([0.5, 0.5, 0, 0])
    assert (
        remapping(here, there, occupancy)
        == remapping(here[:, :2], there[:, :2], occupancy[:2])
        == pytest.approx((1, 0, 1))
    )


def test_partial_correlation_is_that_of_the_textbook():
    random = np.random.default_rng(4)
    z = random.normal(size=60)
    x, y = z + random.normal(size=60), z**3 + random.normal(size=60)
    xy, xz, yz = (stats.spearmanr(*pair).statistic for pair in ((x, y), (x, z), (y, z)))
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert partial_rank_correlation(x, y, z[None]) == pytest.approx(expected)
    assert partial_rank_correlation(x, y) == pytest.approx(xy)
    assert np.isnan(partial_rank_correlation(x, np.exp(z), z[None]))


def test_the_interval_of_a_mean():
    """Percentiles of the bootstrap of a mean lie at 1.96 standard errors, to a tenth of them."""
    values = np.random.default_rng(5).normal(size=200)
    found = interval_over(200, lambda drawn: values[drawn].mean())
    error = values.std() / np.sqrt(200)
    assert found.value == values.mean()
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_flatness_is_that_of_the_whole_hessian():
    task = drift.random_mapping(samples=4, d_in=3, d_out=2, seed=1)
    run = drift.simulate(task, drift.GradientDescent(), hidden=12, steps=20_000, progress=False)
    network = Parameters.of_snapshot(run, -1)
    found = remapping_runs.flatness(network, task)
    eigenvalues = hessian_eigenvalues(task, network)
    assert found["trace"] == pytest.approx(eigenvalues.sum(), rel=1e-6)
    # At zero loss the Gauss-Newton part is the Hessian.
    assert found["sharpness"] == pytest.approx(eigenvalues.max() * 0.1 / 2, rel=1e-4)
    largest = np.sort(eigenvalues)[-8:]
    assert found["log_pseudo_determinant"] == pytest.approx(np.log(largest).sum(), rel=1e-3)
    assert found["active_units"] == round(12 * run.fraction_active_units.values[-1])


def made_up_archive(seed=0, ages=5, networks=12):
    """A trace that falls along training, and as much remapping as the trace says."""
    random = np.random.default_rng(seed)
    trace = 100 * np.exp(-np.arange(ages) / 3) * np.exp(0.3 * random.normal(size=(networks, 1)))
    archive = xr.Dataset(
        {
            "trace": (("seed", "snapshot"), trace),
            "active_units": (("seed", "snapshot"), random.uniform(100, 400, trace.shape)),
        },
        {
            "seed": range(networks), "snapshot": range(ages),
            "environment": remapping_runs.names(), "stage": ["at once", "later"],
        },
    )  # fmt: skip
    shape = (networks, ages, archive.sizes["environment"], 2)
    control = xr.DataArray(archive.environment == "familiar", dims="environment")
    noise = 0.01 * random.normal(size=shape)
    effect = (archive["trace"] / 200).where(~control, 0.05)
    whole = xr.DataArray(noise, dims=("seed", "snapshot", "environment", "stage")) + effect
    later = xr.where(archive.stage == "later", 0.1, 0.0)
    return archive.assign(
        log_pseudo_determinant=archive["trace"] * 3,
        sharpness=archive["trace"] + 1,
        remapped=whole + later,
        loss=np.exp(whole),
        recovery=(100 * whole).isel(stage=0, drop=True),
    )


def verdicts_of(archive, with_label_noise):
    morph = claims.outcomes(archive, "morph")["at_once"]
    same_age = {name: claims.at_the_same_age(archive, name, morph) for name in claims.FLATNESS}
    table = claims.verdicts(archive, with_label_noise, same_age, ARCHIVED)
    return [row["verdict"] for row in table.rows]


def made_flat(archive):
    """Half of the networks at the first ages, flatter and with less of everything."""
    part = archive.isel(seed=slice(0, 6), snapshot=slice(0, 4))
    less = {name: part[name] / 2 for name in ("trace", "loss")}
    control = part["remapped"].sel(environment="familiar")
    beyond = part["remapped"] - control
    return part.assign(less | {"remapped": control + beyond / 2})


def test_a_world_as_the_study_speculates_passes_every_claim():
    archive = made_up_archive()
    found = verdicts_of(archive, made_flat(archive))
    assert len(found) == 19
    assert set(found) == {HOLDS}


def test_the_opposite_world_fails_every_claim():
    archive = made_up_archive()
    flat = made_flat(archive)
    backwards = archive.isel(snapshot=slice(None, None, -1)).assign_coords(
        snapshot=archive.snapshot
    )
    sharper = backwards.assign({name: -backwards[name] for name in claims.FLATNESS})
    more = flat["remapped"] + 0.2 * (flat["environment"] != "familiar")
    worse = {"trace": -flat["trace"], "loss": 9 * flat["loss"], "remapped": more}
    found = verdicts_of(sharper, flat.assign(worse))
    # The trace of ``sharper`` falls with age, as one claim has it.
    assert found.pop(11) == HOLDS
    assert set(found) == {FAILS}


def test_what_the_number_of_active_units_explains_is_not_flatness():
    """Remapping follows the active units, and so does the trace: alike in them, nothing is left."""
    archive = made_up_archive()
    units = archive["active_units"]
    random = np.random.default_rng(7)
    flat = units + 40 * random.normal(size=units.shape)
    shown = units + 40 * random.normal(size=units.shape)
    given = archive.assign(trace=flat)
    found = claims.at_the_same_age(given, "trace", shown)
    assert found.low < 0 < found.high
    given["active_units"][:] = random.uniform(size=units.shape)
    assert claims.at_the_same_age(given, "trace", shown).low > 0.3


def test_later_is_beyond_ordinary_drift_and_doses_are_averaged():
    archive = made_up_archive()
    found = claims.outcomes(archive, "rotate")
    there = ["rotate 0.01", "rotate 0.05", "rotate 0.25"]
    remapped = archive["remapped"].sel(environment=there).values.mean(axis=2)
    control = archive["remapped"].sel(environment="familiar").values
    np.testing.assert_allclose(found["at_once"], remapped[..., 0])
    np.testing.assert_allclose(found["later"], remapped[..., 1] - control[..., 1])


def test_a_network_that_never_recovers_comes_last():
    archive = made_up_archive()
    archive["recovery"][0, 2] = np.nan
    found = claims.outcomes(archive, "morph")["recovery"]
    assert np.isinf(found[0, 2]) and np.isfinite(found[0, 3])
    trend = claims.along_training(archive["trace"], found)
    assert np.isfinite(trend.slope)


@pytest.fixture
def two_environments(monkeypatch, own_cache):
    monkeypatch.setattr(
        remapping_runs, "environments", lambda: [("familiar", 0.0), ("morph", 0.25)]
    )


def test_the_archive_begins_with_what_today_s_code_computes(two_environments):
    """The first age of seed 0, without change and with one, to single precision."""
    task = drift.corridor(seed=0)
    network = PUBLISHED_NETWORK | {"steps": 20_000}
    run = drift.simulate(
        task, PUBLISHED_RULE, **network, seed=0, record=recorded_steps(20_000),
        snapshots=[0, 20_000], progress=False,
    )  # fmt: skip
    parameters = Parameters.of_snapshot(run, -1)
    found = remapping_runs.in_environments(parameters, task, PUBLISHED_RULE, 5000, 0, 1000)
    found = found.assign(remapping_runs.flatness(parameters, task))
    archived = load_archive("remapping").sel(seed=0, snapshot=20_000, environment=found.environment)
    assert found["remapped"].sel(environment="familiar", stage="at once") == 0
    for name, values in found.data_vars.items():
        np.testing.assert_allclose(archived[name], values, rtol=2e-3, err_msg=str(name))
