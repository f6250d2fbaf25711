# Everything installs what it needs; only Python >= 3.11 with venv, git and make are assumed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One more than there are cores: tests wait for clocks, disks and other programs too.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, 1 + (os.cpu_count() or 1)))')
UNIT := tests/schemas tests/collector tests/datasets tests/hub tests/lsp_bridge tests/commands
# Lanes of their own: they drive other people's programs.
QUICK := not (editors or install or vscode or review or store or exports or ray or hub or platforms or image)
# What kills, stops and counts processes is left to `make test`: coverage would be in its way.
PROCESSES := \
  $(addprefix tests/collector/capture/, sessions/test_clock_watch.py sessions/test_sweep_real.py \
    git/test_git_watch_process.py journal/test_journal_kill.py test_results/test_pytest_reporter.py \
    runs/test_running.py runs/test_terminal.py agents/test_hook.py shell) \
  $(addprefix tests/commands/test_, light_verbs.py run.py session_verbs.py) \
  $(addprefix tests/lsp_bridge/, test_bridge_faults.py test_bridge_full_disk.py answers/test_bridge_health.py \
    answers/test_prompts.py recording/test_several_windows.py recording/test_terminal_reports.py) \
  tests/collector/health/test_broken_link.py tests/collector/installation/test_setup_killed.py tests/collector/seal/test_pure_seal.py

