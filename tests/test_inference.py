"""Inferring a rule: recordings as they should be, classes that can be told, and none of these."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drift.inference import answer
from drift.inference import classifier as judge
from drift.inference.drift_features import FEATURES, GROUPS, features
from drift.inference.familiarity import LEVEL, Familiarity
from drift.inference.recording import Recording, matched_sessions, record

NAMES = list(FEATURES)


@pytest.fixture
def code():
    """Sixty units with fields of one width, of which the last ten are silent."""
    random = np.random.default_rng(0)
    centres = random.uniform(0, 20, (60, 1))
    rates = np.exp(-((np.arange(20) - centres) ** 2) / 8)
    rates[50:] = 0
    return np.stack([rates] * 6)


def test_counts_have_the_mean_that_was_asked_for(code):
    """50 units and 20 conditions with 4 events each: five standard errors."""
    recording = Recording(units=60, sessions=6, events=4.0, fewest_events=0)
    seen = record(code, recording, np.random.default_rng(1))
    active = seen[0].max(axis=1) > 0
    assert seen[0].sum() / (50 * 20) == pytest.approx(4, abs=5 * np.sqrt(4 / 1000))
    assert active.sum() == 50 and (seen == np.round(seen)).all()


def test_units_with_few_events_seem_silent(code):
    dim = code.copy()
    dim[:, 0] *= 1e-4
    seen = record(dim, Recording(units=60, sessions=6, noise="poisson"), np.random.default_rng(2))
    counts = seen.sum(axis=2)
    assert ((counts == 0) | (counts >= 3)).all()
    assert (seen.max(axis=2) > 0).sum(axis=1).tolist() == [49] * 6


def test_calcium_noise_lies_below_its_threshold(code):
    seen = record(code, Recording(units=60, sessions=6, noise="calcium"), np.random.default_rng(3))
    assert (seen[seen > 0] > 2).all() and (seen >= 0).all()
    assert np.corrcoef(seen[0].ravel(), seen[1].ravel())[0, 1] > 0.5


def test_a_recording_is_of_the_same_units_in_all_sessions(code):
    seen = record(code, Recording(units=7, sessions=6, noise="none"), np.random.default_rng(4))
    assert seen.shape == (6, 7, 20)
    assert (seen == seen[0]).all()


def test_sessions_end_when_the_code_has_changed_enough():
    """A code that loses one of twenty units a time."""
    times, units = 15, 20
    rates = np.random.default_rng(15).uniform(0.5, 1.5, units)
    responses = np.ones((times, units, 2)) * rates[:, None]
    for time in range(times):
        responses[time, :time] = 0
    kept = [np.corrcoef(rates, responses[time, :, 0])[0, 1] for time in range(1, times)]
    reached = 1 + next(at for at, value in enumerate(kept) if at >= 2 and value <= 0.6)
    chosen = matched_sessions(responses, 4, 0.6)
    assert chosen.tolist() == np.round(np.linspace(0, reached, 4)).tolist()
    assert matched_sessions(responses, 4, -1)[-1] == times - 1
    assert matched_sessions(responses, 4, 0.999).tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="15 times, too few for 16"):
        matched_sessions(responses, 16, 0.5)


def test_features_are_named_grouped_and_numbers(code):
    seen = record(code, Recording(units=60, sessions=6), np.random.default_rng(5))
    found = features(seen)
    assert list(found) == NAMES and set(FEATURES.values()) == set(GROUPS)
    assert all(isinstance(value, float) for value in found.values())
    assert features(seen * 3.0) == pytest.approx(found, nan_ok=True)  # no unit of rate


def test_the_share_of_active_units_is_that_of_the_recording(code):
    seen = record(code, Recording(units=60, sessions=6), np.random.default_rng(6))
    assert features(seen)["active share"] == pytest.approx(50 / 60)


def made_up(networks=40, shift=2.0, seed=7):
    """Recordings of three rules; one feature tells them, and one is told by the task alone."""
    random = np.random.default_rng(seed)
    rows = []
    for network in range(networks * 3):
        rule, task = network % 3, "abcd"[network // 3 % 4]
        centre = random.normal(0, 0.3)
        for _ in range(2):
            values = random.normal(size=len(NAMES))
            values[0] = shift * rule + centre + random.normal(0, 0.5)
            values[1] = "abcd".index(task) * 3
            own = {"rule": f"rule {rule}", "task": task, "network": network}
            rows.append(dict(zip(NAMES, values, strict=True)) | own)
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def table():
    return made_up()


@pytest.fixture(scope="module")
def quick():
    patch = pytest.MonkeyPatch()
    patch.setattr(judge, "TREES", 20)
    patch.setattr(judge, "LEAVES", {"min_samples_leaf": [5]})
    yield
    patch.undo()


@pytest.fixture(scope="module")
def judged(table, quick):
    return judge.held_out(table, "task")


def test_rules_that_differ_are_told_on_tasks_never_seen(table, judged):
    """Neighbouring rules lie 2 apart with a spread of 0.58: at best 0.94 of all are right."""
    assert judged.index.equals(table.index)
    np.testing.assert_allclose(judged.sum(axis=1), 1)
    assert judge.accuracy(judged, table["rule"]) > 0.8


def test_features_that_tell_nothing_give_chance(table, quick):
    """240 recordings of 120 networks; chance 1/3 with a standard error of at most 0.043, four."""
    noise = judge.held_out(table, "task", NAMES[2:8])
    assert judge.accuracy(noise, table["rule"]) == pytest.approx(1 / 3, abs=4 * 0.043)


def test_the_group_that_tells_is_the_important_one(table, quick):
    groups = {NAMES[0]: "tells", NAMES[2]: "noise", NAMES[3]: "noise"}
    rises = judge.importance_of_groups(table, "task", groups)
    assert rises["tells"] > 0.3 > 0.1 > abs(rises["noise"])


def test_accuracy_weighs_rules_equally():
    rules = pd.Series(["a"] * 8 + ["b"] * 2)
    always_a = pd.DataFrame({"a": [0.9] * 10, "b": [0.1] * 10})
    assert judge.accuracy(always_a, rules) == 0.5


def test_calibration_error_by_hand():
    """Ten say 0.9 and half of them are right; ten say 0.6, and six of them are right."""
    rules = pd.Series(["a"] * 5 + ["b"] * 5 + ["a"] * 6 + ["b"] * 4)
    sure = pd.DataFrame({"a": [0.9] * 10 + [0.6] * 10, "b": [0.1] * 10 + [0.4] * 10})
    assert judge.calibration_error(sure, rules, bins=2) == pytest.approx((0.4 + 0.0) / 2)


def test_known_networks_are_familiar_and_others_not(table):
    """p-values of networks like the known ones are below 0.05 for about that share of them."""
    names = [name for name in NAMES if name != NAMES[1]]
    known = Familiarity(table, names)
    like = known.p_values(made_up(seed=8))
    # 240 recordings: standard error 0.014; on a task that is known distances are a bit smaller.
    assert (like < LEVEL).mean() < LEVEL + 4 * 0.014
    strange = made_up(seed=9)
    strange[names] += 4
    assert (known.p_values(strange) < LEVEL).mean() > 0.95


def registered(code, drop=()):
    """Sessions as an experimenter has them: events in time, a belt run through many times."""
    random = np.random.default_rng(10)
    place = np.tile(np.arange(20), 40)
    found = []
    for number, rates in enumerate(code):
        cells = np.array([c for c in range(60) if (number, c) not in drop])
        events = random.poisson(2 * rates[cells][:, place].T)
        found.append(
            xr.Dataset(
                {"activity": (("time", "cell"), events), "place_bin": ("time", place + 3)},
                {"cell": cells + 100},
            )
        )
    return found


def test_sessions_of_events_become_responses(code):
    sessions = registered(code, drop={(2, 5)})
    responses = answer.responses_of_sessions(sessions)
    assert responses.shape == (6, 60, 20)
    assert np.isnan(responses[2, 5]).all() and np.isfinite(responses[0, 5]).all()
    by_hand = sessions[0]["activity"].values[sessions[0]["place_bin"].values == 7, 3].mean()
    assert responses[0, 3, 4] == pytest.approx(by_hand)


def test_places_not_visited_in_all_sessions_are_left_out(code):
    sessions = registered(code)
    sessions[1] = sessions[1].isel(time=sessions[1]["place_bin"].values != 22)
    assert answer.responses_of_sessions(sessions).shape == (6, 60, 19)


def test_an_answer_has_probabilities_and_says_what_it_could_not_compute(code, table, quick):
    rate = xr.Dataset({"rate": (("session", "cell", "place"), code[:, :, ::-1].copy())})
    found = answer.infer(rate, table)
    assert found.probabilities.sum() == pytest.approx(1)
    assert found.features["active share"] == pytest.approx(50 / 60)
    missing = found.features.index[found.features.isna()]
    assert "left after alignment" in missing  # nothing changed, so there is nothing to align
    assert all(name in str(found) for name in missing)
    assert ("None of these" in str(found)) is (found.p_value < LEVEL)


@pytest.mark.parametrize(
    ("sessions", "message"),
    [
        (xr.Dataset({"other": ("x", [1])}), "sessions lacks 'rate', along session, cell, place"),
        (xr.Dataset({"rate": (("a", "b"), [[1.0]])}), r"'rate'\] is along \('a', 'b'\)"),
        ([xr.Dataset()], "at least two"),
        ([xr.Dataset({"activity": (("time", "cell"), [[1]]), "place_bin": ("time", [1])})] * 2,
         "cells have no numbers"),
    ],
)  # fmt: skip
def test_sessions_that_are_none_are_refused(sessions, message):
    with pytest.raises(ValueError, match=message):
        answer.responses_of_sessions(sessions)
