# Every target sets up what it needs. A second Python is named like this: make test PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
AUDITOR := .venv-audit
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
COMPILED := $(VENV)/.compiled
# Further words for pytest and for the demo: make test ARGS="-k store", make demo ARGS="--scenario pc-exhausted"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz traffic check format-check lint types layers wheel-contents format bench drills soak nab screenshots rule-pages audit wheel clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: $(READY) ## smtop on a simulated fleet; needs no AWS and no network
	@$(RUN) -m smtop.tui demo $(ARGS)

# Hundreds of processes start: what the first has compiled serves all others. Tests of the screen wait more than they
# work, hence six workers on two cores. Whoever is done takes tests from who has most left.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY) $(COMPILED) ## every test
	$(RUN) -m pytest --numprocesses 6 --dist worksteal $(ARGS)

# The tests take a few examples each, always the same. More of them: make fuzz EXAMPLES=20000
EXAMPLES ?= 2000
fuzz: $(READY) ## malformed answers, new ones each time, beside what botocore makes of them
	SMTOP_FUZZ=$(EXAMPLES) $(RUN) -m pytest tests/contract/test_malformed_answers.py tests/contract/test_torn_traffic.py $(ARGS)

check: format-check lint types layers wheel-contents ## format, lint, types, layers, contents of the wheel

format-check: $(READY)
	$(RUN) -m ruff format --check .

lint: $(READY)
	$(RUN) -m ruff check .

types: $(READY)
	$(RUN) -m mypy -p smtop.tui -p smtop.metrics
	$(RUN) -m mypy tests tools benchmarks

layers: $(READY)
	$(VENV)/bin/lint-imports --no-logo

wheel-contents: $(READY)
	$(RUN) -m pytest -q tests/packaging/test_distributions.py

format: $(READY) ## format the code and mend what ruff can mend
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

# A few of them: make bench ARGS="cpu1 store"
bench: $(READY) ## what polling costs, beside boto3 and others in the same run
	@$(RUN) -m benchmarks $(ARGS)

# The folder has the series and windows.json: make nab NAB=DIR
nab: $(READY) ## how baselines do on labelled anomalies
	@test -n "$(NAB)" || { echo "Name the folder: make nab NAB=DIR" >&2; exit 2; }
	@PYTHONPATH=.dev:. $(RUN) -m benchmarks.nab "$(NAB)"

# Less of it: make drills ARGS="--rounds 1 --days 2 --tiered 1"
drills: $(READY) ## what the rules find in simulated fleets, how soon, and what they say wrongly
	@$(RUN) -m benchmarks.drills $(ARGS)

# Shorter ones, of several seeds: make soak ARGS="--minutes 2 --seed 1 --seed 2"
soak: $(READY) ## the whole of smtop in bad weather, and whether anything was lost
	@$(RUN) -m benchmarks.soak $(ARGS)

screenshots: $(READY) ## the pictures of the README, from the simulated fleet
	$(RUN) tools/screenshots.py

traffic: $(READY) ## the recorded answers that tests replay, from the simulated AWS
	PYTHONPATH=.dev:. $(RUN) tools/record_traffic.py

rule-pages: $(READY) ## docs/rules.md, from the rules
	$(RUN) tools/rule_pages.py

audit: $(AUDITOR)/.ready ## whether a pinned package has a known vulnerability; asks the network
	@$(AUDITOR)/bin/python tools/audit.py $(ARGS)

$(AUDITOR)/.ready: requirements-audit.txt
	$(PYTHON) -m venv $(AUDITOR)
	$(AUDITOR)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-audit.txt
	@touch $@

wheel: $(READY) ## sdist and wheel in dist/
	$(RUN) -m build --no-isolation

clean: ## remove everything that was made, the virtual environment too
	rm -rf $(VENV) $(AUDITOR) dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# In a new checkout all six workers would compile all the tests, each for itself.
$(COMPILED): $(READY)
	@$(RUN) -m pytest --quiet --collect-only >/dev/null && touch $@

# Written last, so that an installation that was interrupted is done again.
$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). On Debian: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "smtop needs Python 3.11 or newer and $(PYTHON) is older. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(READY)
