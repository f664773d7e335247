# Thin names for `uv run ...`. Needs git, make and Python 3.11+; brings uv into the project's own environment if the
# machine has none.
PYTHON ?= python3
SYSTEM_UV := $(shell command -v uv 2>/dev/null)
UV := $(or $(SYSTEM_UV),.venv/bin/uv)
export UV_COMPILE_BYTECODE = 1
export UV_PYTHON_DOWNLOADS = never
# Trust what the machine trusts, so that a network with a certificate of its own works too.
export UV_SYSTEM_CERTS = 1
export UV_NATIVE_TLS = 1
export DAGSTER_HOME ?= $(CURDIR)/dagster_home
export DAGSTER_DISABLE_TELEMETRY = 1

.PHONY: run test ui check setup
run: setup ## capture what is due, build, check, write this week's report
	$(UV) run --no-sync modelmarket run

test: setup ## the tests
	$(UV) run --no-sync pytest

ui: setup ## the Dagster UI on http://127.0.0.1:3000
	$(UV) run --no-sync dg dev

check: setup ## lint, types, definitions, data dictionary
	$(UV) run --no-sync ruff check .
	$(UV) run --no-sync ruff format --check .
	$(UV) run --no-sync mypy
	$(UV) run --no-sync dg check defs
	$(UV) run --no-sync modelmarket dictionary

setup: .venv/.synced
.venv/.synced: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit("modelmarket needs Python 3.11 or newer, this is %d.%d; set PYTHON=/path/to/python3" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
ifeq ($(SYSTEM_UV),)
	@test -x .venv/bin/uv || { $(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet 'uv>=0.13'; }
endif
	$(UV) sync --frozen --python $(PYTHON)
	@touch $@
