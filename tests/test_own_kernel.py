"""Chapters in this interpreter's kernel, whatever the user has set, and together; their ends."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from drift.chapters import book_folder, execution, notebooks, together
from drift.plots import export, style


def write_book(root, **chapters):
    """A book whose chapters are a parameter ``count`` and one cell; without metadata."""
    (root / "book").mkdir(parents=True)
    files = ", ".join(f"{{file: book/{name}}}" for name in chapters)
    (root / "_toc.yml").write_text(f"root: book/index\nchapters: [{files}]\n")
    for name, code in chapters.items():
        cells = [
            new_markdown_cell(f"# {name}"),
            new_code_cell("count: int = 3  # how many", metadata={"tags": ["parameters"]}),
            new_code_cell(code),
        ]
        nbformat.write(new_notebook(cells=cells), root / "book" / f"{name}.ipynb")
    return root


def printed(path):
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.text for cell in cells for output in cell.get("outputs", []))


WHERE = """
import builtins, os, sys, warnings
import matplotlib
filters = [(chosen[0], chosen[2]) for chosen in warnings.filters]
print(dict(
    python=sys.executable, count=count, folder=os.getcwd(), cache=os.environ["DRIFT_CACHE"],
    usetex=matplotlib.rcParams["text.usetex"], strict=("error", Warning) in filters,
    size=matplotlib.rcParams["font.size"], backend=matplotlib.get_backend(),
    spoilt=hasattr(builtins, "spoilt"),
))
"""


def test_a_user_s_settings_and_kernels_do_not_count(tmp_path, monkeypatch):
    """One execution in all surroundings at once; each would spoil it alone."""
    root = write_book(tmp_path / "a {b} $HOME c", where=WHERE)
    user = tmp_path / "user"
    for folder in ("kernels/python3", "profile_default/startup", "matplotlib"):
        (user / folder).mkdir(parents=True)
    dead = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "", "language": "x"}
    (user / "kernels" / "python3" / "kernel.json").write_text(json.dumps(dead))
    spoil = "import builtins; builtins.spoilt = True"
    (user / "profile_default" / "startup" / "00.py").write_text(spoil)
    (user / "startup.py").write_text(spoil)
    (user / "matplotlib" / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\n")
    for name, value in {
        "JUPYTER_PATH": user, "IPYTHONDIR": user, "PYTHONSTARTUP": user / "startup.py",
        "MPLCONFIGDIR": user / "matplotlib", "MATPLOTLIBRC": user / "matplotlib",
        "MPLBACKEND": "TkAgg", "PYTHONWARNINGS": "error", "DRIFT_CACHE": "mine",
        "JUPYTER_RUNTIME_DIR": "/dev/null/no",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("HOME")
    out = tmp_path / "{count}" / "out.ipynb"
    execution.execute_chapter(notebooks.find_chapter(root, "where"), {"count": 5}, out)
    found = ast.literal_eval(printed(out))
    assert found == {
        "python": sys.executable, "count": 5, "folder": str(root / "book"), "usetex": False,
        "size": 11, "backend": found["backend"], "spoilt": False, "strict": False,
        "cache": str(Path.cwd() / "mine"),
    }  # fmt: skip
    assert "inline" in found["backend"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a {b} $HOME c", "user", "{count}"]


def test_a_chapter_whose_process_is_killed_says_so(tmp_path):
    root = write_book(tmp_path, mortal="import os; os.kill(os.getpid(), 9)")
    chapter = notebooks.find_chapter(root, "mortal")
    with pytest.raises(execution.ChapterFailedError, match="ended from outside, perhaps for want"):
        execution.execute_chapter(chapter, {}, tmp_path / "out.ipynb")
    assert (tmp_path / "out-partial.ipynb").exists() and not (tmp_path / "out.ipynb").exists()


def test_figures_are_the_same_whatever_matplotlib_is_set_to(tmp_path):
    def draw(name):
        style.use_style()
        figure, axes = style.subplots()
        axes.plot(np.arange(5) ** 2, label="squares")
        axes.set(title="a_b $x^2$", xlabel="step")
        axes.legend()
        return [path.read_bytes() for path in export.export_figure(figure, tmp_path / name)]

    with mpl.rc_context():
        plain = draw("plain")
    with mpl.rc_context():
        mpl.rcParams.update({
            "text.usetex": True, "font.size": 30, "savefig.bbox": "tight", "axes.grid": True,
            "savefig.transparent": True, "svg.fonttype": "none", "lines.linewidth": 9,
            "path.simplify": False, "figure.figsize": (1, 1), "axes.facecolor": "red",
        })  # fmt: skip
        spoilt = draw("spoilt")
    assert spoilt == plain


def test_chapters_together_say_what_is_done_and_what_is_left(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv(together.THREADS, raising=False)
    threads = "import os; print(os.environ['OMP_NUM_THREADS'])"
    root = write_book(tmp_path, one=threads, bad="assert False, 'asked to'", last=threads)
    chapters, out = notebooks.list_chapters(root), tmp_path / "out"
    with pytest.raises(execution.ChapterFailedError, match="chapter 'bad' failed in code cell 2"):
        together.execute_chapters(chapters, out, at_once=1)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Executing 3 chapters. Each takes")
    assert said[4].startswith("Chapter 1 of 3: one is done after ")
    assert said[4].endswith("Still to do: bad, last.")
    assert said[5].startswith("Chapter 2 of 3: bad failed after ")
    assert len(said) == 6  # the last is not begun
    assert printed(out / "one.ipynb") == f"{together.available_cores()}\n"

    shutil.copy(root / "book" / "one.ipynb", root / "book" / "bad.ipynb")
    kept = (out / "one.ipynb").stat().st_mtime_ns
    paths = together.execute_chapters(notebooks.list_chapters(root), out, at_once=2)
    assert [path.name for path in paths] == ["one.ipynb", "bad.ipynb", "last.ipynb"]
    assert all(path.exists() for path in paths)
    assert (out / "one.ipynb").stat().st_mtime_ns == kept
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "1 of 3 chapters are as they were executed before."
    assert said[1].startswith("Executing 2 chapters, 2 at a time.")
    assert together.THREADS not in os.environ


@pytest.mark.parametrize(
    ("words", "sign"),
    [(["run", "slow"], signal.SIGHUP), (["book", "build"], signal.SIGTERM)],
    ids=["run", "build"],
)
def test_a_command_that_is_stopped_says_so_and_leaves_no_kernel(tmp_path, words, sign):
    code = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
    root = write_book(tmp_path, slow=code + "time.sleep(600)")
    pid = root / "book" / "pid"
    command = subprocess.Popen(
        [sys.executable, "-c", "from drift.cli import main; main()", *words],
        cwd=root, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while not (pid.exists() and pid.read_text()):
        assert command.poll() is None, command.stderr.read()
        time.sleep(0.1)
    command.send_signal(sign)
    said = command.communicate()[1]
    assert command.returncode == 130
    assert said.endswith("\ndrift: stopped.\n")
    assert "Traceback" not in said, said
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


ENDING = """
import os, signal, sys
from drift import cli
cli.listen_for_the_end()
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("first", flush=True)
os.kill(os.getpid(), signal.SIGHUP)
print("second", flush=True)
os.kill(os.getpid(), signal.SIGINT)
print("third")
"""


def test_a_second_signal_lets_finish_and_a_third_ends_at_once():
    done = subprocess.run(
        [sys.executable, "-c", "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
         + ENDING], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "first\nsecond\n"
    assert done.stderr.count("once more ends it as it is") == 1
    assert done.returncode == 130


def test_signals_that_a_process_is_deaf_to_stay_unheard():
    program = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from drift import cli; cli.listen_for_the_end()\n"
        "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"


def test_a_book_of_another_user_is_refused_unless_it_is_named(tmp_path, monkeypatch, capsys):
    marker = tmp_path / "ran"
    root = write_book(tmp_path / "found", one=f"open({str(marker)!r}, 'w')")
    below = root / "some" / "where"
    below.mkdir(parents=True)
    assert book_folder.find_book(below) == root
    assert capsys.readouterr().err == f"The book in {root}:\n"
    monkeypatch.setattr(book_folder, "_trusted_users", lambda: {os.getuid() + 1})
    with pytest.raises(book_folder.ChapterError, match=f"another user .* DRIFT_BOOK={root}; or go"):
        book_folder.find_book(below)
    monkeypatch.setenv("DRIFT_BOOK", str(root))
    assert book_folder.find_book(tmp_path) == root
    monkeypatch.setenv("DRIFT_BOOK", str(below))
    with pytest.raises(book_folder.ChapterError, match="is no book: it needs"):
        book_folder.find_book(root)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["_toc.yml", "_config.yml", "book/one.ipynb", "book/_static/a.js"])
def test_one_file_of_another_user_is_enough_to_refuse_a_book(tmp_path, monkeypatch, name):
    root = write_book(tmp_path, one="")
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    own = Path.lstat

    class Foreign:
        st_uid = os.getuid() + 1

    monkeypatch.setattr(Path, "lstat", lambda self: Foreign if self == path else own(self))
    with pytest.raises(book_folder.ChapterError, match=f"{path} belongs to another user"):
        book_folder.find_book(root)


@pytest.mark.parametrize("text", ["a: [", "\xff: 1", "&a [*b]"])
def test_a_table_of_contents_that_cannot_be_read_is_named(tmp_path, text):
    root = write_book(tmp_path, one="")
    (root / "_toc.yml").write_bytes(text.encode("latin-1"))
    with pytest.raises(book_folder.ChapterError, match=r"_toc\.yml cannot be read"):
        notebooks.list_chapters(root)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    root = write_book(tmp_path, one="")
    (root / "book" / "one.ipynb").write_text("version https://git-lfs")
    with pytest.raises(book_folder.ChapterError, match=r"one\.ipynb is no notebook"):
        notebooks.list_chapters(root)


@pytest.mark.parametrize(
    ("name", "text", "refused"),
    [
        ("noise", "0,02", "say 0.02 for the one, 0.0,2.0 for the two"),
        ("noise", "-1,5", "say -1.5 for the one, -1.0,5.0 for the two"),
        ("noise", " 2,3 ", "say 2.3 for the one, 2.0,3.0 for the two"),
        ("noise", "0.1,0.2", None),
        ("noise", "1,2,3", None),
        ("noise", "1e-3,1", None),
        ("noise", "0.5", None),
        ("hidden", "100,200", None),
        ("word", "0,02", None),
    ],
)
def test_a_decimal_comma_is_asked_about(name, text, refused):
    parameters = [("noise", "float"), ("hidden", "int"), ("word", "str")]
    chapter = notebooks.Chapter(
        "one", "One", Path("one.ipynb"),
        tuple(notebooks.Parameter(name, kind, 1, "", "what") for name, kind in parameters), {},
    )  # fmt: skip
    if refused is None:
        chapter.refuse_decimal_commas([(name, text)])
        return
    with pytest.raises(book_folder.ChapterError, match=refused):
        chapter.refuse_decimal_commas([(name, text)])


def test_folders_of_runs_have_names_that_every_system_allows(tmp_path):
    chapter = notebooks.find_chapter(write_book(tmp_path, one=""), "one")
    for text in ("../../up", "a/b", "..", "a\0b", "{x}|y", ",".join(map(str, range(300)))):
        folder = execution.run_folder(tmp_path / "runs", chapter, {"count": text})
        assert folder.parent == tmp_path / "runs"
        folder.mkdir(parents=True)
    assert len(list((tmp_path / "runs").iterdir())) == 6
