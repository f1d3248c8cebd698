"""The same bits on every machine: other machines emulated on this one, and digests compared."""

import ast
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
from numba import njit

import drift
from drift.engine import tiles
from drift.results import golden
from drift.results.versions import recorded_digests
from drift.support import portable

PACKAGE = Path(drift.__file__).parent
BOOK = PACKAGE.parent / "book"

ELEMENTARY = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arctan2",
    "hypot", "power", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "cbrt", "geomspace",
    "logspace", "interp",
)  # fmt: skip
SUMS = ("sum", "mean", "dot", "matmul", "vdot", "inner", "einsum", "tensordot", "prod", "trapezoid")
LINEAR_ALGEBRA = (
    "qr",
    "eigh",
    "eigvalsh",
    "norm",
    "solve",
    "svd",
    "inv",
    "pinv",
    "lstsq",
    "cholesky",
)


class OtherLastDigits:
    """A machine on which libraries answer up to two units in the last place off, at random."""

    def __init__(self):
        self.bits = np.random.PCG64(7)

    def off(self, value):
        if isinstance(value, tuple):
            return (
                type(value)(*map(self.off, value))
                if hasattr(value, "_fields")
                else tuple(map(self.off, value))
            )
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return value
        units = self.bits.random_raw(array.size).reshape(array.shape) % 5
        moved = array + (units - 2.0) * np.spacing(array)
        return float(moved) if isinstance(value, float) else moved

    def like(self, function):
        return lambda *given, **named: self.off(function(*given, **named))

    def generator(self):
        """NumPy's generator, whose normal numbers in the tails and von Mises angles are off."""
        machine = self

        class Off(np.random.Generator):
            def standard_normal(self, *given, **named):
                exact = super().standard_normal(*given, **named)
                return np.where(np.abs(exact) > 3.6, machine.off(exact), exact)

            def normal(self, *given, **named):
                return machine.off(super().normal(*given, **named))

            def vonmises(self, *given, **named):
                return machine.off(super().vonmises(*given, **named))

            def uniform(self, low=0.0, high=1.0, size=None):
                exact = super().uniform(low, high, size)
                return exact if (low, high) == (0, 1) else machine.off(exact)

        return Off


@pytest.fixture
def other_machine(monkeypatch):
    golden.differing()  # kernels are compiled before anything is another's
    machine = OtherLastDigits()
    generator = machine.generator()
    for name in (*ELEMENTARY, *SUMS):
        monkeypatch.setattr(np, name, machine.like(getattr(np, name)))
    for name in LINEAR_ALGEBRA:
        monkeypatch.setattr(np.linalg, name, machine.like(getattr(np.linalg, name)))
        if hasattr(scipy.linalg, name):
            monkeypatch.setattr(scipy.linalg, name, machine.like(getattr(scipy.linalg, name)))
    for name in ("exp", "log", "log2", "log10", "sin", "cos", "tan", "atan2", "hypot", "pow"):
        monkeypatch.setattr(math, name, machine.like(getattr(math, name)))
    for name in ("gaussian_filter1d", "gaussian_filter", "correlate1d", "convolve1d"):
        function = getattr(scipy.ndimage, name)
        monkeypatch.setattr(scipy.ndimage, name, machine.like(function))
    monkeypatch.setattr(np.random, "Generator", generator)
    default = np.random.default_rng
    monkeypatch.setattr(
        np.random, "default_rng",
        lambda seed=None: seed if isinstance(seed, np.random.Generator)
        else generator(default(seed).bit_generator),
    )  # fmt: skip
    return machine


@pytest.mark.parametrize("name", golden.CASES)
def test_this_machine_finds_the_recorded_digest(name):
    assert golden.CASES[name]() == recorded_digests()[name]


def test_the_recorded_digests_are_of_these_cases():
    assert recorded_digests().keys() == golden.CASES.keys()


