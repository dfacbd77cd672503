# Two commands on a fresh machine: `make run` and `make test`. Needs Python 3.11, git, make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
STAMP := $(VENV)/.installed-dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e
WORKERS ?= 2

.PHONY: run sessions test check oracles nightly bench constraints clean

run: $(RUN_STAMP)
	$(BIN)/telemedsim run experiments/guizhou_day.yaml --duration '2 min'

sessions: $(RUN_STAMP) ## half an hour of the reference topology, for whole sessions
	$(BIN)/telemedsim run experiments/reference_half_hour.yaml

test: $(STAMP) check
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m "not nightly" --cov --cov-report=term

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

nightly: $(STAMP)
	$(BIN)/pytest -q -n $(WORKERS) -m nightly

oracles: $(STAMP)
	$(BIN)/pytest -q -s -m oracle --no-header tests

bench: $(STAMP)
	$(BIN)/python -m tests.bench.packet_hops

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) .
	touch $@

$(STAMP): $(RUN_STAMP)
	$(INSTALL) '.[dev,places]'
	touch $@

constraints: ## pins what is installed now; no index address in it
	$(BIN)/pip freeze --exclude-editable --exclude telemedsim | grep -v ' @ ' > constraints.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
