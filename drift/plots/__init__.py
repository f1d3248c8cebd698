"""Figures; one colour means one quantity throughout the book (Okabe and Ito's palette).

Imports support, tasks, network, analysis, simulation, theory and inference.
"""

from drift.plots.plot_animals import (
    information_and_shuffles,
    likeness_over_time,
    maps_by_day,
    over_sessions,
    slopes_of_animals,
)
from drift.plots.plot_corridor import (
    correlation_matrix,
    corridor_scene,
    path_and_views,
    sorted_rate_maps,
)
from drift.plots.plot_inference import features_by_rule, inferred_rule
from drift.plots.plot_mechanism import (
    counts,
    course_of_spectra,
    one_time,
    spectra_at,
    trace_against_theory,
)
from drift.plots.plot_signature import (
    elsewhere_over_sessions,
    lap_by_lap,
    signature_plane,
)
from drift.plots.plot_similarity import correlation_against_lag, three_phases, tuning_on_the_ring
from drift.plots.plot_studies import (
    against_published,
    by_rule,
    many_runs,
    noise_scan,
    units_at_the_start,
    update_against_label,
)
from drift.plots.plot_training import (
    edge_of_stability,
    information_and_activity,
    learning_curve,
)
from drift.plots.plot_valleys import decay, valley
from drift.plots.plot_walks import landscapes, property_over_time, where_walks_end
from drift.plots.style import COLOURS, use_style

__all__ = [
    "COLOURS",
    "against_published",
    "by_rule",
    "correlation_against_lag",
    "correlation_matrix",
    "corridor_scene",
    "counts",
    "course_of_spectra",
    "decay",
    "edge_of_stability",
    "elsewhere_over_sessions",
    "features_by_rule",
    "inferred_rule",
    "information_and_activity",
    "information_and_shuffles",
    "landscapes",
    "lap_by_lap",
    "learning_curve",
    "likeness_over_time",
    "many_runs",
    "maps_by_day",
    "noise_scan",
    "one_time",
    "over_sessions",
    "path_and_views",
    "property_over_time",
    "signature_plane",
    "slopes_of_animals",
    "sorted_rate_maps",
    "spectra_at",
    "three_phases",
    "trace_against_theory",
    "tuning_on_the_ring",
    "units_at_the_start",
    "update_against_label",
    "use_style",
    "valley",
    "where_walks_end",
]
