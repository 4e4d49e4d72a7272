# Everything sets itself up in .venv; Python 3.11 or newer, git and make are all that must be there.
#
#   make demo       play a small and a large scenario, and say where the report is
#   make test       style, types, layers, and the fast tests (at most 5 minutes on 2 cores)
#   make test-all   the above and the long tests (at most 45 minutes on 2 cores)
#   make docs       write the generated tables of docs/ again
#   make bench      how fast this machine plays
#   make clean      remove .venv, caches and built files (not the reports)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo lint types layers test test-fast test-long test-all docs bench clean

PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$each" && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

# Tests start dozens of processes; without compiled files each of them would compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n 's/^#   //p' Makefile

setup: $(STAMP)

# Made again only when pyproject.toml has changed. uv is used when it is there, for speed; pip does as well.
$(STAMP): pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "doubletick needs Python 3.11 or newer (set PYTHON=...)" >&2; exit 2; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@if command -v uv >/dev/null; then \
		[ -x $(BIN)/python ] || uv venv --quiet --seed --python "$(PYTHON)" $(VENV); \
		uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else \
		[ -x $(BIN)/pip ] || "$(PYTHON)" -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	@touch $@

demo: $(STAMP)
	@$(BIN)/doubletick run two_phones commute --seed 1
	@echo
	@echo "  report:   reports/runs/commute/latest/report.html (open it in a browser)"
	@echo "  a bug:    $(BIN)/doubletick run mutants_lossy --seed 2 --mutant 22   (a planted bug, caught)"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports --no-cache

test-fast: $(STAMP)
	$(BIN)/pytest

test-long: $(STAMP)
	$(BIN)/pytest -m long --dist loadgroup
	$(BIN)/pytest -m hypothesis --hypothesis-profile thorough

# One after the other, cheapest first, whatever -j says.
test: $(STAMP)
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory layers
	@$(MAKE) --no-print-directory test-fast

test-all: $(STAMP)
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-long

docs: $(STAMP)
	DOUBLETICK_REWRITE=1 $(BIN)/pytest -n 0 -k generated tests/test_docs.py

bench: $(STAMP)
	@for each in product event_loop waiting; do echo "== $$each"; $(BIN)/python -m "benchmarks.$$each"; done

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
