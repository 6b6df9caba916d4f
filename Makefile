# What people, CI and hooks all run.
#   make demo            the main job, end to end, then the site at http://127.0.0.1:8000
#   make demo ONCE=1     the same, serves nothing, exits 0 only when everything verified
#   make test            all tests          make check   format, lint, types, import contracts
#   make bench           speed, as ratios against named baselines of the same run; weights of the pages

PYTHON ?= python3
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup assets demo test check bench format clean
.DELETE_ON_ERROR:

setup: .venv/.ready site/dist/.ready

.venv/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "passerby: $(PYTHON) is missing. Install it: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "passerby: Python 3.11 or newer is needed. Name one with make PYTHON=python3.11 …" >&2; exit 1; }
	@echo "passerby: virtual environment and dependencies (about 300 MB once) …"
	@$(PYTHON) -m venv .venv || { echo "passerby: no virtual environment. Install it: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --require-hashes --no-deps -r requirements.lock | \
		awk -v all="$$(grep -c == requirements.lock)" '/^Collecting/ { printf "\r  %d of %d packages", ++n, all; fflush() } \
		/^Installing/ { printf "\n  installing …\n" }'
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

site/dist/.ready: site/package-lock.json $(shell find site/src site/public site/index.html site/*.ts -type f 2>/dev/null)
	@command -v npm >/dev/null || { echo "passerby: npm is missing. Install Node 20 or newer: apt-get install nodejs npm" >&2; exit 1; }
	@echo "passerby: building the site …"
	@cd site && npm ci --silent --no-audit --no-fund && npm run --silent build
	@touch $@

assets: .venv/.ready
	@$(BIN)/passerby models get embedded pets09-s2l1

demo: setup assets
	@$(BIN)/passerby demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: setup
	@$(BIN)/pytest -n 2 --dist worksteal
	@cd site && npm test --silent

check: setup
	@$(BIN)/ruff format --check src tests
	@$(BIN)/ruff check src tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@cd site && npm run --silent check

format: .venv/.ready
	@$(BIN)/ruff format src tests
	@$(BIN)/ruff check --fix src tests

bench: setup assets
	@$(BIN)/passerby bench all
	@cd site && npm run --silent weigh && npm run --silent verifier

clean:
	rm -rf .venv .venv-peers .venv-peers-edge site/node_modules site/dist demo/.state
