"""How long the command ``drift`` takes to answer, beside an interpreter that does nothing.

``python benchmarks/commands.py`` prints a line a command: the median of several calls, and its
ratio to ``python -c pass`` in the same run.
"""

import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "drift --help": ["--help"],
    "drift chapters": ["chapters"],
    "drift study status": ["study", "status", "."],
    "drift data list": ["data", "list"],
}
REPEATS = 7


def seconds(command: list[str], folder: str | None = None) -> float:
    """Median wall time of a command."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    nothing = seconds([sys.executable, "-c", "pass"])
    print(f"python -c pass: {nothing * 1000:.0f} ms")
    with tempfile.TemporaryDirectory() as empty:
        for name, words in COMMANDS.items():
            folder = empty if "status" in words else None
            taken = seconds([sys.executable, "-m", "drift", *words], folder)
            print(f"{name}: {taken * 1000:.0f} ms, {taken / nothing:.0f} times")


if __name__ == "__main__":
    main()
