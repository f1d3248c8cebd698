"""Put random faults into modules, one at a time, and say which share of them the tests notice.

``python tests/sample_mutants.py analysis claims --count 100`` draws places evenly among those where
cosmic-ray (``pip install drift-book[mutants]``) knows a fault: another operator, comparison or
number, a condition turned round, a loop that does not run. Each fault is tried with the tests that
import the module or one that imports it, and then with the chapters that do, in a copy of the
repository, some at a time. The script leaves the repository as it is.
"""

import argparse
import concurrent.futures
import functools
import random
import re
import subprocess
import tempfile
from pathlib import Path

import grimp
import nbformat
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from kill_mutants import ROOT, copy_repository, run_in
from tqdm import tqdm

FAULTS = (
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div", "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_Pow_Mul", "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_Lt_Gt",
    "ReplaceComparisonOperator_Gt_Lt", "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq", "ReplaceUnaryOperator_Delete_USub",
    "ReplaceUnaryOperator_Delete_Not", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceBreakWithContinue",
    "AddNot", "NumberReplacer", "ZeroIterationForLoop",
)  # fmt: skip

LONGEST = 300
"""Seconds a file; a fault that makes the tests take longer is noticed."""


def operator(fault):
    return get_operator(f"core/{fault}")()


def places(path):
    """Each fault that the module can have: its name, and which of the places of that kind."""
    nodes = list(ast_nodes(get_ast_from_path(path)))
    for fault in FAULTS:
        count = sum(len(list(operator(fault).mutation_positions(node))) for node in nodes)
        yield from ((path, fault, occurrence) for occurrence in range(count))


@functools.cache
def package():
    """Which module imports which."""
    return grimp.build_graph("drift")


def importing(path):
    """What finds, in a text, an import of the module or of one that imports it."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    known = {module, *package().find_modules_that_directly_import(module)}
    imports = []
    for folder, _, name in (one.rpartition(".") for one in known):
        imports += [rf"from {folder}\.{name} import", rf"from {folder} import[^\n]*\b{name}\b"]
        imports.append(rf"from {folder} import \([^)]*\b{name}\b")
    return re.compile("|".join(imports))


@functools.cache
def tests_of(path):
    """The test files that import the module, or one that does; and the chapters, to be run last.

    Tests that need a browser are left out.
    """
    found = importing(path)
    texts = {test: test.read_text() for test in sorted((ROOT / "tests").glob("test_*.py"))}
    tests = [f"tests/{test.name}" for test, text in texts.items() if found.search(text)]
    tests = [test for test in tests if "browser" not in texts[ROOT / test]]
    chapters = [
        f"book/{notebook.name}"
        for notebook in sorted((ROOT / "book").glob("*.ipynb"))
        if any(found.search(cell.source) for cell in nbformat.read(notebook, 4).cells)
    ]
    return tests, chapters


def outcome(copies, path, fault, occurrence):
    """``noticed``, ``lives`` or ``no tests``, and what the fault is."""
    copy = copies.pop()
    target = copy / path.relative_to(ROOT)
    code = target.read_text()
    try:
        tests, chapters = tests_of(path)
        if not tests and not chapters:
            return "no tests", ""
        mutated = mutate_code(code, operator(fault), occurrence)
        target.write_text(mutated)
        lines = zip(code.splitlines(), mutated.splitlines(), strict=False)
        changed = next((f"{a.strip()}  ->  {b.strip()}" for a, b in lines if a != b), "")
        for checks in (tests, ["--nbval", "--nbval-current-env", *chapters] if chapters else []):
            try:
                if checks and run_in(copy, checks, LONGEST * len(checks)).returncode:
                    return "noticed", changed
            except subprocess.TimeoutExpired:
                return "noticed", changed
        return "lives", changed
    finally:
        target.write_text(code)
        copies.append(copy)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", help="of drift/")
    parser.add_argument("--count", type=int, default=100, help="faults to try in each folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / str(number) for number in range(asked.at_once)]
        for copy in copies:
            copy_repository(copy)
        for name in asked.folders:
            paths = sorted((ROOT / "drift" / name).glob("[!_]*.py"))
            every = [place for path in paths for place in places(path)]
            drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
            with concurrent.futures.ThreadPoolExecutor(asked.at_once) as pool:
                tried = [pool.submit(outcome, copies, *place) for place in drawn]
                for _ in tqdm(
                    concurrent.futures.as_completed(tried), total=len(tried), unit="fault"
                ):
                    pass
            found = [one.result() for one in tried]
            for (path, fault, _), (what, changed) in zip(drawn, found, strict=True):
                if what != "noticed":
                    print(f"{what}: {path.relative_to(ROOT)}: {fault}: {changed}")
            noticed = sum(what == "noticed" for what, _ in found)
            print(f"{name}: {noticed} of {len(drawn)} faults are noticed, of {len(every)} possible")


if __name__ == "__main__":
    main()
