# `make run` and `make test` need nothing but make and Python 3.11 to 3.13: each creates the
# environment in .venv and installs what it needs. The rest is for people who change kam.
#
#   make test PYTHON=python3.13 VENV=.venv-3.13     another Python, in another environment
#   make test ARGS='tests/language -k formula'      some of the tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

VENV ?= .venv
DEMO ?= demo
ARGS ?=

# python3 where it is recent enough, else whichever of these is; asked only when there is no
# environment yet.
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	if "$$python" -c '$(SUITABLE)' 2>/dev/null; then echo "$$python"; break; fi; done)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
		| awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: $(VENV)/.installed $(VENV)/.events ## write the demo workspace, run a night on it, show its summary
	@if test -e $(DEMO)/kam.yaml; then $(BIN)/kam run $(DEMO); else $(BIN)/kam demo $(DEMO); fi
	@echo "kam itself is $(BIN)/kam; '. $(BIN)/activate' lets you write just kam"

test: $(VENV)/.installed-dev $(VENV)/.events ## run the tests
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

test-slow: $(VENV)/.installed-dev $(VENV)/.events ## run the long tests: a simulated year, hundreds of random policies
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow $(ARGS)

lint: $(VENV)/.installed-dev ## ruff (rules, import direction, format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --select I .

bench: $(VENV)/.installed-dev $(VENV)/.events $(VENV)/.installed-bench ## measure nights, and kam beside other engines
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.installed-dev ## write the generated parts of docs/
	$(BIN)/python -m docs.generate

wheel-test: $(VENV)/.installed-dev ## build sdist and wheel, install the wheel elsewhere and run it
	PYTHON=$(abspath $(BIN))/python .ci/installed-wheel

events: ## install durable-rules, for single events during the day
	@rm -f $(VENV)/.events
	@$(MAKE) $(VENV)/.events

clean: ## remove the environment, the demo and everything that was built
	rm -rf $(VENV) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp per set of dependencies: a second call is instant, a changed pyproject.toml installs.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'kam needs Python 3.11, 3.12 or 3.13; name one with' \
		'PYTHON=/path/to/python' >&2; exit 1; }
	@"$(PYTHON)" -c '$(SUITABLE)' || { echo "kam needs Python 3.11, 3.12 or 3.13;" \
		"$(PYTHON) is not" >&2; exit 1; }
	@echo "Creating $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --clear $(VENV) || { echo 'Python cannot create environments here:' \
		'install its venv module (Debian and Ubuntu: python3-venv)' >&2; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing kam and what it needs"
	@$(PIP) install -qq --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing kam, what it needs, and the tools of its tests"
	@$(PIP) install -qq --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml | $(BIN)/python
	@echo "Installing the engines that kam is measured against"
	@$(PIP) install -qq --editable '.[bench]'
	@touch $@

# durable-rules is C and comes as source. Without it kam still decides every night, so a
# failure is told once, by name, and is not an error; `make events` tries again. The flag is
# for Python 3.13, which has no PyEval_CallObject any more; the older ones do not mind it.
$(VENV)/.events: pyproject.toml | $(BIN)/python
	@if CPPFLAGS="$$CPPFLAGS -DPyEval_CallObject=PyObject_CallObject" \
		$(PIP) install -qq --editable '.[events]' >$(VENV)/events.log 2>&1; then :; \
	else \
		if ! command -v $${CC:-cc} >/dev/null && ! command -v $${CC:-gcc} >/dev/null \
			&& ! command -v $${CC:-clang} >/dev/null; then \
			missing='a C compiler (gcc or clang) is missing'; \
		elif grep -q 'Python\.h' $(VENV)/events.log; then \
			missing='the C headers of Python are missing (Debian and Ubuntu: python3-dev)'; \
		else missing='$(VENV)/events.log says why'; fi; \
		echo "durable-rules, which answers single events during the day, cannot be built:" \
			"$$missing. Everything else works. Once it is there: make events" >&2; \
	fi
	@touch $@

.PHONY: help run test lint format bench docs wheel-test events clean
