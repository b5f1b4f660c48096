# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
OLDEST_PYTHON ?= python3.11
QUICK := not service and not browser and not slow
# The command is started hundreds of times: its modules are compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo docs test test-oldest quick soak coverage bill lint types format services stop-services bench bench-large clean

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

$(VENV)/.bench: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@

demo: $(VENV)/.run ## Run the main job on generated customers; says where the report is
	$(BIN)/segmentry demo --out segmentry-demo

docs: $(VENV)/.ready ## Build the documentation site into build/docs
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/docs

test: lint types ## Linter, type checker, all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

$(OLDEST)/.ready: pyproject.toml tests/packaging/oldest.py
	$(OLDEST_PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(OLDEST)/bin/python tests/packaging/oldest.py > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python -m pip install --quiet --editable '.[postgresql,spark,excel,survey,scikit-learn]' --group dev --constraint $(OLDEST)/constraints.txt
	@touch $@

test-oldest: $(OLDEST)/.ready ## The quick tests, and those of SQL and of the commands, with the oldest libraries that are allowed
	$(OLDEST)/bin/python -m pytest -n auto --dist loadgroup -m "$(QUICK)"
	$(OLDEST)/bin/python -m pytest -n auto --dist loadgroup -m "not service and not browser and slow" tests/sql tests/scoring tests/cli

quick: $(VENV)/.ready ## The tests between two thoughts: no services, no browser, nothing slow
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "$(QUICK)"

CHANGED := tests/segmentation/test_model_files.py tests/patterns/test_foreign_files.py tests/recipe/test_changed_recipes.py tests/sql/test_changed_expressions.py tests/engine/test_changed_files.py tests/engine/test_changed_urls.py tests/workbench/test_changed_moves.py

soak: $(VENV)/.ready ## Thousands of changed models, pattern tables, recipes, SQL, files, URLs and moves, odd calls, kills, seeds, nights in Spark and moves of the studio, others than the tests draw; takes hours
	SEGMENTRY_MUTATIONS=$${SEGMENTRY_MUTATIONS:-5000} SEGMENTRY_FIRST_SEED=$${SEGMENTRY_FIRST_SEED:-1000} SEGMENTRY_KILLS=$${SEGMENTRY_KILLS:-500} SEGMENTRY_PAIRS=$${SEGMENTRY_PAIRS:-50} SEGMENTRY_ODD_CALLS=1 SEGMENTRY_SEEDS=$${SEGMENTRY_SEEDS:-50} SEGMENTRY_SPARK_NIGHTS=$${SEGMENTRY_SPARK_NIGHTS:-30} $(BIN)/python -m pytest -n auto --dist loadgroup $(CHANGED) tests/cli/test_odd_calls.py tests/system/test_random_kills.py tests/reference/test_proved_optima.py tests/scoring/test_rebuilt_histories.py
	$(BIN)/python benchmarks/studio_moves.py --moves $${SEGMENTRY_STUDIO_MOVES:-1000} --rows 20000

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

services: ## Start the PostgreSQL and MariaDB servers that tests talk to, and look for Spark's Java
	$(PYTHON) tests/services.py

stop-services: ## Stop these servers and remove their files
	$(PYTHON) tests/services.py stop

bench: $(VENV)/.bench ## Measure everything beside the peers; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

bench-large: $(VENV)/.ready ## Measure 100 million rows (2.5 GB of data), and Spark on this machine; into the same page
	$(BIN)/python benchmarks/run.py --only large --only spark

bill: $(VENV)/.ready ## Print the libraries of this environment, with licences, as a bill of materials
	@$(BIN)/python tests/packaging/bill.py

clean: ## Remove the environments and everything generated
	rm -rf $(VENV) $(OLDEST) .venv-dbt segmentry-demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