def test_other_last_digits_of_libraries_change_nothing(other_machine):
    """Of exp, sin, sums, LAPACK and random tails: no task, start, draw or run hangs on them."""
    assert len({float(np.exp(1.0)) for _ in range(50)}) == 5
    assert golden.differing() == []


def test_the_emulation_shows_what_hangs_on_last_digits(other_machine):
    """A texture made with NumPy's exponential is another one there."""
    noise = np.random.PCG64(0).random_raw(50) * 2.0**-64
    exact = portable.smooth(noise, 3.0, axis=0, mode="wrap")
    kernel = np.exp(-0.5 * (np.arange(-12, 13) / 3.0) ** 2)
    padded = np.pad(noise, 12, "wrap")
    other = np.convolve(padded, kernel / kernel.sum(), "valid")
    np.testing.assert_allclose(other, exact, rtol=1e-13)
    assert (other != exact).any()


OF_TRAINING = (
    "tasks",
    "engine",
    "rules",
    "simulation/fast_engine.py",
    "simulation/reference_engine.py",
    "support/portable.py",
    "study/draws.py",
)
"""Where everything enters training; elsewhere things are measured, too."""


def files_of_training():
    for path in (PACKAGE / name for name in OF_TRAINING):
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


@pytest.mark.parametrize("path", list(files_of_training()), ids=lambda path: path.stem)
def test_no_operation_that_machines_do_differently_enters_training(path):
    """What no emulation can reach: the operator @ and the methods of arrays."""
    forbidden = {*ELEMENTARY, *SUMS, "linalg", "ndimage"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BinOp):
            assert not isinstance(node.op, ast.MatMult), f"line {node.lineno}: @"
        if isinstance(node, ast.Attribute) and node.attr in forbidden:
            owner = getattr(node.value, "id", "")
            assert owner == "portable", f"line {node.lineno}: {owner}.{node.attr}"


def elsewhere(program, *arguments, **environment):
    """What ``program`` prints in a process of its own with another environment."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


DIFFERING = """
import json, sys
from drift.results import golden
print(json.dumps(golden.differing(sys.argv[1:] or golden.CASES)))
"""

ON_X86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="other x86 processors")


def plain_sse(kernel):
    """Surroundings of OpenBLAS and NumPy; NumPy's features are levels or single instructions."""
    found = {
        feature for feature, there in np._core._multiarray_umath.__cpu_features__.items() if there
    }
    disabled = " ".join(sorted(found & set(np._core._multiarray_umath.__cpu_dispatch__)))
    return {"OPENBLAS_CORETYPE": kernel, "NPY_DISABLE_CPU_FEATURES": disabled}


@ON_X86
@pytest.mark.parametrize("kernel", ["Prescott", pytest.param("Nehalem", marks=pytest.mark.long)])
def test_other_kernels_of_openblas_and_numpy_give_the_same_bits(kernel):
    assert elsewhere(DIFFERING, **plain_sse(kernel)) == []


