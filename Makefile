# The one front door. Every target sets up what it needs in .venv first.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
ENV ?= default
# One process more than two cores have: much of a scenario is waiting.
PYTEST_ARGS ?= -n 3 --dist loadfile
ASL_VALIDATOR := asl-validator@4.0.0

UV ?= $(shell command -v uv 2>/dev/null)
NPX := $(shell command -v npx 2>/dev/null)
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(shell $(python) -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $(python))))

# Each process of a test run would compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0
export LAYER_PYTHON ?= $(abspath $(BIN)/python)

say = printf '\033[1m%s\033[0m\n' "$(1)"

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-unit test-quick test-thorough check lint types template machine security up down build deploy tables lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything in it (uv if there is one, else pip)

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "Slipway needs Python 3.11 or newer and found none. Install one, or say which: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(call say,Setting up $(VENV))
ifneq ($(UV),)
	@"$(UV)" sync --quiet --frozen --compile-bytecode --extra check --python "$(PYTHON)"
else
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[check]'
endif
	@touch $@

demo: setup ## Release good and bad models on this machine and watch what happens
	@$(BIN)/python -m examples.demo

test: setup ## Run every test
	@$(BIN)/pytest $(PYTEST_ARGS)

test-unit: setup ## Run the tests of single modules, some ten seconds
	@$(BIN)/pytest -n 2 tests/unit

test-quick: setup ## Run the tests that need no cloud
	@$(BIN)/pytest $(PYTEST_ARGS) tests/unit tests/steps tests/architecture

test-thorough: setup ## Hold every property to fifty times as many examples
	@$(BIN)/pytest $(PYTEST_ARGS) --hypothesis-profile thorough --timeout 1800 tests/unit tests/steps/test_voyages.py tests/drydock/test_drydock_engine_properties.py

check: lint types template machine security ## Check style, types, template, state machine and security

lint: setup
	@$(call say,Style)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: setup
	@$(call say,Types)
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/mypy --no-error-summary functions

template: setup
	@$(call say,Template)
	@$(BIN)/sam validate --lint

machine: setup
	@$(call say,State machine)
ifneq ($(NPX),)
	@NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_LOGLEVEL=error $(NPX) --yes $(ASL_VALIDATOR) --json-path statemachine/release.asl.json
else
	@echo "Not linted: Node is missing, and with it npx, which runs asl-validator. Everything else is checked."
endif

security: setup
	@$(call say,Security of the template)
	@$(BIN)/pytest tests/template

up: setup ## Start the local cloud with Slipway in it
	@$(BIN)/slipway up --detach

down: setup ## Stop the local cloud and leave nothing behind
	@$(BIN)/slipway down

build: setup ## Build what Lambda runs
	@find functions -name __pycache__ -type d -prune -exec rm -rf {} +
	@$(BIN)/sam build --config-env $(ENV)

deploy: build ## Build and deploy to AWS (make deploy ENV=dev|prod)
	@$(BIN)/sam deploy --config-env $(ENV)

tables: setup ## Extract the tables of AWS's images and of time zones from their sources anew
	@$(BIN)/python -m tools.image_table
	@$(BIN)/python -m tools.zone_table

lock: ## Lock the dependencies anew, those of the layer too (needs uv)
	@"$(UV)" lock
	@head -n 1 layers/slipway/requirements.txt > layers/slipway/requirements.new
	@"$(UV)" export --frozen --quiet --no-emit-project --no-dev --no-header --no-annotate >> layers/slipway/requirements.new
	@mv layers/slipway/requirements.new layers/slipway/requirements.txt

clean: ## Stop the local cloud and remove what was built
	@test ! -x $(BIN)/slipway || $(BIN)/slipway down || true
	@rm -rf .aws-sam .slipway .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
