"""The same bits on every machine: kernels compiled for other processors."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import hashlib, sys
import drift
rule = {"update": drift.GradientDescent(update_noise=0.03, label_noise=0.5), "Adam": drift.Adam()}
task = drift.random_mapping(samples=9, d_in=int(sys.argv[2]), d_out=7)
run = drift.simulate(
    task, rule[sys.argv[1]], hidden=60, steps=3000, seed=1, record=[3000], snapshots=[3000]
)
print(hashlib.sha256(run.output_weights.values.tobytes()).hexdigest())
"""

PROCESSORS = {
    "this one": {},
    "AVX2": {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+sse2,+sse4.1,+sse4.2,+avx,+avx2,+fma,+bmi,+bmi2,+popcnt",
    },
    "AVX": {
        "NUMBA_CPU_NAME": "ivybridge",
        "NUMBA_CPU_FEATURES": "+sse2,+sse4.1,+sse4.2,+avx,+popcnt",
    },
}


def digest(processor, *arguments):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=os.environ | PROCESSORS[processor], check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="cross-compiles for x86 only")
@pytest.mark.parametrize(
    ("processor", "rule", "d_in"),
    [("AVX2", "update", "12"), ("AVX2", "update", "4"), ("AVX", "Adam", "12")],
)
def test_kernels_for_another_processor_give_the_same_bits(processor, rule, d_in):
    assert digest(processor, rule, d_in) == digest("this one", rule, d_in)
