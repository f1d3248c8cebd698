"""Every public function and class: how it is called rightly, or why it is not tried."""

import ast
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

import drift
from drift import network
from drift.analysis import drift as code_drift
from drift.analysis import (
    drift_geometry,
    hessian,
    information,
    joint_slopes,
    map_display,
    paired_slopes,
    partial_correlation,
    phases,
    remapping,
    shuffled_information,
    sparsification,
    spectra,
    time_shifts,
    trends,
    tuning,
    unit_drift,
    vector_correlation,
)
from drift.datasets import catalogue, fetching, published_runs, sessions
from drift.inference import drift_features, recording
from drift.rules.adam import Adam
from drift.rules.error_descent import StochasticErrorDescent
from drift.rules.gradient_descent import GradientDescent
from drift.rules.rmsprop import RMSprop
from drift.similarity import SimilarityMatching, response, ring, simulate_matching
from drift.simulation import chosen_measures, measures, recorder
from drift.tasks import arena, base_task, changed_corridor, corridor, mappings
from drift.tasks import ring as ring_task
from drift.theory import flow, squared_bessel, valleys, walks

PACKAGE = Path(drift.__file__).parent


def public_names():
    """Functions and classes of every ``__all__`` of the package, where they are made."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        made = {
            node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        }
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in tree.body:
            target = getattr(node, "targets", [None])[0]
            if getattr(target, "id", "") == "__all__" and isinstance(node.value, ast.List):
                yield from (f"{module}.{name}" for name in ast.literal_eval(node.value)
                            if name in made)  # fmt: skip


NOT_TRIED = {
    "drift.claims.": "takes whole sets of runs, made up for each claim in tests of its own",
    "drift.plots.": "draws what functions tried here return; tests of its own read it back",
    "drift.results.": "computes for minutes, or reads files that ship",
    "drift.support.portable.": "beneath the doors: kernels and what fills their arrays",
    "drift.datasets.fetching.DataDamagedError": "an error",
    "drift.datasets.fetching.DataMissingError": "an error",
    "drift.datasets.fetching.data_directory": "takes nothing",
    "drift.datasets.fetching.data_path": "opens files: test_datasets",
    "drift.datasets.fetching.fetch": "downloads",
    "drift.datasets.fetching.files_at_hand": "looks into folders; its name is find_dataset's",
    "drift.datasets.catalogue.DataSet": "a record of the catalogue",
    "drift.datasets.catalogue.is_published": "reads a file that fetching names",
    "drift.datasets.catalogue.registry": "takes nothing",
    "drift.datasets.familiar_tracks.load": "opens files: test_tracks",
    "drift.datasets.registered_tracks.load": "opens files: test_tracks",
    "drift.datasets.karlsson.load": "opens files: test_recordings",
    "drift.datasets.brought_sessions.": "opens files: test_study_sets",
    "drift.datasets.csv_files.": "opens files: test_lap_recordings, test_tracks",
    "drift.datasets.lap_recordings.": "opens files, or takes sessions: test_lap_recordings",
    "drift.datasets.time_elsewhere.": "opens files: test_time_elsewhere",
    "drift.datasets.matlab.": "opens files: test_tracks",
    "drift.datasets.published_sessions.": "opens files: test_published",
    "drift.datasets.published_runs.published_": "reads a table, takes nothing",
    "drift.datasets.published_scans.": "reads a table",
    "drift.analysis.information.PlaceCells": "a record that place_cells returns",
    "drift.analysis.information.CorrectedInformation": "a record that is returned",
    "drift.analysis.joint_slopes.JointFit": "a record that joint_fit returns",
    "drift.analysis.paired_slopes.PairedSlopes": "a record that paired_slopes returns",
    "drift.analysis.shuffled_information.AboveShuffles": "a record that is returned",
    "drift.analysis.remapping.Remapping": "a record that remapping returns",
    "drift.analysis.resampling.": "calls a function two thousand times: test_remapping",
    "drift.analysis.phases.Change": "a record that phase_changes returns",
    "drift.analysis.phases.Phases": "a record that find_phases returns",
    "drift.analysis.trends.Trend": "a record that trend_of returns",
    "drift.analysis.trends.PowerLaw": "a record that power_law returns",
    "drift.network.Activation": "a record of the activation functions",
    "drift.network.Parameters": "a record; what takes it checks it",
    "drift.tasks.base_task.task": "registers what it is given: test_extending",
    "drift.tasks.arena.Arena": "a record; what takes it checks it",
    "drift.tasks.arena.Path": "a record that walk returns",
    "drift.theory.zero_loss.NotAtZeroLossError": "an error",
    "drift.theory.flow.simulate_beside_flow": "trains networks; it calls simulate and the flow",
    "drift.similarity.simulate_matching_seeds": "simulate_matching, for each seed",
    "drift.simulation.simulate.": "trains networks: test_simulation",
    "drift.simulation.cache.": "trains networks and writes files: test_cache",
    "drift.simulation.recorder.Recorder": "a part of simulate",
    "drift.simulation.measures.Observation": "a record that observe returns",
    "drift.rules.base_rule.": "what rules are made of",
    "drift.rules.dropout.": "its settings are refused in test_drawn_rules",
    "drift.rules.online_descent.": "its settings are refused in test_drawn_rules",
    "drift.rules.preactivation_noise.": "its settings are refused in test_drawn_rules",
    "drift.analysis.drift_geometry.CodingSpace": "a record that coding_space returns",
    "drift.analysis.unit_drift.StabilityDependence": "a record that is returned",
    "drift.analysis.unit_drift.Turnover": "a record that turnover returns",
    "drift.inference.answer.": "takes tables and sessions, made up in test_inference",
    "drift.inference.classifier.": "takes tables of recordings, made up in test_inference",
    "drift.inference.familiarity.": "likewise",
    "drift.inference.evaluation.": "likewise, for many seconds: test_rule_evaluation",
    "drift.inference.intervals.": "takes tables of one index: test_inference_intervals",
    "drift.inference.known_networks.": "takes archives, made up in test_recorded_networks",
    "drift.inference.matching.": "takes tables of recordings, made up in test_recorded_networks",
    "drift.inference.strengths.": "takes tables of recordings: test_rule_strengths",
    "drift.inference.session_files.": "reads files, refused in test_inferring_command",
    "drift.inference.recorded_networks.": "trains networks, or draws what it needs",
    "drift.inference.recording.record": "its other arguments are checked or made elsewhere",
    "drift.simulation.call.": "beneath the door of simulate: test_simulation, test_cache",
    "drift.support.compiled.KernelsDisabledError": "an error",
    "drift.tasks.selection.": "its constants are refused in test_tasks",
    "drift.tasks.streams.": "its arrays are refused in test_tasks",
    "drift.theory.noisy_units.": "takes a task and a network: test_noisy_units",
    "drift.theory.online_drift.": "takes runs that it makes itself: test_online_drift",
    "drift.theory.rectified_drift.": "likewise",
}
"""By the beginning of a name, why it is not tried."""


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 1, shape)


TASK = drift.Task(
    numbers(6, 3), numbers(6, 2, seed=1), np.arange(6.0), np.array([0.0, 0, 0, 3.1, 3.1, 3.1])
)
NETWORK = drift.Parameters(numbers(4, 3, seed=2), numbers(4, seed=3), numbers(2, 4, seed=4))
RUN = xr.Dataset(
    {
        "input_weights": (("snapshot", "unit", "input"), numbers(2, 4, 3)),
        "bias": (("snapshot", "unit"), numbers(2, 4)),
        "output_weights": (("snapshot", "output", "unit"), numbers(2, 2, 4)),
    },
    {"snapshot": [0, 100]},
    {"activation": "relu"},
)
LINES = paired_slopes.paired_slopes(np.arange(4.0), numbers(4, 4, seed=5), numbers(4, 4, seed=6))
STEP = np.arange(0.0, 4000, 100)
FALL = 0.2 + 0.8 * np.exp(-STEP / 500)
ROWS = xr.Dataset(
    {
        name: (("run", "record"), values)
        for name, values in (("step", np.array([[0, 5, 9], [0, 5, -1]])),
                             ("fraction_active_units", numbers(2, 3)), ("loss", numbers(2, 3)))
    }
    | {
        name: ("run", np.array([2, 3]))
        for name in ("target_variance", "hidden", "d_in", "d_out", "samples", "above_zero",
                     "whole_rank")
    }
    | {"hessian_rank": (("run", "snapshot"), numbers(2, 3))}
)  # fmt: skip
CURVES = xr.Dataset(
    {
        name: (("seed", "step"), np.stack([FALL, FALL**2]))
        for name in ("loss", "fraction_active_units")
    },
    {"step": STEP},
)
CODES = xr.Dataset(
    {"activity": (("step", "position", "unit"), numbers(3, 4, 5))}, {"step": [0, 1, 2]}
)
MAPS = xr.DataArray(
    numbers(3, 3),
    {"snapshot": [0, 1, 2], "other_snapshot": [0, 1, 2]},
    ("snapshot", "other_snapshot"),
)
CHANGES = [{"learning": phases.Change(1.0, 0.5, -0.1, 0.9)}] * 2
TABLE = pd.DataFrame(
    {"learning_algo": ["SGD", "Adam"], "update_noise": [0.1, 0.0], "label_noise": [0.0, 0.1],
     "sim_len": [10**6, 10**7], "loss": [0.1, 0.2], "raw_loss": [0.1, 0.2],
     "active_units": [0.0, 0.5]}
)  # fmt: skip
RING = walks.RingOfMinima(modulation=0.5)
RULE = GradientDescent(label_noise=0.1)
ARENA = arena.Arena(1.0, 14.0, numbers(510), "closed")
WALKS = xr.Dataset({"corner": ("walk", np.array([-1, 1, 2]))}, {"step": np.arange(4)})
ONE_WEIGHT = {"weight": np.eye(12)}
OF_NETWORK = {"task": TASK, "parameters": NETWORK, "activation": "relu"}
PLACES = np.tile(np.arange(5), 8)
CELLS = np.random.default_rng(1).poisson(1.0, (40, 3))


class Door(NamedTuple):
    """A public function, right arguments for it, what its result has to be; costly arguments."""

    function: Any
    arguments: dict[str, Any]
    documented: Any = None
    costly: tuple[str, ...] = ()
    """Arguments that ask for time, which may be as large as one likes: huge ones are not tried."""


def between(low, high):
    """Whether all numbers of a result are from ``low`` to ``high``, to rounding, or NaN."""

    def holds(found):
        values = np.asarray(found, float)
        margin = 1e-9 * max(1, abs(high))
        known = values[~np.isnan(values)]
        return bool(((known >= low - margin) & (known <= high + margin)).all())

    return holds


def finite(found):
    return bool(np.isfinite(np.asarray(found, float)).all())


def a_test_of_place_cells(found):
    shares = between(0, 1)(found.p_value) and between(0, np.log2(100_000))(found.information)
    return shares and bool((found.active | np.isnan(found.p_value)).all())


def rates(found):
    shares = found["occupancy"].values
    return bool(np.isclose(shares.sum(), 1) and not np.isinf(found["rate"].values).any())


RESPONSES = numbers(3, 6, 5)
OF_CODES = {
    code_drift: {
        "check_responses": None, "session_statistics": None,
        "map_correlation_by_lag": between(-1, 1), "population_correlation_by_lag": between(-1, 1),
    },
    drift_geometry: {
        "coding_space": None, "dissimilarity_stability": between(-1, 1),
        "drift_participation": between(0, 1), "neighbouring_sessions": None,
        "residual_after_alignment": between(0, 1),
    },
    unit_drift: {
        "field_shifts": between(0, 1), "stability_dependence": between(-1, 1),
        "turnover": between(0, 1),
    },
}  # fmt: skip
"""Functions of the responses of a code over sessions, and what they may return."""

DOORS = {
    door.function.__module__ + "." + door.function.__qualname__: door
    for door in [
        Door(hessian.check_activation, {"activation": "relu"}),
        *(Door(getattr(hessian, name), OF_NETWORK, documented) for name, documented in (
            ("active_hessian", finite),
            ("gauss_newton_eigenvalues", finite), ("gauss_newton_kernel", finite),
            ("hessian_eigenvalues", finite), ("hessian_trace", between(0, np.inf)),
            ("residual_blocks", finite), ("residual_eigenvalues", finite))),
        *(Door(getattr(module, name), {"responses": RESPONSES}, documented)
          for module, functions in OF_CODES.items() for name, documented in functions.items()),
        Door(drift_features.features, {"responses": RESPONSES}),
        Door(recording.matched_sessions, {"activity": RESPONSES, "sessions": 3,
             "correlation": 0.5}, between(0, 25)),
        Door(recording.Recording, {"units": 5, "sessions": 3, "noise": "poisson", "events": 2.0,
             "fewest_events": 1}),
        Door(code_drift.relative_trend, {"values": numbers(5)}),
        Door(code_drift.mean_by_lag, {"between": numbers(4, 4)}),
        Door(code_drift.curvature, {"by_lag": numbers(5)}),
        Door(drift_geometry.participation_ratio, {"variances": numbers(5)}, between(1, 100)),
        Door(vector_correlation.rank_correlation, {"one": numbers(5), "other": numbers(5, seed=1)},
             between(-1, 1)),
        Door(unit_drift.tail_index, {"sizes": numbers(200), "share": 0.1}),
        Door(information.tuning_curves, {"activity": CELLS, "place_bin": PLACES,
             "bins": np.arange(5)}, lambda found: finite(found[0]) and between(0, 1)(found[1])),
        Door(information.place_cells, {"activity": CELLS, "place_bin": PLACES, "shuffles": 7,
             "level": 0.05, "minimal_events": 3, "seed": 0}, a_test_of_place_cells),
        Door(information.corrected_information, {"activity": CELLS, "place_bin": PLACES,
             "fractions": np.linspace(0.25, 1, 4), "repeats": 2, "seed": 0},
             lambda found: between(0, 17)(found.naive), costly=("repeats",)),
        Door(phases.find_phases, {"step": STEP, "loss": FALL, "active": FALL}, between(0, 1e100)),
        Door(phases.settling_step, {"step": STEP, "values": FALL, "tolerance": 0.1},
             between(0, 1e100)),
        Door(phases.phase_changes, {"step": STEP, "loss": FALL, "active": FALL,
             "phases": phases.Phases(500.0, 1500.0), "correlation": lambda *_: 0.5}),
        Door(phases.changes_of_runs, {"runs": CURVES, "phases": [phases.Phases(500.0, 1500.0)] * 2,
             "similarities": [lambda *_: 0.5] * 2}),
        Door(phases.population_similarity, {"run": CODES}, callable),
        Door(phases.map_similarity, {"archived": MAPS, "early": MAPS}, callable),
        Door(phases.in_phase, {"changes": CHANGES, "phase": "learning", "what": "activity"}),
        Door(phases.phase_table, {"models": {"ours": CHANGES}}),
        Door(sparsification.sparsification_rate, {"step": STEP, "fraction": FALL,
             "definition": "program"}, lambda found: not np.isinf(found)),
        Door(sparsification.half_time, {"step": STEP, "fraction_active": FALL}, between(0, 1e100)),
        Door(spectra.rank, {"eigenvalues": numbers(5), "tolerance": 0.1}, between(0, 100)),
        Door(spectra.count_above_zero, OF_NETWORK, between(0, 24)),
        Door(spectra.log_pseudo_determinant, {"eigenvalues": numbers(5), "tolerance": 0.1}, finite),
        Door(spectra.spectra, {"run": RUN, "task": TASK, "snapshots": [0, -1], "progress": False}),
        Door(spectra.ratios_to, {"found": xr.Dataset(
             {"eigenvalues": (("snapshot", "order"), numbers(2, 6)),
              "trace": ("snapshot", numbers(2)), "rank": ("snapshot", np.array([6, 5]))},
             {"snapshot": [0, 100]}), "step": 100, "largest": 2, "small": (3, 5)}),
        Door(spectra.eigenvalue_counts, {"runs": ROWS}),
        Door(trends.slopes, {"time": np.arange(4.0), "values": numbers(3, 4)},
             lambda found: not np.isinf(found).any()),
        Door(trends.mean_trend, {"time": np.arange(4.0), "values": numbers(3, 4)}, finite),
        Door(trends.trend_of, {"each": numbers(4)}, finite),
        Door(trends.difference_of_trends, {"each": numbers(4), "others": numbers(3)}, finite),
        Door(trends.power_law, {"x": numbers(5), "y": numbers(5)}),
        Door(trends.PowerLaw(1.0, 0.0, 0.5, 1.5, 5).at, {"x": 2.0}, finite),
        Door(trends.mean_and_spread, {"values": numbers(4), "digits": 2}),
        Door(tuning.directed_place, {"task": TASK}, finite),
        Door(tuning.rate_maps, {"activity": numbers(6, 3), "place": np.arange(6.0),
             "bins": 4}, rates),
        Door(tuning.spatial_information, {"rate": numbers(3, 5), "occupancy": np.full(5, 0.2)},
             between(0, np.log2(5))),
        Door(tuning.rate_map_correlation, {"maps": numbers(2, 3, 5),
             "tuned": np.array([[True, True, False]] * 2)}, between(-1, 1)),
        Door(tuning.population_vector_correlation, {"first": numbers(5, 3),
             "second": numbers(5, 3, seed=5)}, between(-1, 1)),
        Door(tuning.tuning_over_time, {"run": RUN, "task": TASK, "bins": 4}),
        Door(map_display.peak_order, {"maps": numbers(3, 5)},
             lambda found: sorted(found) == list(range(len(found)))),
        Door(map_display.display_maps, {"rate": numbers(3, 5), "occupancy": np.full(5, 0.2),
             "width": 1.0}, between(0, 1)),
        Door(network.find_activation, {"name": "relu"}),
        Door(network.forward, {"parameters": NETWORK, "inputs": TASK.inputs, "activation": "relu"}),
        Door(network.hidden_activity, {"parameters": NETWORK, "inputs": TASK.inputs,
             "activation": "tanh"}, between(-1, 1)),
        Door(network.Parameters.of_snapshot, {"run": RUN, "index": 1}),
        Door(network.initial_parameters, {"task": TASK, "hidden": 4, "init": "rich",
             "random": np.random.default_rng(0)}, costly=("hidden",)),
        Door(base_task.Task, {"inputs": numbers(6, 3), "targets": numbers(6, 2),
             "position": np.arange(6.0), "heading": np.zeros(6), "name": "task", "constants": {}}),
        Door(base_task.rescale, {"values": numbers(6), "low": -1.0, "high": 1.0}, finite),
        *(Door(getattr(mappings, name),
               {"seed": 1, "samples": 4, "d_in": 3, "low": -1.0, "high": 1.0}
               | ({"d_out": 2} if "mapping" in name else {}), costly=("samples", "d_in", "d_out"))
          for name in mappings.__all__),
        Door(ring_task.abstract_predictive, {"seed": 1, "samples": 4, "d_in": 3, "length": 60,
             "scene_width": 2.0, "field_of_view": 10.0, "speed": 3.0, "low": -1.0, "high": 1.0}),
        Door(corridor.corridor, {"seed": 1, "samples": 4, "width": 1.0, "length": 5.0, "pixels": 4,
             "field_of_view": 0.4, "smoothing": 0.05, "speed": 0.2, "speed_noise": 0.1,
             "turn_noise": 0.01, "addressing": "closed", "low": -1.0, "high": 1.0}),
        Door(corridor.arena_and_path, {"constants": drift.corridor(samples=4, pixels=4).constants}),
        Door(arena.walk, {"samples": 4, "length": 5.0, "speed": 0.2, "speed_noise": 0.1,
             "turn_noise": 0.01, "random": np.random.default_rng(0)}),
        Door(arena.view, {"arena": ARENA, "position": np.arange(3.0), "heading": np.arange(3.0),
             "pixels": 4, "field_of_view": 0.4}, finite),
        Door(arena.meet_wall, {"arena": ARENA, "y": 1.0, "angle": np.arange(3.0)},
             lambda found: not np.isnan(found).any()),
        Door(flow.time_per_step, {"task": TASK, "rule": RULE}, finite),
        Door(flow.to_zero_loss, {"task": TASK, "parameters": NETWORK, "steps": 2},
             lambda found: found.are_finite(), costly=("steps",)),
        Door(flow.label_noise_flow, {"task": TASK, "start": NETWORK, "rule": RULE, "steps": [0, 1],
             "finite_learning_rate": True}),
        Door(flow.weighted_trace_gradient, {"task": TASK, "point": NETWORK, "weight": np.eye(12)},
             lambda found: found.are_finite()),
        Door(squared_bessel.flat_side_reached, {"start": 1.0, "time": numbers(3)}, between(0, 1)),
        Door(squared_bessel.squared_position_cdf, {"squared": numbers(3), "start": 1.0,
             "time": 0.5}, between(0, 1)),
        Door(squared_bessel.position_quantile, {"share": 0.9, "start": 1.0, "time": 0.5},
             between(0, 1e60)),
        Door(valleys.been_at_flat_side, {"walks": WALKS}),
        Door(valleys.label_noise_decay, {"start": 1.0, "time": numbers(3)}, finite),
        Door(valleys.update_noise_law, {"start": 1.0, "time": numbers(2), "levels": [0.5, 0.9]}),
        Door(valleys.walk_in_valley, {"noise": "update noise", "walks": 2, "steps": 5,
             "record": [0, 5], "start": 1.0, "learning_rate": 0.01, "width": 0.1, "seed": 0},
             lambda found: finite(found.x),
             costly=("walks", "steps")),
        Door(walks.RingOfMinima, {"curvature": 1.0, "modulation": 0.5, "learning_rate": 0.01,
             "update_noise": 0.5}),
        Door(RING.curvature_at, {"angle": numbers(3)}, finite),
        Door(RING.stationary_density, {"angle": numbers(3)}, finite),
        Door(RING.loss, {"x": numbers(3), "y": numbers(3)}, between(0, 1e300)),
        Door(walks.simulate_walks, {"ring": RING, "walks": 2, "steps": 5, "record": [0, 5],
             "start": 1.0, "seed": 0}, lambda found: finite(found.x),
             costly=("walks", "steps")),
        Door(walks.expected_log_curvature, {"ring": RING, "steps": np.arange(3.0), "start": 0.0,
             "bins": 8}, finite),
        Door(SimilarityMatching, {"units": 4, "inputs": 6, "learning_rate": 0.02, "noise": 0.001,
             "ridge": 0.01}),
        Door(ring, {"count": 5}, between(-1, 1), costly=("count",)),
        Door(response, {"lateral": np.eye(4), "drive": numbers(4), "guess": np.ones(4, bool)},
             lambda found: finite(found[0])),
        Door(simulate_matching, {"network": SimilarityMatching(units=4, inputs=6), "steps": 3,
             "seed": 0, "record": [0, 3]}, costly=("steps",)),
        Door(paired_slopes.paired_slopes, {"time": np.arange(4.0), "active_cells": numbers(3, 4),
             "information": numbers(3, 4, seed=1)},
             lambda found: finite(found.slopes) and finite(found.residuals)),
        Door(paired_slopes.slope_covariances, {"found": LINES, "sets": ["a", "a", "b", "c"]},
             finite),
        Door(joint_slopes.joint_fit, {"slopes": LINES.slopes,
             "covariances": np.array([np.eye(2)] * 4), "sets": ["a", "a", "b", "c"],
             "novel": [True, True, False, False], "sets_differ": False,
             "spread_by_place": False},
             lambda found: finite(found.means)),
        Door(shuffled_information.information_above_shuffles, {"activity": CELLS,
             "place_bin": PLACES, "shuffles": 3, "seed": 0},
             lambda found: between(0, np.log2(100_000))(found.naive), costly=("shuffles",)),
        Door(partial_correlation.partial_rank_correlation, {"one": numbers(6), "other":
             numbers(6, seed=1), "given": numbers(2, 6)}, between(-1, 1)),
        Door(remapping.remapping, {"first": numbers(3, 5), "second": numbers(3, 5, seed=1),
             "occupancy": np.full(5, 0.2)}, lambda found: between(-1, 1)(found)),
        Door(changed_corridor.changed_corridor, {"task": drift.corridor(samples=4, pixels=4),
             "change": "morph", "dose": 0.5, "other_seed": 7}),
        Door(time_shifts.information_after_shifts, {"activity": CELLS,
             "place_bin": PLACES, "shuffles": 3, "seed": 0},
             lambda found: between(0, np.log2(100_000))(found[1]), costly=("shuffles",)),
        Door(catalogue.find_dataset, {"name": "ratzon-2024"}),
        Door(fetching.folder_of, {"name": "ratzon-2024"}),
        Door(sessions.locator, {"name": "ratzon-2024", "folder": Path("/nowhere")}, callable),
        Door(sessions.recording_session, {"activity": CELLS, "place_bin": PLACES, "dt": 0.05,
             "bin_width": 4.0, "animal": "a", "area": "CA1", "environment": "A", "session": 1,
             "direction": "left", "cell": np.arange(3)}),
        Door(published_runs.units_at_start, {"active_units": 0.67, "fewest": 20, "most": 100}),
        Door(published_runs.as_published, {"ours": TABLE}),
        Door(published_runs.listed, {"ours": TABLE}, lambda found: found.dtype == bool),
        Door(published_runs.groups, {"table": TABLE}),
        Door(Adam, {"learning_rate": 0.1, "first_decay": 0.9, "second_decay": 0.99,
                    "epsilon": 1e-8}),
        Door(RMSprop, {"learning_rate": 0.1, "decay": 0.9, "epsilon": 1e-8}),
        Door(StochasticErrorDescent, {"learning_rate": 0.1, "perturbation": 0.1}),
        Door(GradientDescent, {"learning_rate": 0.1, "update_noise": 0.1, "label_noise": 0.1,
             "label_noise_distribution": "uniform", "input_noise": 0.1}),
        Door(recorder.LinearSpacing, {"count": 5}),
        Door(recorder.LogSpacing, {"count": 5}),
        Door(recorder.scheduled_steps, {"schedule": [0, 5], "total": 9}),
        Door(measures.observe, OF_NETWORK | {"threshold": 0.0}),
        *(Door(getattr(measures, name), {"seen": measures.observe(TASK, NETWORK)})
          for name in ("loss", "active_fraction", "fraction_active_units", "hessian_trace")),
        Door(chosen_measures.named_measures, {"measures": ["loss"]}),
        Door(chosen_measures.activity_threshold, {"measures": [measures.loss], "activation": "relu",
             "threshold": 0.1}),
        Door(measures.relative_loss, {"loss": numbers(3), "task": TASK, "per_output": False}),
    ]
}  # fmt: skip
