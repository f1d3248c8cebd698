"""The kernel that executes chapters: this interpreter's, whatever Jupyter and the user have set.

A kernelspec called ``python3`` may lead to another Python or to none; startup files of IPython, a
``matplotlibrc`` and variables of the environment may change what a chapter computes or shows. None
of them count.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets import Dict, Unicode, default
from traitlets.config import Config

from drift.support.errors import FailedError
from drift.support.locations import PACKAGE, cache_directory

LONGEST_SOCKET = 80
"""Characters of a folder with sockets; systems allow about a hundred for a socket's whole path."""

LONGEST_START = 600
"""Seconds that a kernel may take to begin, on a machine that has much else to do."""


class ChapterFailedError(FailedError, RuntimeError):
    """A chapter stopped with an error; its partial notebook is kept."""


@dataclass(frozen=True)
class Order:
    """A notebook to execute."""

    name: str
    """What it is called in messages."""
    notebook: Path
    partial: Path
    """Where it is written as far as it has been executed"""
    values: dict[str, Any]
    """Parameters that are not as in the notebook"""
    variables: dict[str, str]
    """Of the kernel's environment, besides those that keep the user's settings away"""


def execute_notebook(order: Order, report: Callable[[int], object] | None = None) -> None:
    """Execute a notebook in the folder where it lies, in a kernel of this interpreter.

    Parameters
    ----------
    order : Order
        What to execute.
    report : callable, optional
        Called with 1 after each code cell. Without it there is a bar on standard error.

    Raises
    ------
    ChapterFailedError
        If a cell fails: names the cell, the error and the partial notebook.
    """
    hooks = {"on_cell_executed": lambda **_: report(1)} if report else {}
    bar = {"desc": order.name, "leave": True} if sys.stderr and not report else False
    try:
        with _own_kernel(order.variables) as kernel, _quiet_tools():
            papermill.execute_notebook(
                _literally(order.notebook),
                _literally(order.partial),
                parameters=order.values,
                kernel_name="python3",
                language="python",
                progress_bar=bar,
                start_timeout=LONGEST_START,
                resources={"metadata": {"path": str(order.notebook.parent)}},
                **hooks,
                **kernel,
            )
    except PapermillExecutionError as error:
        raise ChapterFailedError(
            f"chapter {order.name!r} failed in code cell {error.exec_count} with "
            f"{error.ename}: {error.evalue}\nEverything up to there is in {order.partial}"
        ) from error
    except DeadKernelError as error:
        raise ChapterFailedError(
            f"chapter {order.name!r} was ended from outside, perhaps for want of memory: its "
            f"Python process is gone.\nEverything up to there is in {order.partial}"
        ) from error
    except (RuntimeError, TimeoutError) as error:  # so does Jupyter call these
        raise ChapterFailedError(
            f"chapter {order.name!r} was not executed, since its Python process did not start: "
            f"{error}"
        ) from error


def execute_and_tell(order: Order, telling: Connection) -> None:
    """What a process of its own does: execute a notebook, tell of cells done and of an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the first process decides
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    try:
        execute_notebook(order, telling.send)
    except FailedError as problem:
        telling.send(problem)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(1)


def _end_with_the_first() -> None:
    """Leave nothing running when the first process is killed; a kernel ends with its own."""
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        os._exit(1)


@contextmanager
def _quiet_tools() -> Iterator[None]:
    """Keep what papermill, Jupyter and their tools say of themselves from the terminal."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("blib2to3").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Jupyter's messages carry times without a zone; nothing here reads them.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield


def _literally(path: Path) -> str:
    """``path`` for papermill, which puts parameters in the place of names in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


class OwnKernelSpecs(KernelSpecManager):
    """Knows one kernel, by any name."""

    environment = Dict(key_trait=Unicode(), value_trait=Unicode())

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of the present interpreter, with :attr:`environment` besides its own."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            # Jupyter puts variables in the place of $NAME.
            env={name: value.replace("$", "$$") for name, value in self.environment.items()},
        )


class OwnKernelManager(AsyncKernelManager):
    """Starts the present interpreter's kernel."""

    environment = Dict(key_trait=Unicode(), value_trait=Unicode()).tag(config=True)

    @default("kernel_spec_manager")
    def _own_kernel_specs(self) -> KernelSpecManager:
        return OwnKernelSpecs(environment=self.environment)


@contextmanager
def _own_kernel(variables: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Settings of nbclient that have a notebook executed by a kernel of this interpreter.

    Its settings and its connection are in a folder that is there as long as the context.
    """
    with tempfile.TemporaryDirectory(prefix="drift-", ignore_cleanup_errors=True) as folder:
        own = Path(folder)
        environment = {
            "IPYTHONDIR": str(own / "ipython"),
            "JUPYTER_CONFIG_DIR": str(own / "jupyter"),
            "JUPYTER_DATA_DIR": str(own / "jupyter"),
            "MATPLOTLIBRC": str(PACKAGE / "plots" / "book.mplstyle"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONSTARTUP": "",
            "PYTHONWARNINGS": "",  # Jupyter's own would end the kernel
        }
        if os.environ.get("DRIFT_CACHE"):
            environment["DRIFT_CACHE"] = str(cache_directory())  # seen from another folder
        manager = {
            "environment": environment | variables,
            # Sockets of this user's own; over TCP the kernel warns that anyone may listen.
            "transport": "ipc" if len(folder) < LONGEST_SOCKET else "tcp",
            "connection_file": str(own / "kernel.json"),
        }
        yield {
            "kernel_manager_class": OwnKernelManager,
            "config": Config({"OwnKernelManager": manager}),
            # No word of its own when it is stopped; the errors of cells are in the notebook.
            "extra_arguments": ["--IPKernelApp.log_level=50"],
        }
