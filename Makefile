# Plain make, Python 3.11 or newer, pip and git are all it takes: every target sets itself up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint lint-js audit doctor clean

help:
	@echo "make demo    analyse a sample clip, end to end, and say where the report is"
	@echo "make serve   start the service on this machine, with its page"
	@echo "make test    run the tests (needs Chromium and PostgreSQL; .ci/run installs them)"
	@echo "make lint    check style and types"
	@echo "make audit   look the pinned packages up in the advisory database"
	@echo "make doctor  say what is installed and what is missing"
	@echo "make clean   remove .venv, node_modules and caches (not the downloaded pose model)"
	@echo "Another Python: make demo PYTHON=python3.12"

demo: $(VENV)/.installed
	@$(call need_libraries)
	@$(BIN)/analyzer demo

serve: $(VENV)/.installed
	@$(call need_libraries)
	@$(BIN)/analyzer serve

test: $(VENV)/.installed-dev
	@$(call need_libraries)
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@.ci/lint-js

lint-js:
	@.ci/lint-js

audit: $(VENV)/.installed-dev
	$(BIN)/python .ci/audit.py

doctor: $(VENV)/.installed
	@$(BIN)/analyzer doctor

clean:
	rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there)."; \
	  echo "Give another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "On Debian or Ubuntu: apt-get install -y python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV): a minute or two, the first time only"
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV), with the tools for tests: a minute or two, the first time only"
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.installed

# A bare Debian lacks OpenGL and its kin: say so before anything fails in a less clear way.
define need_libraries
$(BIN)/python -c 'import sys; from analyzer.doctor import missing_libraries; sys.exit(bool(missing_libraries()))' \
  || { $(BIN)/analyzer doctor; exit 1; }
endef
