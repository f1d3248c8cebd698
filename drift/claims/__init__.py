"""What the study claims, judged: a module a chapter, and the tables that notebooks show.

Imports support, analysis, simulation, theory and similarity.
"""

from drift.claims.judging import *  # noqa: F403
from drift.claims.requirements import *  # noqa: F403
from drift.claims.row_tables import *  # noqa: F403
from drift.claims.verdicts import *  # noqa: F403