@ON_X86
@pytest.mark.long
@pytest.mark.parametrize("chapter", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_chapters_have_the_same_outputs_with_other_kernels(chapter):
    """Every output that nbval compares, fits and eigenvalues among them, on plain SSE."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", str(chapter)],
        env=os.environ | plain_sse("Prescott"), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]


PROCESSORS = {
    "haswell": "+sse2,+sse4.1,+sse4.2,+avx,+avx2,+fma,+bmi,+bmi2,+popcnt",
    "ivybridge": "+sse2,+sse4.1,+sse4.2,+avx,+popcnt",
}
SOME_KERNELS = ("update noise, in coordinates", "Adam, in weights", "similarity matching")


@ON_X86
@pytest.mark.long
@pytest.mark.parametrize("processor", PROCESSORS)
def test_kernels_for_another_processor_give_the_same_bits(processor):
    environment = {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": PROCESSORS[processor]}
    assert elsewhere(DIFFERING, *SOME_KERNELS, **environment) == []


WITH_OTHER_TILES = f"""
import sys
import numba
from numba.core import codegen
numba.njit(lambda x: x)(1)  # numba has asked for this processor's features by then
features, rows = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
real = codegen.get_host_cpu_features
codegen.get_host_cpu_features = lambda: features
from drift.engine import tiles
codegen.get_host_cpu_features = real
assert rows == tiles.TILE_ROWS
{DIFFERING}"""


@pytest.mark.long
def test_tiles_of_another_size_give_the_same_bits(tmp_path):
    """Processors with AVX-512 have registers for larger tiles; sums keep their order."""
    features, rows = ("+avx2", "4") if tiles.TILE_ROWS == 8 else ("+avx512f", "8")
    cases = ("label noise, in coordinates", "Adam, in weights")
    own_kernels = {"NUMBA_CACHE_DIR": str(tmp_path)}
    assert elsewhere(WITH_OTHER_TILES, features, rows, *cases, **own_kernels) == []


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos"])
def test_elementary_functions_are_rounded_correctly(name):
    """Against a hundred digits."""
    numbers = np.random.default_rng(0).uniform(0.01, 30, 300)
    with mpmath.workdps(100):
        exact = [float(getattr(mpmath, name)(mpmath.mpf(float(x)))) for x in numbers]
    assert getattr(portable, name)(numbers).tolist() == exact


def test_the_exponential_of_kernels_is_exact_to_two_units_in_the_last_place():
    numbers = np.random.default_rng(1).uniform(-30, 30, 2000)
    exact = portable.exp(numbers)
    found = njit(lambda xs: np.array([portable.exponential(x) for x in xs]))(numbers)
    assert (np.abs(found - exact) <= 2 * np.spacing(exact)).all()


@pytest.mark.parametrize(("mode", "known_as"), [("wrap", "wrap"), ("symmetric", "reflect")])
@pytest.mark.parametrize("width", [0.0, 0.05, 0.4, 2.6, 40.0])
def test_smoothing_is_scipys_gaussian_filter(mode, known_as, width):
    values = np.random.default_rng(2).normal(size=(6, 11))
    for axis in (0, 1):
        ours = portable.smooth(values, width, axis=axis, mode=mode)
        theirs = (
            scipy.ndimage.gaussian_filter1d(values, width, axis=axis, mode=known_as)
            if width
            else values
        )
        np.testing.assert_allclose(ours, theirs, atol=4e-15)


def test_a_ring_is_read_as_numpy_interpolates():
    values = np.random.default_rng(3).normal(size=9)
    position = np.random.default_rng(4).uniform(-20, 30, 200)
    expected = np.interp(position, np.arange(9), values, period=9)
    np.testing.assert_allclose(portable.read_ring(values, position), expected, atol=1e-13)


def test_products_are_those_of_linear_algebra():
    left, right = np.random.default_rng(5).normal(size=(2, 7, 7))
    np.testing.assert_allclose(portable.product(left, right), left @ right, rtol=1e-13)


@pytest.mark.parametrize("nearly", [0.0, 1e-9])
def test_a_basis_of_dependent_rows_has_their_rank(nearly):
    """Rows of which one is a combination of two others, but for ``nearly`` of a third direction."""
    rows = np.random.default_rng(6).normal(size=(5, 9))
    rows[3] = rows[0] - 2 * rows[1] + nearly * rows[3]
    coordinates, basis = portable.orthonormal_basis(rows)
    assert len(basis) == (4 if nearly == 0 else 5)
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-14)
    np.testing.assert_allclose(coordinates @ basis, rows, atol=1e-14)
    assert (coordinates == np.tril(coordinates)).all()


def test_whole_powers():
    for exponent in (0, 1, 2, 7, 1000, 10**7):
        assert portable.whole_power(0.999, exponent) == pytest.approx(0.999**exponent, rel=1e-9)
