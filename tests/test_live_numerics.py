"""The arithmetic of the live network, in the browser, against drift and against laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import random_network, random_task
from scipy import stats

import drift
from drift.analysis.tuning import rate_map_correlation
from drift.network import forward, initial_parameters
from drift.simulation.call import split_seed
from drift.simulation.reference_engine import ReferenceEngine
from drift.site.live import HIDDEN, SEEDS, live_data, live_task

SCRIPTS = Path(__file__).parent.parent / "book" / "_static" / "live"

RULES = {
    "update-noise": lambda rate, noise: drift.GradientDescent(rate, update_noise=noise),
    "label-noise": lambda rate, noise: drift.GradientDescent(rate, label_noise=noise),
    "adam": lambda rate, noise: drift.Adam(rate),
    "error-descent": lambda rate, noise: drift.StochasticErrorDescent(rate, noise),
}


def rows(parameters):
    """Parameters as the page keeps them: a row a unit."""
    m, b, n = (np.asarray(array, float) for array in parameters)
    return np.hstack([m, b[:, None], n.T])


def as_data(task):
    shape = {"samples": task.samples, "inputs": task.d_in, "outputs": task.d_out}
    return shape | {"x": task.inputs.ravel().tolist(), "y": task.targets.ravel().tolist()}


def small_case():
    """Four random samples, three inputs, two outputs, sixteen units."""
    task = random_task(4, 3, 2)
    return task, random_network(task, 16)


def test_the_data_are_what_drift_gives():
    text = (SCRIPTS / "task.js").read_text()
    written = json.loads(text[text.index("= {") + 2 : text.rindex(";")])
    wanted = live_data()
    for name in ("constants", "hidden", "length", "view", "starts", "noise"):
        assert written[name] == wanted[name]
    assert len(written["starts"]) == SEEDS
    np.testing.assert_allclose(written["position"], wanted["position"], rtol=1e-12)
    np.testing.assert_allclose(written["variance"], wanted["variance"], rtol=1e-12)
    assert written["task"].keys() == wanted["task"].keys()
    for name, values in wanted["task"].items():
        np.testing.assert_allclose(written["task"][name], values, rtol=0, atol=1e-12)


@pytest.mark.parametrize("init", ["rich", "lazy"])
def test_runs_start_where_simulate_starts(live_page, init):
    for seed in range(SEEDS):
        found = live_page.execute_script(
            "return [...startingRows(liveData, arguments[0], arguments[1])]", seed, init
        )
        random = np.random.default_rng(split_seed(seed)[0])
        wanted = rows(initial_parameters(live_task(), HIDDEN, init, random))
        np.testing.assert_allclose(found, wanted.ravel(), rtol=1e-15)


TRAIN = """
const [task, rows, settings, stops] = arguments;
const network = makeNetwork(task, rows, settings, makeRandom(settings.seed));
let step = 0;
return stops.map((stop) => {
  network.advance(stop - step);
  step = stop;
  const {loss, activeUnits, activeFraction} = network.observe();
  return {weights: [...network.weights], measures: [loss, activeUnits, activeFraction]};
});
"""


@pytest.mark.parametrize(
    ("rule", "rate", "init"),
    [
        ("update-noise", 0.2, "rich"),
        ("update-noise", 0.4, "lazy"),
        ("label-noise", 0.1, "lazy"),
        ("adam", 0.01, "rich"),
        ("adam", 0.001, "lazy"),
    ],
)
def test_without_noise_the_course_is_that_of_drift(live_page, rule, rate, init):
    # Both are in double precision, with sums in another order: 1e-9 leaves that room to grow.
    task, stops = live_task(), [0, 1, 10, 100, 500]
    settings = {"rule": rule, "rate": rate, "noise": 0, "seed": 0}
    start = initial_parameters(task, HIDDEN, init, np.random.default_rng(split_seed(1)[0]))
    found = live_page.execute_script(
        TRAIN, as_data(task), rows(start).ravel().tolist(), settings, stops
    )
    run = drift.simulate(
        task, RULES[rule](rate, 0.0), init=start, steps=500, engine="reference",
        record=stops, snapshots=stops,
    )  # fmt: skip
    for i, there in enumerate(found):
        wanted = rows(drift.Parameters.of_snapshot(run, i)).ravel()
        assert np.abs(there["weights"] - wanted).max() < 1e-9 * np.abs(wanted).max()
        measures = [
            run[name].values[i] for name in ("loss", "fraction_active_units", "active_fraction")
        ]
        np.testing.assert_allclose(there["measures"], measures, rtol=1e-9)
    assert run.loss.values[-1] < 0.2 * run.loss.values[0]


class GivenNoise(ReferenceEngine):
    """The reference with given noise: rows of normal numbers, and uniform ones, for every step."""

    def give(self, normal, uniform):
        m, b, n = (
            normal[:, : self.task.d_in],
            normal[:, self.task.d_in],
            normal[:, -self.task.d_out :],
        )
        arrays = [m, b, n.T, np.zeros(self.task.inputs.shape)]
        self.given = {array.shape: array for array in arrays}
        self.given_uniform = uniform

    def normal(self, shape):
        return self.given[shape]

    def uniform(self, shape):
        assert shape == self.given_uniform.shape
        return self.given_uniform


GIVEN = """
const [task, rows, settings, steps, normals, uniforms] = arguments;
let n = 0, u = 0;
const random = {
  uniform: () => uniforms[u++],
  addNormal: (numbers, from, to, scale) => {
    for (let i = from; i < to; i++) numbers[i] += scale * normals[n++];
  },
};
const network = makeNetwork(task, rows, settings, random);
network.advance(steps);
return [[...network.weights], n, u];
"""


@pytest.mark.parametrize(
    ("rule", "rate", "noise"),
    [("update-noise", 0.1, 0.3), ("label-noise", 0.1, 0.8), ("error-descent", 0.9, 0.2)],
)
def test_with_the_same_noise_the_course_is_that_of_drift(live_page, rule, rate, noise):
    task, start = small_case()
    steps, random = 200, np.random.default_rng(1)
    normals = random.normal(size=(steps, *rows(start).shape))
    uniforms = random.uniform(size=(steps, *task.targets.shape))
    settings = {"rule": rule, "rate": rate, "noise": noise, "skipSilent": False}
    found, drawn, drawn_uniform = live_page.execute_script(
        GIVEN, as_data(task), rows(start).ravel().tolist(), settings, steps,
        normals.ravel().tolist(), uniforms.ravel().tolist(),
    )  # fmt: skip
    sequence = np.random.SeedSequence(0)
    engine = GivenNoise(task, RULES[rule](rate, noise), start, sequence, "relu")
    sign = -1 if rule == "update-noise" else 1  # there theta - eta (gradient + xi)
    for normal, uniform in zip(sign * normals, uniforms, strict=True):
        engine.give(normal, uniform)
        engine.advance(1)
    wanted = rows(engine.parameters()).ravel()
    assert np.abs(found - wanted).max() < 1e-9 * np.abs(wanted).max()
    assert drawn == (0 if rule == "label-noise" else normals.size)
    assert drawn_uniform == (uniforms.size if rule == "label-noise" else 0)


MANY = """
const [task, rows, settings, steps, seeds] = arguments;
const found = [];
for (let seed = 0; seed < seeds; seed++) {
  const network = makeNetwork(task, rows, settings, makeRandom(seed));
  network.advance(steps);
  const {loss, activeUnits, activeFraction} = network.observe();
  found.push([loss, activeUnits, activeFraction]);
}
return found;
"""

MANY_SEEDS = 400


def by_drift(task, start, rule, steps):
    """Loss, fraction of active units and active fraction after some steps, a row a seed."""
    measures = ("loss", "fraction_active_units", "active_fraction")
    found = []
    for seed in range(MANY_SEEDS):
        run = drift.simulate(
            task, rule, init=start, steps=steps, seed=seed, dtype="float64", measures=measures,
            record=[steps], snapshots=[steps], stop_when_silent=False,
        )  # fmt: skip
        found.append([float(run[name].item()) for name in measures])
    return np.array(found)


def likely_the_same(live_page, task, start, rule, rate, noise, steps, wanted):
    """Smallest probability of Kolmogorov and Smirnov's test, over the three measures."""
    settings = {"rule": rule, "rate": rate, "noise": noise}
    found = live_page.execute_script(
        MANY, as_data(task), rows(start).ravel().tolist(), settings, steps, MANY_SEEDS
    )
    return min(
        stats.ks_2samp(a, b, method="asymp").pvalue
        for a, b in zip(np.transpose(found), wanted.T, strict=True)
    )


