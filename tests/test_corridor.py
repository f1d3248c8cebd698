"""The corridor against plane geometry, and its published configuration."""

import numpy as np
import pytest

import drift
from drift.tasks.base_task import rescale
from drift.tasks.corridor import Arena, arena_and_path, view, walk

WIDTH, LENGTH, TILES = 1.0, 14.0, 3000
CIRCUMFERENCE = 2 * (WIDTH + LENGTH)


def arena(addressing="closed"):
    """A texture that tells its own place: sample i has brightness i / TILES."""
    return Arena(WIDTH, LENGTH, np.arange(TILES) / TILES, addressing)


def look(y, angle, addressing="closed"):
    """Brightness seen along one ray from (0, y), as distance around the arena."""
    seen = view(arena(addressing), np.array([y]), np.array([angle]), 3, 1e-9)[0, 1]
    return seen * CIRCUMFERENCE


@pytest.mark.parametrize(
    ("y", "angle", "expected"),
    [
        (0.0, 0.0, WIDTH / 2),  # middle of the far end
        (3.0, np.pi / 2, WIDTH + LENGTH / 2 - 3.0),  # side at +x, straight across
        (3.0, -np.pi / 2, 2 * WIDTH + LENGTH + LENGTH / 2 + 3.0),  # side at -x, straight across
        (-2.0, np.pi, WIDTH + LENGTH + WIDTH / 2),  # middle of the near end
        # 45 degrees ahead to the right: half a width across is half a width further on.
        (1.0, np.pi / 4, WIDTH + LENGTH / 2 - (1.0 + WIDTH / 2)),
        # A ray that just misses the corner ahead on the right, seen from 2 before the far end.
        (5.0, np.arctan2(0.4, 2.0), WIDTH / 2 + 0.4),
    ],
)
def test_rays_meet_the_wall_where_geometry_says(y, angle, expected):
    assert look(y, angle) == pytest.approx(expected, abs=1e-6)


def test_the_closed_texture_is_continuous_around_every_corner():
    """A smooth closed texture seen in all directions has no jump anywhere."""
    tiles = np.arange(TILES) / TILES
    smooth = Arena(WIDTH, LENGTH, np.sin(2 * np.pi * tiles), "closed")
    seen = view(smooth, np.array([6.3]), np.array([0.0]), 200_001, np.pi)[0]
    assert np.abs(np.diff(seen)).max() < 1e-2 and seen.max() > 0.9 and seen.min() < -0.9


def test_the_programs_addressing_overlaps_and_runs_off_the_end():
    # Side at +x starts at 1/4 of the texture, whatever the width of the end before it.
    assert look(7.0 - 1e-9, np.pi / 2, "program") == pytest.approx(CIRCUMFERENCE / 4, abs=1e-6)
    # Side at -x starts at 3/4: beyond a quarter of the circumference there is only the last sample.
    last = (TILES - 1) / TILES * CIRCUMFERENCE
    assert look(6.0, -np.pi / 2, "program") == pytest.approx(last, abs=1e-6)
    assert look(-6.0, -np.pi / 2, "program") == pytest.approx(0.75 * CIRCUMFERENCE + 1.0, abs=1e-6)


def test_the_published_configuration():
    task = drift.corridor()
    assert task.inputs.shape == (150, 18) and task.targets.shape == (150, 17)
    for array in (task.inputs[:, :-1], task.inputs[:, -1], task.targets):
        assert array.min() == pytest.approx(0) and array.max() == pytest.approx(1)
    texture, _ = arena_and_path(task.constants)
    assert texture.texture.size == 2 * (1 + 14) * 17
    # It turns 0.1 * 14 from the walls.
    assert task.position.min() >= 1.4 - 1e-12 and task.position.max() <= 12.6 + 1e-12


