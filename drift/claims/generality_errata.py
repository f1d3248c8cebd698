"""Where the study's text, its tables and its program differ about its many runs."""

from __future__ import annotations

import pandas as pd

from drift.claims.row_tables import RowTable, errata_table
from drift.claims.verdicts import Erratum

__all__ = ["errata"]


def errata(table: pd.DataFrame, published: pd.DataFrame, relations: pd.DataFrame) -> RowTable:
    """Where the study's text, its tables and its program differ about its many runs.

    Parameters
    ----------
    table : DataFrame
        A row a run, as ``drift.study.collection.table_of_runs`` makes it.
    published : DataFrame
        The shipped table ``published-shares``.
    relations : DataFrame
        The shipped table ``published-scan-relations``.

    Returns
    -------
    RowTable
    """
    unlabelled = int((table["label_noise"] == 0).sum())
    of_labels = published.set_index("group").loc["label noise"]
    by_task = relations[relations["quantity"].str.startswith("runs on")]
    scan = ", ".join(f"{row.runs} {str(row.quantity).split()[2]}" for row in by_task.itertuples())
    return errata_table(
        [
            Erratum(
                "range of inputs and targets",
                "not said",
                "[-1, 1] as published; the runs of ten million steps by gradient descent and Adam, "
                "and the noise scan, were made with [0, 1]",
                "[0, 1] where the study's runs had it (`low`)",
                "more units are active at the start with [-1, 1] than the published table implies; "
                "see the count above",
            ),
            Erratum(
                "the column `loss` of the published table of runs",
                "not described",
                "log10 of the clean loss over the variance of the targets; in the runs of ten "
                "million steps by gradient descent and Adam that of the loss against noisy targets",
                "each is converted before it is compared",
                f"of {of_labels.runs:.0f} runs with label noise of width s it is log10(s²/12) to a "
                f"median of {of_labels.excess:.3f} (quartiles {of_labels.excess_25:.2f} and "
                f"{of_labels.excess_75:.2f})",
            ),
            Erratum(
                "the upper panel of Fig. 4B",
                "fraction of active units, the same for all that converged",
                "the active fraction; it falls with the noise",
                "both are shown",
                "see the verdict on Fig. 4B",
            ),
            Erratum(
                "the noise scan of Fig. 4B",
                "178 runs with one set of parameters",
                f"118 in the published table, on three tasks: {scan}",
                "118 for each of the three tasks",
                "none on the slope of the rate",
            ),
            Erratum(
                "the axis of Fig. 4B, bottom",
                "time scale of sparsification",
                "logarithm of the slope of log active units: a rate",
                "a rate, by the program's definition; `sparsification_rate` has another",
                "the sign: it rises with the noise as its square, a time scale falls",
            ),
            Erratum(
                "distribution of label noise",
                "Gaussian",
                "uniform over an interval of width s",
                "the program's; Gaussian is an option (`label_noise_distribution`)",
                "none at equal variance: see the table above",
            ),
            Erratum(
                "RMSprop",
                "tried, with Adam",
                "absent, and no run in the published table",
                "a rule (`drift.RMSprop`), tried above",
                "it sparsifies: see the verdict",
            ),
            Erratum(
                "number of runs without label noise",
                "616 (Fig. 4A), 516 (Fig. S1)",
                "616 in the published table of runs",
                f"{unlabelled} of {len(table)}",
                "none",
            ),
            Erratum(
                "number of outputs of predictive and autoencoder tasks",
                "drawn, as for the others",
                "as many as inputs, whatever the table of runs has under `ydim`",
                "as many as inputs",
                "not measured: the table's number is not used",
            ),
            Erratum(
                "size of the perturbation in stochastic error descent",
                "one Gaussian",
                "variance 0.01 over the number of rows, for each array of parameters",
                "the program's",
                "not measured: the text gives no size",
            ),
        ]
    )
