"""The game of the hidden rule: the page's measures and its classifier against drift's; the game."""

import numpy as np
import pytest
from live_reader import Page
from sklearn.model_selection import cross_val_predict

from drift.inference.drift_features import features
from drift.inference.recorded_networks import codes_of
from drift.results.archives import load_archive
from drift.results.hidden_rules import (
    FIRST,
    FIRST_SEED,
    HIDDEN,
    MEASURES,
    RULES,
    SNAPSHOTS,
    STEPS,
    classifier_of,
    hidden_rules_archive,
    live_task,
    sessions_of,
)
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.site.live import SEEDS

ARCHIVE = load_archive("hidden-rules")
STRENGTHS = {"update-noise": 0.05, "label-noise": 1.0, "adam": 0.01, "error-descent": 4.0}


@pytest.fixture
def page(browser, address):
    return Page(browser, f"{address}/book/live.html")


def codes(rule):
    """Activity of a network by one of the rules at all times."""
    run = simulate(
        live_task(), RULES[rule].make(STRENGTHS[rule]), hidden=HIDDEN, steps=STEPS, seed=7,
        measures=("loss",), record=[STEPS], snapshots=LinearSpacing(SNAPSHOTS + 1), progress=False,
    )  # fmt: skip
    return codes_of(run, live_task())


@pytest.mark.parametrize("rule", RULES)
def test_the_page_measures_and_judges_as_drift_does(page, rule):
    """Of the same codes the same sessions, measures and, but for rounding, probabilities."""
    found = codes(rule)
    told = page.browser.execute_script(
        "const codes = arguments[0].map((code) => Float64Array.from(code));"
        "const { guess, task } = liveData;"
        "const observed = codes.slice(guess.first);"
        "const sessions = matchedSessions("
        "  observed, guess.sessions, guess.correlation, task.samples);"
        "const measured = measureSessions(sessions, task.samples);"
        "return [sessions.map((session) => observed.indexOf(session)),"
        " guess.measures.map((name) => measured[name]), guessRule(measured, guess)]",
        found.reshape(len(found), -1).tolist(),
    )
    places, measured, shares = told
    observed = sessions_of(found)
    np.testing.assert_array_equal(found[FIRST:][places], observed)
    expected = np.array([features(observed)[name] for name in MEASURES])
    np.testing.assert_allclose(np.array(measured, float), expected, rtol=1e-9, atol=1e-12)
    probabilities = classifier_of(ARCHIVE).predict_proba(expected[None])[0]
    np.testing.assert_allclose(shares, probabilities, atol=0.01)
    assert list(RULES)[int(np.argmax(shares))] == rule


def test_the_classifier_is_right_on_networks_that_it_has_not_seen():
    """In 235 of 240, by ten-fold cross-validation; at least 220 are required."""
    rules = ARCHIVE.rule.values
    assert np.bincount(rules).tolist() == [60] * 4
    told = cross_val_predict(classifier_of(ARCHIVE), ARCHIVE.measures.values, rules, cv=10)
    assert (told == rules).sum() >= 220
    assert FIRST_SEED > SEEDS


def test_the_archive_is_what_drift_computes():
    """The first networks of each rule, again: to the digits that a file keeps."""
    again = hidden_rules_archive(networks=1)
    for place, rule in enumerate(range(len(RULES))):
        first = int(np.flatnonzero(ARCHIVE.rule.values == rule)[0])
        assert again.strength[place] == pytest.approx(float(ARCHIVE.strength[first]), rel=1e-6)
        np.testing.assert_allclose(
            again.measures.values[place], ARCHIVE.measures.values[first], rtol=1e-5, atol=1e-6
        )


def test_a_round_is_played(page):
    said = page.browser.find_element("css selector", '[data-guess="message"]')
    outcome = page.browser.find_element("css selector", '[data-guess="outcome"]')
    buttons = page.browser.find_elements("css selector", '[data-guess="choices"] button')
    begin = page.browser.find_element("css selector", '[data-guess="begin"]')
    assert len(buttons) == len(RULES) and not buttons[0].is_displayed()
    for games in (1, 2):
        page.browser.execute_script("arguments[0].click()", begin)
        page.wait(lambda: said.get_property("textContent") == "Which rule was it?")
        rows = page.browser.find_elements("css selector", ".live-measures tr")
        assert len(rows) == len(MEASURES)
        assert outcome.get_property("textContent") == ""
        truth = page.browser.execute_script("return liveGuess.round().settings.rule")
        page.browser.execute_script("arguments[0].click()", buttons[list(RULES).index(truth)])
        text = outcome.get_property("textContent")
        assert text.startswith("Right: it was ")
        assert f"you were right in {games} of {games}" in text
        assert not any(button.is_enabled() for button in buttons)
    assert page.errors() == []
