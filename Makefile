# Plain make, Python 3.11 or newer, pip and git are all it takes: every target sets itself up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Tests that start no server, no browser and no pose model, and read no films from outside the repository.
FAST := not (server or browser or postgresql or pose_model or real_clips)
# Tests run in several processes at once. make test JOBS=0: one after the other; ORDER=random: in another order.
JOBS ?= auto
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
ifeq ($(ORDER),random)
PYTEST += --random-order --no-loadscope-reorder
endif

# Tests start hundreds of processes: none is to compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test check fast-tests lint lint-js audit doctor clean system

help:
	@echo "make demo    analyse a sample clip from end to end and print where the report is"
	@echo "make serve   start the service and its page on this machine"
	@echo "make test    run all tests; what they need is installed first, as far as possible"
	@echo "make check   lint, types and the fast tests: before every commit"
	@echo "make lint    check style and types"
	@echo "make audit   look up the pinned packages in the advisory database"
	@echo "make doctor  list what is installed and what is missing"
	@echo "make clean   remove .venv, node_modules and caches (not the downloaded pose model)"
	@echo "Another Python: make demo PYTHON=python3.12"
	@echo "Fail where a test cannot run for want of a browser or the like: make test REQUIRE=all"

demo: $(VENV)/.installed
	@$(BIN)/analyzer demo

serve: $(VENV)/.installed
	@$(BIN)/analyzer serve

test: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.provision
	@$(PYTEST)

check: $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory -j2 lint fast-tests

fast-tests: $(VENV)/.installed-dev
	@$(PYTEST) -m "$(FAST)"

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

# Checked every time and before anything is downloaded: the version of Python, and OpenGL and its kin, which a bare
# Debian lacks.
system:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)." >&2; \
	  echo "To use another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m analyzer.system_libraries

$(VENV)/.made: | system
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "On Debian or Ubuntu: apt-get install -y python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV): a minute or two, the first time only"
	@$(PIP_INSTALL) -e '.[service]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV), with the tools for tests: a minute or two, the first time only"
	@$(PIP_INSTALL) -e '.[service,dev]'
	@touch $@ $(VENV)/.installed
