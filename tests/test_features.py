"""Coordinates of the inputs against linear algebra by hand."""

import numpy as np

from drift.engine.features import input_features, walk_unseen
from drift.engine.noise import random_state


def test_coordinates_are_the_inputs_in_an_orthonormal_basis():
    inputs = np.random.default_rng(0).normal(size=(4, 9))
    features = input_features(inputs, can_rotate=True)
    assert features.inputs.shape == (4, 4)
    np.testing.assert_array_equal(features.inputs, np.tril(features.inputs))
    np.testing.assert_allclose(features.basis @ features.basis.T, np.eye(4), atol=1e-14)
    whole = np.column_stack([inputs, np.ones(4)])
    np.testing.assert_allclose(features.inputs @ features.basis, whole, atol=1e-14)


def test_inputs_that_gain_nothing_stay_as_they_are():
    inputs = np.random.default_rng(0).normal(size=(10, 9))
    for rotate, samples in ((True, 10), (False, 4)):
        features = input_features(inputs[:samples], can_rotate=rotate)
        assert features.basis is None
        np.testing.assert_array_equal(
            features.inputs, np.column_stack([inputs[:samples], np.ones(samples)])
        )


def test_the_unseen_walk_keeps_to_directions_outside_the_basis():
    """2000 draws in ten dimensions, three of them seen; 6 standard errors of a covariance."""
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(10, 3)))[0].T
    walk = np.zeros((2000, 10))
    walk_unseen(walk, basis, random_state(np.random.SeedSequence(0)), 4.0)
    np.testing.assert_allclose(walk @ basis.T, 0, atol=1e-12)
    expected = 4.0 * (np.eye(10) - basis.T @ basis)
    assert np.abs(np.cov(walk.T) - expected).max() < 6 * 4 * np.sqrt(2 / 2000)