def test_the_target_is_the_next_view():
    task = drift.corridor(seed=3)
    # Views and targets are one sequence of raw views shifted by a step, each scaled by its range.
    _, path = arena_and_path(task.constants)
    world, _ = arena_and_path(task.constants)
    raw = view(world, path.position, path.heading, 17, np.pi / 8)
    np.testing.assert_allclose(task.inputs[:, :-1], rescale(raw[:-1], 0, 1), atol=1e-14)
    np.testing.assert_allclose(task.targets, rescale(raw[1:], 0, 1), atol=1e-14)
    turns = np.diff(path.heading)
    free = np.abs(path.position[1:]) < 5.6
    np.testing.assert_allclose(turns[free], path.turn[1:][free], atol=1e-12)
    np.testing.assert_allclose(task.inputs[:, -1], rescale(path.turn[1:], 0, 1), atol=1e-14)


def test_a_walk_without_noise_goes_to_and_fro():
    path = walk(100, 14.0, 0.5, 0.0, 0.0, np.random.default_rng(0))
    assert path.position[:12] == pytest.approx([*np.arange(0, 5.6, 0.5)])
    assert path.position.max() == pytest.approx(5.6) and path.position.min() == pytest.approx(-5.6)
    assert set(np.round(path.heading, 12)) == {0.0, round(np.pi, 12)}
    turned = np.flatnonzero(np.diff(path.heading))
    # 12 steps from the centre to the end, then 23 steps (11.2 / 0.5, rounded up) each way.
    np.testing.assert_array_equal(turned + 1, [12, 35, 58, 81])


def test_walk_and_texture_follow_their_laws():
    """Standard deviations over 20 000 steps, within five standard errors."""
    path = walk(20_000, 1e9, 0.2, 0.1, np.pi / 3600, np.random.default_rng(1))
    turn = np.diff(path.heading)
    assert turn.std() == pytest.approx(2 * np.pi * np.pi / 3600, rel=5 / np.sqrt(40_000))
    # cos(heading) is within 2 percent of one only for a while: use the first 500 steps.
    assert np.diff(path.position[:500]).std() == pytest.approx(0.1, rel=5 / np.sqrt(1000))


def test_the_texture_is_as_smooth_as_stated():
    """White noise under a Gaussian of s.d. s has correlation exp(-d^2 / (4 s^2)) at distance d."""
    width = 0.001
    world, _ = arena_and_path(drift.corridor(length=400.0, smoothing=width, samples=2).constants)
    texture = world.texture - world.texture.mean()
    lag = round(width * texture.size)
    correlation = np.mean(texture * np.roll(texture, lag)) / texture.var()
    # About 1 / (width * sqrt(4 pi)) = 280 independent stretches: 4 standard errors.
    assert correlation == pytest.approx(np.exp(-1 / 4), abs=4 / np.sqrt(280))


def test_seeds_make_different_worlds_and_equal_seeds_equal_ones():
    assert drift.corridor(seed=1).digest() == drift.corridor(seed=1).digest()
    assert drift.corridor(seed=1).digest() != drift.corridor(seed=2).digest()


@pytest.mark.parametrize(
    ("constants", "error", "words"),
    [
        ({"samples": 1}, ValueError, "samples=1 is too small: it must be at least 2"),
        ({"samples": 150.0}, TypeError, r"samples=150.0 is not an integer"),
        ({"length": 0.0}, ValueError, r"length=0.0 is not positive"),
        ({"speed_noise": -1.0}, ValueError, r"speed_noise=-1.0 is negative"),
        ({"smoothing": float("nan")}, ValueError, r"smoothing=nan is not finite"),
        ({"addressing": "open"}, ValueError, "choose one of 'closed', 'program'"),
        ({"field_of_view": 4.0}, ValueError, "at most pi"),
        ({"low": 1.0, "high": 0.0}, ValueError, "low below high"),
    ],
)
def test_impossible_constants_are_refused(constants, error, words):
    with pytest.raises(error, match=words):
        drift.corridor(**constants)


def test_a_task_refuses_arrays_that_do_not_fit():
    with pytest.raises(ValueError, match="targets has 4 samples and inputs 3"):
        drift.Task(np.ones((3, 2)), np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"inputs has the shape \(3,\)"):
        drift.Task(np.ones(3), np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"targets\[1, 0\] is nan"):
        drift.Task(np.ones((2, 2)), np.array([[1.0], [np.nan]]))
    with pytest.raises(ValueError, match="position has 2 samples and inputs 3"):
        drift.Task(np.ones((3, 2)), np.ones((3, 1)), position=np.ones(2))
