# make book: build the book and print the page to open.   make test: run every check.
# make test-long: the tests that take minutes.
# make site: the book in a folder to put on a server, its links and size checked.
# Both make the environment first if it is missing or its requirements have changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# Processes side by side have a core each.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

.PHONY: book site test test-long lint benchmarks environment clean

book: $(READY)
	@$(BIN)/python -m drift book build

site: $(READY)
	@$(BIN)/python -m drift book site

# Chapters take longest, and so are begun first.
test: $(READY) lint
	@$(PYTEST) --dist loadfile --no-loadscope-reorder --nbval --nbval-current-env book tests

test-long: $(READY)
	@$(PYTEST) -m long tests

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

benchmarks: $(READY)
	@$(BIN)/python benchmarks/speed.py
	@$(BIN)/python benchmarks/spectra.py
	@$(BIN)/python benchmarks/commands.py

environment: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo "Installing the packages that the book needs into $(VENV). This is done once and takes a few minutes."
	@PYTHONWARNINGS= $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --config-settings editable_mode=compat --editable '.[book,test,dev]'
	@touch $(READY)

clean:
	rm -rf _build $(VENV)
