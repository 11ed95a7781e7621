# Needs Python 3.11 or newer, make and a package index. Everything is built in .venv and .alliance of this directory.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
ROOMS := platform tenants anonymize graphql web migrations
NAMESPACE := build/ns/alliance
CODE := $(ROOMS) tests setup.py
TYPED := $(ROOMS:%=-p alliance.%)
# An interpreter that fits, under any of its usual names, first those that every wheel exists for; or set PYTHON.
PYTHON ?= $(shell for name in python3.12 python3.11 python3.13 python3 python python3.14; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)

.PHONY: help run test check audit bench format clean
.DEFAULT_GOAL := help

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Start everything and print the address; Ctrl-C stops it
	@exec $(BIN)/alliance up

test: check ## Check the code and run all tests on real servers
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

check: $(VENV)/.tested $(NAMESPACE) ## Check style, types and floors
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(TYPED)
	PYTHONPATH=build/ns $(BIN)/lint-imports

audit: $(VENV)/.tested $(NAMESPACE) ## Run the tests that take minutes
	$(BIN)/pytest -m slow

bench: $(VENV)/.tested ## Measure speed against its limits
	PYTHONPATH=tests $(BIN)/python tests/bench

format: $(VENV)/.tested ## Put the code into its form
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean: ## Remove what was built; data in .alliance are kept
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer was not found. Install it, or set PYTHON to its path." >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml setup.py | $(VENV)/bin/python
	@echo 'Installing; the first time this takes a minute or two'
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tested: pyproject.toml setup.py | $(VENV)/bin/python
	@echo 'Installing; the first time this takes a minute or two'
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable ".[test]"
	@touch $(VENV)/.installed $@

# The type checker and the import linter see the rooms as the package `alliance` through this link.
$(NAMESPACE):
	@mkdir -p build/ns
	@ln -sfn ../.. $@
