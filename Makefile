# Set-up, book and checks. `make` lists what there is; PYTHON=… and VENV=… may be given.

VENV ?= .venv
NEED_GB ?= 8
PORT ?= 8000
WORKERS ?= 2
# Long tests and notebooks that passed are not run again while nothing changed; `make test SKIP=` runs all.
SKIP ?= --skip-unchanged --nbval-skip-unchanged
# Options of the benchmarks: `make bench BENCH='--case mlp-128 --output mlp.json'`, or BENCH=--help.
BENCH ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(VENV)/.bench
BUILD := $(BIN)/jupyter-book build . -W -n --keep-going
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=600 --nbval-kernel-startup-timeout=180
HTML := _build/html/book/index.html

export PYDEVD_DISABLE_FILE_VALIDATION = 1

.DEFAULT_GOAL := help
.PHONY: help book serve test lint notebooks validate full bench cost constraints clean

help: ## this list
	@echo 'make <target>   (everything sets itself up in $(VENV) first)'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# The stamp is written last, so an installation cut short is taken up again.
$(READY): requirements.txt constraints.txt pyproject.toml
	@PYTHON='$(PYTHON)' NEED_GB='$(NEED_GB)' sh book/_tools/setup.sh '$(VENV)'

# The libraries that the benchmarks compare with: nothing else needs them.
$(PEERS): $(READY)
	@PYTHON='$(PYTHON)' NEED_GB='$(NEED_GB)' sh book/_tools/setup.sh '$(VENV)' bench

book: $(READY) ## the HTML pages, executed and built: _build/html/index.html
	@$(BUILD)
	@$(BIN)/python book/_tools/check_html.py _build/html
	@echo 'The book: $(HTML)'

serve: book ## the HTML pages at http://localhost:8000 (PORT=…)
	@echo 'http://localhost:$(PORT)/book/index.html (Ctrl-C ends it)'
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lint: $(READY) ## formatting, lint, types, spelling, notebooks in step with their Markdown
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/codespell
	@$(BIN)/python book/_tools/notebooks.py --check

# Notebooks and pages are checked offline at quick scale, where every stored number must come back;
# COURSEKIT_DATA, if set, is for the tests that need real data. The pages take the notebooks' outputs, and are
# built beside the other tests.
test: lint ## every check: lint, unit tests, doctests, gates, notebooks, built pages
	@OMP_NUM_THREADS=1 PYTHONPATH='$(CURDIR)/tests/book' $(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder -q \
		$(NBVAL) --nbval-offline -p building --build-book '$(BUILD) --quiet' -p unchanged $(SKIP)

validate: $(READY) ## every notebook through nbval, at the scale and with the data that are set
	@$(BIN)/python -m pytest -q $(NBVAL) book

notebooks: $(READY) ## the .ipynb beside every chapter, from its Markdown
	@$(BIN)/python book/_tools/notebooks.py

full: $(READY) ## every chapter at full scale on real data (COURSEKIT_DATA): writes book/results
	@test -n '$(COURSEKIT_DATA)' || { echo 'make full needs COURSEKIT_DATA, the folder with the real data sets.' >&2; exit 2; }
	@COURSEKIT_PROFILE=full $(BIN)/python -m coursekit run --all

bench: $(PEERS) ## coursekit against its peers, in turn, as ratios: writes book/performance (BENCH=…)
	@PYTHONPATH=tests $(BIN)/python -m benchmarks $(BENCH)

cost: $(READY) ## how time and memory grow with size, and what a step consists of: writes book/performance
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.cost
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.kernels

constraints: $(READY) ## the newest versions that fit requirements.txt, into constraints.txt
	@$(BIN)/uv pip compile pyproject.toml --extra book --extra test --extra bench --universal --python-version 3.11 \
		--fork-strategy fewest --no-annotate --custom-compile-command 'make constraints' --upgrade --quiet -o constraints.txt

clean: ## pages and caches away, not the virtual environment
	@rm -rf _build build coursekit.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find coursekit tests book -name __pycache__ -type d -prune -exec rm -rf {} +
