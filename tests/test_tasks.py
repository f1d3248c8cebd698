"""The tasks of the generality study."""

import numpy as np
import pytest

import drift
from drift.tasks.streams import GaussianStream


def test_the_ring_shows_what_lies_ahead():
    """Each view is the scene from the position on; the target is the view at the next position."""
    task = drift.abstract_predictive(seed=4, samples=40, d_in=31)
    assert task.inputs.shape == task.targets.shape == (40, 31)
    # 31 points over a field of view of 30: one a unit of length. Read the scene off the views.
    ring = np.full(120, np.nan)
    offsets = np.arange(31)
    for view, position in zip(task.inputs, task.position, strict=True):
        places = position + offsets
        whole = np.ceil(places[:-1]).astype(int)
        ring[whole % 120] = np.interp(whole, places, view)
    known = ~np.isnan(ring)
    assert known.sum() > 100
    # Neighbours on the ring differ little: a Gaussian of width 4 has slope below 1/4 per unit.
    steps = np.abs(np.diff(ring[known]))
    assert np.median(steps) < 0.25
    # Successive samples: the target of one is the input of the next, up to the two scalings.
    np.testing.assert_allclose(
        np.corrcoef(task.targets[:-1].ravel(), task.inputs[1:].ravel())[0, 1], 1, atol=1e-12
    )


def test_the_ring_moves_as_stated():
    """Advances are uniform between 0 and 120 * 20 / n: mean within five standard errors."""
    task = drift.abstract_predictive(seed=0, samples=5000, d_in=2, speed=1.0)
    advance = np.diff(task.position) % 120
    bound = 120 / 5000
    assert advance.max() <= bound * (1 + 1e-9)
    assert advance.mean() == pytest.approx(bound / 2, rel=5 / np.sqrt(12 * 5000) * 2)


@pytest.mark.parametrize(
    ("make", "shapes"),
    [
        (drift.random_mapping, ((5, 20), (5, 5))),
        (drift.smoothed_mapping, ((5, 20), (5, 5))),
        (drift.random_autoencoder, ((5, 20), (5, 20))),
        (drift.smoothed_autoencoder, ((5, 20), (5, 20))),
        (drift.abstract_predictive, ((10, 20), (10, 20))),
    ],
)
def test_shapes_scales_and_seeds(make, shapes):
    task = make(seed=1)
    assert (task.inputs.shape, task.targets.shape) == shapes
    for array in (task.inputs, task.targets):
        assert array.min() == pytest.approx(-1)
        assert array.max() == pytest.approx(1)
    assert make(seed=1).digest() == task.digest() != make(seed=2).digest()
    zero_to_one = make(seed=1, low=0.0)
    np.testing.assert_allclose(zero_to_one.inputs, (task.inputs + 1) / 2, atol=1e-12)


@pytest.mark.parametrize("make", [drift.random_autoencoder, drift.smoothed_autoencoder])
def test_autoencoders_return_their_inputs(make):
    task = make(seed=3)
    np.testing.assert_array_equal(task.inputs, task.targets)


def test_random_inputs_are_uniform_and_independent():
    task = drift.random_mapping(seed=0, samples=400, d_in=10, d_out=10)
    values = np.sort(task.inputs.ravel())
    assert np.abs(values - np.linspace(-1, 1, values.size)).max() < 2 * 1.95 / np.sqrt(values.size)
    correlation = np.corrcoef(np.hstack([task.inputs, task.targets]).T)[np.triu_indices(20, 1)]
    assert np.abs(correlation).max() < 4.5 / np.sqrt(400)


def test_smoothing_is_a_gaussian_over_samples_and_features():
    """Against scipy's two-dimensional filter, whose widths are per axis."""
    from scipy.ndimage import gaussian_filter

    from drift.tasks.base_task import rescale

    rough = np.random.default_rng(7)
    inputs, targets = rough.uniform(size=(10, 20)), rough.uniform(size=(10, 15))
    task = drift.smoothed_mapping(seed=7, samples=10, d_in=20, d_out=15)
    np.testing.assert_allclose(
        task.inputs, rescale(gaussian_filter(inputs, (2, 3)), -1, 1), atol=1e-12
    )
    np.testing.assert_allclose(
        task.targets, rescale(gaussian_filter(targets, (2, 3)), -1, 1), atol=1e-12
    )


