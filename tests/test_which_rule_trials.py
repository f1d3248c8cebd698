"""What the chapter on inferring the rule promises under "Three things to try"."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from chapter_cells import names_after, promised
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline

from drift.inference.drift_features import FEATURES
from drift.inference.familiarity import LEVEL, Familiarity
from drift.inference.known_networks import known_and_others, table_of_recordings
from drift.inference.strengths import covered, explained
from drift.results.archives import load_archive
from drift.results.rule_archives import STRENGTHS, posteriors_by_strength
from drift.results.tables import load_table

TRAINED = ("codes = codes_of", "responses = record")
TOLD = (*TRAINED, "def show_sessions", "table = table_of_recordings", "told = pd.DataFrame")


@pytest.fixture(autouse=True)
def own_style():
    with mpl.rc_context():
        yield


def correlation_of_sessions(**values):
    """Of the first and the last session's responses, as they are recorded."""
    responses = names_after("which-rule", TRAINED, **values)["responses"]
    return np.corrcoef(responses[0].ravel(), responses[-1].ravel())[0, 1]


def test_another_rule_is_another_network():
    assert promised("which-rule", '-p rule "label noise"')
    first, other = (names_after("which-rule", TRAINED, rule=rule) for rule in
                    ("update noise", "label noise"))  # fmt: skip
    assert first["row"]["update_noise"] > 0 and "label_noise" not in first["row"]
    assert other["row"]["label_noise"] > 0 and "update_noise" not in other["row"]


def test_without_noise_sessions_are_more_alike():
    assert promised("which-rule", "-p noise none")
    assert correlation_of_sessions(noise="none") > correlation_of_sessions() + 0.02


def test_widths_are_held_out():
    assert promised("which-rule", "-p held_out widths")
    tasks, widths = (names_after("which-rule", TOLD, held_out=kind) for kind in ("tasks", "widths"))
    assert tasks["told"].shape == widths["told"].shape
    assert not np.allclose(tasks["told"], widths["told"])


# Numbers of the text


@pytest.fixture(scope="module")
def judged():
    """All recordings, those of the nine rules, what was told of them, and who was right."""
    table = table_of_recordings(load_archive("which-rule"))
    evaluated = load_archive("which-rule-judged")
    known = table.loc[evaluated.recording.values]
    told = pd.DataFrame(
        evaluated.probability.sel(scheme="tasks").values, known.index, evaluated.rule.values
    )
    return table, known, told, evaluated


def test_numbers_of_recordings(judged):
    table, known, _, _ = judged
    assert round(len(table), -2) == 5900
    assert known.rule.value_counts().unique().tolist() == [274]


def test_numbers_about_what_is_told(judged):
    _, known, told, _ = judged
    named = told.idxmax(axis=1)
    alike = {"RMSprop": "Adam", "stochastic error descent": "update noise"}
    merged = balanced_accuracy_score(known.rule.replace(alike), named.replace(alike))
    assert merged == pytest.approx(0.65, abs=0.005)
    place = told.rank(axis=1, ascending=False)
    right = np.array([place.loc[index, rule] for index, rule in known.rule.items()])
    assert (right <= 2).mean() == pytest.approx(0.77, abs=0.005)
    surest = told.max(axis=1) > 0.7
    assert surest.mean() == pytest.approx(1 / 8, abs=0.005)
    assert (right[surest] == 1).mean() == pytest.approx(0.9, abs=0.01)
    by_cells = pd.Series(right == 1).groupby(pd.qcut(known.units.to_numpy(), 5)).mean()
    assert by_cells.iloc[-1] - by_cells.iloc[0] < 0.05


def test_numbers_about_what_is_strange(judged):
    table, _, _, evaluated = judged
    strange = pd.Series(evaluated.other_p_value.values < LEVEL, evaluated.other.values)
    by_kind = strange.groupby(table.rule).mean()
    assert (by_kind.min(), by_kind.max()) == pytest.approx((0.14, 0.27), abs=0.005)
    assert float((evaluated.p_value < LEVEL).mean()) == pytest.approx(0.04, abs=0.005)
    mice = load_table("registered-features")
    assert Familiarity(known_and_others(table)[0], tuple(FEATURES)).p_values(mice).max() < 0.01


def test_a_forest_does_not_tell_strengths_either(judged):
    """On tasks held out it explains, as the posteriors do, less than a third of any variance."""
    table = judged[0]
    for name, found in posteriors_by_strength(load_archive("which-rule-strengths")).items():
        rule, setting = STRENGTHS[name]
        recordings = table[table.rule == rule]
        forest = make_pipeline(SimpleImputer(), ExtraTreesRegressor(50, min_samples_leaf=5))
        means = cross_val_predict(
            forest.set_params(extratreesregressor__random_state=0), recordings[list(FEATURES)],
            np.log10(recordings[setting]), groups=recordings.task, cv=LeaveOneGroupOut(),
        )  # fmt: skip
        assert explained(found.assign(mean=means)) < 1 / 3
        assert explained(found) < 0.27
        assert 0.805 < covered(found) < 0.915
