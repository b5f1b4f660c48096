# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test quick coverage lint types format services stop-services bench bench-large clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.ready: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

demo: $(VENV)/.run ## Run the main job on generated customers; says where the report is
	$(BIN)/segmentry demo --out segmentry-demo

test: lint types ## Linter, type checker, all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

quick: $(VENV)/.ready ## The tests between two thoughts: no services, no browser, nothing slow
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not service and not browser and not slow"

coverage: $(VENV)/.ready ## All tests, with the branches of src that they take
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-branch --cov-report=term:skip-covered

lint: $(VENV)/.ready ## Linter and formatter, checking
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.ready ## Type checker
	$(BIN)/mypy

format: $(VENV)/.ready ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

services: ## Start the PostgreSQL server that tests talk to, and look for Spark's Java
	$(PYTHON) tests/services.py

stop-services: ## Stop that server and remove its files
	$(PYTHON) tests/services.py stop

bench: $(VENV)/.ready ## Measure everything beside the peers; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

bench-large: $(VENV)/.ready ## Measure 100 million rows (2.5 GB of data), and Spark on this machine; into the same page
	$(BIN)/python benchmarks/run.py --only large --only spark

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) segmentry-demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