def test_relevant_inputs_are_the_targets():
    task = drift.relevant_inputs(
        seed=2, relevant=3, irrelevant=2, irrelevant_variance=0.25, samples=4000
    )
    np.testing.assert_array_equal(task.targets, task.inputs[:, :3])
    np.testing.assert_array_equal(task.inputs @ task.stream.teacher.T, task.targets)
    # Variances of 4000 normal numbers: six standard errors, each 2.2 %.
    wanted = np.array([1, 1, 1, 0.25, 0.25])
    np.testing.assert_allclose((task.inputs**2).mean(axis=0), wanted, rtol=6 * 0.0224)
    np.testing.assert_allclose(task.stream.deviations**2, wanted)


def test_how_inputs_are_distributed_is_part_of_a_task():
    """Two tasks of the same samples train otherwise if fresh ones come from other distributions."""
    task = drift.relevant_inputs(relevant=1, irrelevant=1)
    fixed = drift.Task(task.inputs, task.targets)
    wider = GaussianStream(2 * task.stream.deviations, task.stream.teacher)
    other = drift.Task(task.inputs, task.targets, stream=wider)
    assert len({made.digest() for made in (task, fixed, other)}) == 3
    with pytest.raises(ValueError, match=r"must be \(d_out, d_in\) = \(1, 3\)"):
        drift.Task(np.ones((2, 3)), np.ones((2, 1)), stream=wider)
    with pytest.raises(ValueError, match=r"deviations has -1\.0: none may be below 0"):
        GaussianStream([1.0, -1.0], np.ones((1, 2)))
    with pytest.raises(ValueError, match="must be"):
        GaussianStream([1.0, 1.0], np.ones((1, 3)))
    with pytest.raises(ValueError, match="finite numbers only"):
        GaussianStream([1.0, np.inf], np.ones((1, 2)))


@pytest.mark.parametrize(
    ("make", "constants", "words"),
    [
        (drift.random_mapping, {"d_out": 0}, "d_out=0 is too small"),
        (drift.smoothed_mapping, {"samples": 0}, "samples=0 is too small"),
        (drift.random_autoencoder, {"d_in": -1}, "d_in=-1 is too small"),
        (drift.abstract_predictive, {"field_of_view": 0.0}, "field_of_view=0.0 is not positive"),
        (drift.abstract_predictive, {"speed": -1.0}, "speed=-1.0 is negative"),
        (drift.relevant_inputs, {"relevant": 0}, "relevant=0 is too small"),
        (drift.relevant_inputs, {"irrelevant_variance": -1.0}, "irrelevant_variance=-1.0 is neg"),
    ],
)
def test_impossible_constants_are_refused(make, constants, words):
    with pytest.raises(ValueError, match=words):
        make(**constants)


def test_numbers_of_numpy_are_as_good_as_those_of_python():
    """Tasks and rules keep them as Python's, which the record of a run can hold."""
    drawn = {"samples": np.int64(4), "d_in": np.int32(3), "low": np.float32(0)}
    task = drift.random_mapping(seed=np.int64(3), **drawn)
    same = drift.random_mapping(seed=3, samples=4, d_in=3, low=0.0)
    assert task.digest() == same.digest()
    assert {type(value) for value in task.constants.values()} == {int, float}
    rule = drift.GradientDescent(np.float32(0.5), update_noise=np.float64(0.25))
    assert {type(value) for value in rule.settings().values()} == {str, float}
    run = drift.simulate(task, rule, hidden=np.int64(20), steps=np.int64(2), seed=np.int16(1))
    again = drift.simulate(same, drift.GradientDescent(0.5, 0.25), hidden=20, steps=2, seed=1)
    np.testing.assert_array_equal(run["loss"], again["loss"])


def test_sizes_of_numpy_do_not_overflow():
    sizes = {"samples": np.int8(120), "pixels": np.uint8(17)}
    floats = {"length": np.float32(14), "low": np.float16(0)}
    assert drift.corridor(**sizes, **floats).digest() == drift.corridor(samples=120).digest()
    ring = drift.abstract_predictive(
        samples=np.int8(100), length=np.int8(120), speed=np.float16(20)
    )
    assert ring.digest() == drift.abstract_predictive(samples=100).digest()


def test_values_that_are_equal_but_for_rounding_carry_no_scale():
    from drift.tasks.base_task import rescale

    assert rescale([0.3, 0.1 + 0.2, 0.3], -1, 1).tolist() == [-1, -1, -1]
    assert rescale(np.zeros((2, 2)), 0, 1).tolist() == [[0, 0], [0, 0]]


def test_arrays_that_would_not_fit_are_refused_before_they_are_begun():
    for make, sizes in (
        (drift.random_mapping, {"samples": 10**9}),
        (drift.corridor, {"pixels": 10**9}),
        (drift.corridor, {"length": 1e30}),
        (drift.abstract_predictive, {"d_in": 10**9}),
    ):
        with pytest.raises(ValueError, match=next(iter(sizes))):
            make(**sizes)
