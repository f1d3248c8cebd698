"""Every parameter of every chapter changes something that its figures or tables show."""

import pytest
from chapter_cells import CHAPTERS, shown_by

from drift.results.archives import is_of_this_code, load_archive

CHEAP = {
    "two-kinds": {"walks": 10, "steps": 1000},
    "corridor": {"steps": 200, "hidden": 20, "samples": 20, "pixels": 5},
    "sparsification": {"steps": 100, "hidden": 20},
    "generality": {"runs": 30, "steps": 1000, "live_runs": 1, "live_steps": 1000},
    "similarity": {"seeds": 2, "units": 10, "steps": 2000},
    "mechanism": {"samples": 2, "d_in": 3, "d_out": 2, "hidden": 10, "steps": 1000, "seeds": 2},
    "animal": {"laps": 5, "shuffles": 20},
    "signature": {},
    "remapping": {"early": 1000, "late": 2000, "steps_there": 100},
    "which-rule": {"cells": 30, "sessions": 5},
}
"""Values that make a chapter quick."""

OTHER = {
    "two-kinds": {"modulation": 1.0, "curvature": 2.0, "learning_rate": 0.02, "update_noise": 0.3,
                  "walks": 12, "steps": 1200},
    "corridor": {"seed": 1, "samples": 30, "length": 7.0, "pixels": 6, "field_of_view": 0.5,
                 "hidden": 30, "learning_rate": 0.05, "update_noise": 0.1, "steps": 300},
    "sparsification": {"seed": 1, "hidden": 30, "learning_rate": 0.05, "update_noise": 0.1,
                       "steps": 120},
    "generality": {"runs": 31, "steps": 1200, "live_runs": 2, "live_steps": 3000},
    "similarity": {"seeds": 3, "units": 12, "learning_rate": 0.03, "noise": 0.01, "steps": 2200},
    "mechanism": {"samples": 3, "d_in": 4, "d_out": 3, "hidden": 12, "learning_rate": 0.05,
                  "update_noise": 0.1, "label_noise": 0.5, "steps": 1200, "seeds": 3},
    "animal": {"laps": 6, "shuffles": 30, "alone": "CA3"},
    "signature": {"corrected": False, "equal_time": False, "interneurons": True, "laps": 3,
                  "without": "elyasaf-2024", "interval": 2},
    "remapping": {"seed": 1, "change": "rotate", "dose": 0.1, "early": 1200, "late": 2200,
                  "steps_there": 120},
    "which-rule": {"rule": "RMSprop", "network": 1, "cells": 40, "sessions": 6, "noise": "none",
                   "held_out": "widths"},
}  # fmt: skip
"""Another value of each parameter."""

NEED_RECORDINGS = {"mouse", "own_sets"}
"""Parameters of *In the animal*: tested in test_animal_trials on files that the test writes."""


@pytest.mark.long
@pytest.mark.parametrize("name", CHAPTERS)
def test_every_parameter_changes_what_is_shown(name):
    declared = {parameter.name for parameter in CHAPTERS[name].parameters}
    assert set(OTHER[name]) == declared - NEED_RECORDINGS
    first = shown_by(name, **CHEAP[name])
    assert len(first) >= 5
    others = dict(OTHER[name])
    if not is_of_this_code(load_archive("generality")):
        others.pop("live_steps", None)  # such archives are compared before training only
    for parameter, value in others.items():
        changed = shown_by(name, **CHEAP[name] | {parameter: value})
        assert changed != first, parameter