@pytest.mark.parametrize(
    ("rule", "rate", "noise", "steps"),
    [
        ("update-noise", 0.1, 0.3, 3000),
        ("label-noise", 0.1, 1.5, 3000),
        ("error-descent", 0.5, 0.1, 500),
    ],
)
def test_with_noise_the_statistics_are_those_of_drift(live_page, rule, rate, noise, steps):
    # 400 runs each, fixed seeds. By chance one of nine comparisons falls below 0.001 in one of a
    # hundred choices of the seeds; noise larger by a third does in this one.
    task, start = small_case()
    wanted = by_drift(task, start, RULES[rule](rate, noise), steps)
    assert likely_the_same(live_page, task, start, rule, rate, noise, steps, wanted) > 1e-3
    assert likely_the_same(live_page, task, start, rule, rate, noise * 4 / 3, steps, wanted) < 1e-3


COUNT = """
const [task, rows, settings, steps] = arguments;
const random = makeRandom(0);
let drawn = 0;
const counting = {...random, addNormal: (numbers, from, to, scale) => {
  drawn += to - from;
  random.addNormal(numbers, from, to, scale);
}};
const network = makeNetwork(task, rows, settings, counting);
network.advance(steps);
return drawn;
"""


def test_silent_units_are_left_alone(live_page):
    # So that the comparison above is also one of runs that do with runs that need not.
    task, start = small_case()
    settings = {"rule": "update-noise", "rate": 0.1, "noise": 0.3}
    arguments = (as_data(task), rows(start).ravel().tolist())
    full = live_page.execute_script(COUNT, *arguments, settings | {"skipSilent": False}, 3000)
    assert full == 3000 * rows(start).size
    assert live_page.execute_script(COUNT, *arguments, settings, 3000) < 0.9 * full


