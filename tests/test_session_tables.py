"""Loaders of published tables of sessions."""

import numpy as np
import pytest
from helpers import matlab_cell, save_matlab

from drift.datasets import (
    published_sessions,
)
from drift.datasets.matlab import LayoutError


def test_novel_environments(tmp_path):
    for prefix, first in (("funct", 0), ("stuck", 5)):
        number = first + np.arange(5)[:, None] + 0.1 * np.arange(8)
        save_matlab(tmp_path / f"{prefix}_abs_number_of_active_cells.mat",
             **{f"{prefix}_abs_number_of_active_cells": 100 * number})  # fmt: skip
        save_matlab(
            tmp_path / f"frac_active_cells_{prefix}.mat", **{f"frac_active_cells_{prefix}": number}
        )
        for name in ("PC_percentage", "information_per_day"):
            save_matlab(tmp_path / f"{prefix}_{name}.mat", **{f"{prefix}_{name}": number})
        rate = f"SI_per_sec_mat_per_day_{prefix}"
        save_matlab(tmp_path / f"{rate}.mat", **{rate: number / 100})
        save_matlab(tmp_path / f"{rate}_shuffle_reducted.mat", **{rate: number / 200})
    found = published_sessions.load_novel(tmp_path)
    assert len(found) == 80
    row = found[(found.animal == "sedentary 3") & (found.session == 5)].iloc[0]
    assert (row.day, row.place_cell_fraction) == (13, pytest.approx(7.4))
    assert row.active_cells == pytest.approx(740)
    assert (row.group, row.information) == ("sedentary", pytest.approx(7.4))
    assert row.information_rate == pytest.approx(0.074)
    assert row.information_reduced == pytest.approx(0.037)
    save_matlab(tmp_path / "funct_PC_percentage.mat", funct_PC_percentage=np.zeros((5, 7)))
    with pytest.raises(LayoutError, match="has the shape 5 x 7, expected 5 x 8"):
        published_sessions.load_novel(tmp_path)


def assemblies(path, cells=20, beyond=0):
    right, left = matlab_cell((16, 2)), matlab_cell((16, 2))
    for index in np.ndindex(16, 2):
        right[index] = np.array([[1, 2, 3 + index[1]]], float)
        left[index] = np.zeros((0, 0)) if index[0] == 3 else np.array([[5, cells + beyond]], float)
    information = np.full((1, 16), 1.5)
    information[0, 7] = np.nan
    save_matlab(path, this_mouse_data={
        "number_of_neurons_sessions": np.full((1, 16), float(cells)),
        "average_SI_SSR_bit_spike_sessions": information,
        "significant_right_trials": right,
        "significant_left_trials": left,
    })  # fmt: skip


def test_assemblies(tmp_path):
    for mouse in published_sessions.ASSEMBLY_MICE:
        assemblies(tmp_path / f"Data/{mouse}.mat")
    found = published_sessions.load_assemblies(tmp_path)
    assert len(found) == 9 * 16
    one = found[found.animal == "C5M1"].reset_index()
    # {1, 2, 3, 4, 5, 20} of 20; without the second list {1, 2, 3, 4}.
    assert one.place_cell_fraction[0] == pytest.approx(6 / 20)
    assert one.place_cell_fraction[3] == pytest.approx(4 / 20)
    assert np.isnan(one.information[7])
    assert one.day.tolist()[6:10] == [13, 15, 19, 21]
    assert one.environment.tolist() == ["A"] * 8 + ["B"] * 8
    assemblies(tmp_path / "Data/C6M3.mat", beyond=1)
    with pytest.raises(LayoutError, match=r"C6M3\.mat.*names cells beyond the 20 of session 1"):
        published_sessions.load_assemblies(tmp_path)
    save_matlab(
        tmp_path / "Data/C5M1.mat", this_mouse_data={"number_of_neurons_sessions": np.ones(3)}
    )
    with pytest.raises(LayoutError, match=r"this_mouse_data\.average_SI\w+' is missing|1 x 3"):
        published_sessions.load_assemblies(tmp_path)


def test_experience(tmp_path):
    names = ("num_place_cells_each_sess_all_mice", "fraction_pc_each_sess_all_mice",
             "mean_info_each_sess_all_mice")  # fmt: skip
    content = {}
    for name in names:
        rows = matlab_cell((8, 2))
        for index in np.ndindex(8, 2):
            rows[index] = np.arange(1.0, 11 if index[1] == 0 else 7)[None] + index[0]
        content[name] = rows
    save_matlab(tmp_path / "data/processed_data.mat", **content)
    found = published_sessions.load_experience(tmp_path)
    assert len(found) == 8 * 16
    last = found[(found.animal == "mouse 8") & (found.environment == "B")].iloc[-1]
    assert (last.session, last.information) == (6, 13)
    content[names[1]][2, 0] = np.ones((1, 4))
    save_matlab(tmp_path / "data/processed_data.mat", **content)
    with pytest.raises(LayoutError, match="differ in length for mouse 3"):
        published_sessions.load_experience(tmp_path)
