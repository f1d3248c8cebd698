"""The fast engine of the live network: C beside the page, compiled to WebAssembly.

The page ships the compiled module, so that nobody who builds the book needs a compiler. Whoever
changes the source compiles it again with ``drift book live --compile``. The same version of the
compiler gives the same bytes on every machine.
"""

from __future__ import annotations

import base64
import importlib.metadata
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from drift.site.live import HIDDEN, live_task
from drift.support.errors import FailedError
from drift.support.storage import write_text

COMPILER, COMPILER_VERSION = "ziglang", "0.17.1"
"""Clang as PyPI has it, and the version that compiled what is committed."""

MODULE = "engine.js"
"""The file of the page that holds the compiled engine."""

SOURCE = Path("engine", "network.c")

VARIANTS = {"relaxed": "-mrelaxed-simd", "plain": "-mno-relaxed-simd"}
"""With multiplication and addition in one rounding, as in drift, and for browsers without it."""

_OPTIONS = (
    "--target=wasm32-freestanding", "-O3", "-msimd128", "-mbulk-memory", "-ffp-contract=off",
    "-fno-math-errno", "-fno-sanitize=all", "-fvisibility=hidden", "-nostdlib", "-Wall", "-Wextra",
    "-Werror", "-Wl,--no-entry", "-Wl,--export-dynamic", "-Wl,--strip-all",
    "-Wl,-z,stack-size=16384",
)  # fmt: skip


class CompilerError(FailedError, RuntimeError):
    """The engine cannot be compiled here; the message says what is missing or what was wrong."""


def installed_compiler() -> str | None:
    """Version of the compiler that is installed, or None."""
    try:
        return importlib.metadata.version(COMPILER)
    except importlib.metadata.PackageNotFoundError:
        return None


def compile_engine(folder: Path) -> dict[str, bytes]:
    """Compile the engine whose source is in ``folder``, the page's own folder.

    Returns
    -------
    dict of str to bytes
        The WebAssembly module of each of :data:`VARIANTS`.

    Raises
    ------
    CompilerError
        If the compiler is missing or of another version, or refuses the source.
    """
    found = installed_compiler()
    if found != COMPILER_VERSION:
        raise CompilerError(
            f"{COMPILER} {COMPILER_VERSION} is needed to compile the live network, and "
            f"{'it is not installed' if found is None else f'version {found} is installed'}: "
            f"run `python -m pip install {COMPILER}=={COMPILER_VERSION}`."
        )
    task = live_task()
    shape = {"SAMPLES": task.samples, "INPUTS": task.d_in, "OUTPUTS": task.d_out, "HIDDEN": HIDDEN}
    definitions = [f"-D{name}={value}" for name, value in shape.items()]
    modules = {}
    with tempfile.TemporaryDirectory() as scratch:
        for variant, option in VARIANTS.items():
            module = Path(scratch, f"{variant}.wasm")
            command = [sys.executable, "-m", COMPILER, "cc", *_OPTIONS, option, *definitions]
            done = subprocess.run(
                [*command, str(folder / SOURCE), "-o", str(module)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                raise CompilerError(f"{COMPILER} refused {SOURCE}:\n{done.stderr}")
            modules[variant] = module.read_bytes()
    return modules


def write_engine(folder: Path, modules: Mapping[str, bytes]) -> Path:
    """Write the compiled ``modules`` into :data:`MODULE` of ``folder``; returns its path."""
    comment = "// Written by `drift book live --compile` from engine/network.c: do not edit."
    entries = [
        f'  "{variant}": "{base64.b64encode(module).decode()}"'
        for variant, module in modules.items()
    ]
    script = folder / MODULE
    data = "{\n" + ",\n".join(entries) + "\n}"
    write_text(f'{comment}\n"use strict";\n\nconst liveEngine = {data};\n', script)
    return script


def read_engine(folder: Path) -> dict[str, bytes]:
    """The compiled modules that :data:`MODULE` in ``folder`` holds."""
    lines = (folder / MODULE).read_text().splitlines()
    pairs = (line.strip().rstrip(",").split(": ") for line in lines if line.startswith('  "'))
    return {variant.strip('"'): base64.b64decode(text.strip('"')) for variant, text in pairs}