def test_label_noise_is_uniform_fresh_and_moves_along_the_jacobian(live_page):
    task, start = small_case()
    rate, width, count = 0.1, 0.7, 4000
    found = live_page.execute_script(
        "const [task, rows, settings, count] = arguments; const found = [];"
        "for (let seed = 0; seed < count; seed++) {"
        "  const network = makeNetwork(task, rows, settings, makeRandom(seed));"
        "  network.advance(1); found.push([...network.weights]); }"
        "return found;",
        as_data(task), rows(start).ravel().tolist(),
        {"rule": "label-noise", "rate": rate, "noise": width}, count,
    )  # fmt: skip
    activity, outputs = forward(start, task.inputs)
    jacobian = np.zeros((*task.targets.shape, *rows(start).shape))
    for s, o in np.ndindex(*task.targets.shape):
        back = (activity[s] > 0) * start.output_weights[o]
        jacobian[s, o, :, : task.d_in] = back[:, None] * task.inputs[s]
        jacobian[s, o, :, task.d_in] = back
        jacobian[s, o, :, task.d_in + 1 + o] = activity[s]
    jacobian = jacobian.reshape(task.targets.size, -1)
    factor = rate * 2 / task.targets.size
    clean = rows(start).ravel() - factor * (outputs - task.targets).ravel() @ jacobian
    change = (np.array(found) - clean) / factor
    noise, *_ = np.linalg.lstsq(jacobian.T, change.T, rcond=None)
    np.testing.assert_allclose(jacobian.T @ noise, change.T, atol=1e-11)
    assert stats.kstest(noise.ravel(), stats.uniform(-width / 2, width).cdf).pvalue > 1e-3
    # Its covariance is v 1, v = s^2 / 12; entries of that of 4000 samples have an error of at most
    # v / sqrt(4000), and 4.5 such errors are exceeded once in 4000 sets of 36 entries.
    variance = width**2 / 12
    excess = np.abs(np.cov(noise) - variance * np.eye(task.targets.size))
    assert excess.max() < 4.5 * variance / np.sqrt(count)


def test_correlation_and_order_of_tuning_curves(live_page):
    random = np.random.default_rng(2)
    first, second = np.maximum(random.normal(size=(2, 12, 9)), 0)
    first[3], second[5], second[6] = 0, 0, 2.0  # silent, silent, without tuning
    found = live_page.execute_script(
        "return tuningCorrelation(arguments[0], arguments[1], 9)",
        first.ravel().tolist(), second.ravel().tolist(),
    )  # fmt: skip
    maps = np.stack([first, second])
    assert found == pytest.approx(rate_map_correlation(maps, maps.any(axis=2))[0, 1], rel=1e-12)
    places = random.permutation(9)
    order = live_page.execute_script(
        "return tuningOrder(arguments[0], arguments[1])", first.ravel().tolist(), places.tolist()
    )
    peak = first[:, places].argmax(axis=1)
    assert order[-1] == 3
    assert (np.diff(peak[order[:-1]]) >= 0).all()
    assert sorted(order) == list(range(12))