# Files whose tests take more than 5 s of CPU say so; coverage would double that.
SLOW := $(shell grep -rl --include='test_*.py' 'pytest\.mark\.slow' $(UNIT))
# What `make check` does not run either; `make test CHECKED=yes` runs these three alone.
OTHERS := $(filter-out $(UNIT),$(patsubst %/,%,$(filter-out %__pycache__/ %golden/ %support/,$(wildcard tests/*/))) $(wildcard tests/test_*.py))

.PHONY: setup dev demo demo-dataset demo-hub test check check-static check-tests bench days fuzz e2e-editors e2e-exports e2e-hub e2e-vscode e2e-install e2e-platforms e2e-ray e2e-redaction e2e-rest e2e-review e2e-store image-check versions-check wheels-check worth-probe worth-quick clean

setup: .venv/made  ## leave .venv/bin/signoff
	@echo "Signoff is in .venv/bin. Next: .venv/bin/signoff setup"

.venv/made: requirements/run.txt requirements/build.txt pyproject.toml launcher/signoff
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements/run.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

dev: .venv/made-dev

.venv/made-dev: .venv/made requirements/dev.txt requirements/hub.txt requirements/pictures.txt requirements/old_pytest.txt
	$(PIP) -r requirements/dev.txt
	$(PIP) --upgrade --target .venv/old-pytest -r requirements/old_pytest.txt
	touch $@

.venv/made-editors: .venv/made-dev requirements/editors.txt
	$(PIP) -r requirements/editors.txt
	touch $@

.venv/made-store: .venv/made-dev requirements/store.txt
	$(PIP) -r requirements/store.txt
	touch $@

.venv/made-ray: .venv/made-dev requirements/ray.txt
	$(PIP) -r requirements/ray.txt
	touch $@

.venv/made-platforms: .venv/made-dev requirements/platforms.txt
	$(PIP) -r requirements/platforms.txt
	touch $@

.venv/made-worth: .venv/made-dev requirements/worth.txt
	$(PIP) -r requirements/worth.txt
	touch $@

demo: setup  ## the main job, once, for real
	$(PIP) -r requirements/demo.txt
	-@$(PIP) -r requirements/editors.txt 2>/dev/null || echo "no Neovim for this system: a plain LSP client types instead"
	$(BIN)/python -I examples/demo.py

demo-dataset: setup  ## a data set of the demo's episode: built, read with DuckDB, proven
	$(PIP) -r requirements/demo.txt -r requirements/datasets.txt
	$(BIN)/python -I examples/demo.py --editor plain --until dataset

demo-hub: setup  ## a hub on this machine takes the demo's episode, confirms it, shows it in a browser, forgets it
	$(PIP) -r requirements/demo.txt -r requirements/hub.txt
	$(BIN)/python -I examples/demo.py --editor plain --until hub

test: dev  ## the tests a user runs; ALL=yes takes the slow ones too
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=50 \
	  -m "$(QUICK)$(if $(ALL)$(CHECKED),, and not slow)" $(if $(CHECKED),$(SLOW) $(PROCESSES) $(OTHERS))

check: check-static check-tests  ## lint, types, import rules, schemas, coverage

check-static: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python -m signoff_schemas.generate --check

check-tests: dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=50 $(UNIT) $(PROCESSES:%=--ignore=%) \
	  -m "$(QUICK) and not slow" --cov --cov-report=term --cov-fail-under=80

bench: dev  ## every figure we claim; editing traces from SIGNOFF_TRACES, peers where npm is there
	$(PIP) --upgrade --target .bench -r requirements/bench.txt
	-@cd benchmarks/peers && npm ci --silent --no-audit --no-fund || echo "no npm: libraries for Node are left out"
	PYTHONPATH=.bench $(BIN)/python benchmarks/run.py

worth-quick: .venv/made-worth  ## are traces worth more than code? small models on two cores, some two hours; killed, it goes on
	$(BIN)/python -m pytest tests/experiments/worth/test_training.py
	$(BIN)/python -m experiments.worth --quick

worth-probe: dev  ## the same question to counts of characters alone
	$(BIN)/python -m experiments.worth --probe

days: dev  ## random days, as many as DAYS says, and the lies that verbs told on them
	$(BIN)/python -m tests.days.run --days $(or $(DAYS),200) --seed $(or $(SEED),1000) $(if $(SHORT),--short)

fuzz: dev  ## ten minutes of random bytes for what reads foreign ones
	$(PIP) --upgrade --target .fuzz -r requirements/fuzz.txt
	mkdir -p .fuzz/found
	PYTHONPATH=.fuzz $(BIN)/python tests/fuzz/fuzz_episode.py -max_total_time=600 -rss_limit_mb=1500 \
	  -max_len=4096 -timeout=20 -artifact_prefix=.fuzz/found/ .fuzz/found tests/fuzz/corpus

e2e-editors: .venv/made-editors
	sh .ci/editors.sh
	$(BIN)/python -m pytest -m editors tests/e2e

e2e-vscode: dev  ## the extension for VS Code, built afresh, in a real one
	sh .ci/vscode.sh
	sh .ci/node_check.sh editor_extensions/vscode "$$(sh .ci/vscode.sh)"
	env -u TMPDIR $(if $(CI),SIGNOFF_TEST_DEADLINE_S=400) \
	  $(BIN)/python -m pytest --timeout 2700 -m vscode tests/e2e  # a home in memory is told

e2e-install: dev
	$(BIN)/python -m pytest -m install tests

e2e-review: dev  ## the review page, built afresh, in a real browser
	sh .ci/review_page.sh
	sh .ci/node_check.sh editor_extensions/review_page "$$(sh .ci/review_page.sh)"
	$(BIN)/python -m pytest -m review tests/e2e

e2e-store: .venv/made-store  ## uploads and withdrawals through a real Ceph gateway, refusals by rclone
	sh .ci/store.sh
	$(BIN)/python -m pytest -m store tests/e2e

e2e-exports: dev  ## exports in the hands of harbor, TRL, openai, datasets, DuckDB, SWE-bench and Label Studio
	sh .ci/exports.sh
	place="$$(sh .ci/exports.sh)"; SIGNOFF_E2E_EXPORTS="$$place" SIGNOFF_E2E_SWEBENCH="$$place/swebench" \
	  $(BIN)/python -m pytest -m exports --durations=10 tests/e2e

e2e-hub: dev  ## a hub on PostgreSQL and a Ceph gateway, killed and restarted
	sh .ci/hub.sh
	$(BIN)/python -m pytest -m hub tests/e2e tests/hub

e2e-platforms: .venv/made-platforms  ## what other systems do, on this one: a disk that folds names, a Python that thinks it is a Mac's, one for Windows under Wine
	sh .ci/platforms.sh
	sh .ci/wine.sh
	$(BIN)/python -m pytest -m platforms tests/platforms

e2e-ray: .venv/made-ray  ## builds on a Ray cluster of three nodes that may be lost
	sh .ci/ray.sh $(BIN)/python -m pytest -m ray --durations=10 tests/datasets

versions-check: dev  ## by hand, as root on Debian: newer Pythons and gits, twenty minutes a suite
	sh .ci/versions.sh $(SUITES)

image-check: dev  ## by hand, as root: the hub's image is built, run, and takes an episode
	store="$$(mktemp -d)" && trap 'rm -rf "$$store"' EXIT && sh .ci/image.sh "$$store" && \
	  SIGNOFF_E2E_IMAGE="$$store" sh .ci/ray.sh $(BIN)/python -m pytest -m image tests/e2e

wheels-check: .venv/made-platforms  ## by hand: every wheel on nine systems and four Pythons, asked of the package index
	$(BIN)/python -m tests.platforms.wheels

e2e-rest: dev  ## what `make check` leaves out and no other lane runs
	$(MAKE) test CHECKED=yes

e2e-redaction: dev  ## secrets typed in 420 sessions, sealed and searched; fixed and fresh seeds
	$(BIN)/python benchmarks/redaction.py --gate

clean:
	rm -rf .venv .demo dist
