# The short names of what a newcomer does; anything clever lives in a management command.
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do $$p -c 'import sys, venv; \
  sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SERVE ?= 1
SEEDS ?= 200
# Test files are shared out among processes, each with a database and a Redis of its own.
SPREAD := --numprocesses=auto --maxprocesses=4 --dist=loadfile

.PHONY: install demo run test check bench soak-alerts lock stop clean

install: .venv/.installed

# uv is quick, but reads none of pip's settings: it is told pip's mirror, and where it fails pip itself installs.
# Compiled here once, the packages need not be compiled by every process (for good where Python may not write).
.venv/.installed: requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 with venv is needed" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	@mirror="$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}"; \
	  UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$mirror}" $(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python $< || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

demo: install
	@$(BIN)/python manage.py demo --serve=$(SERVE)

run: install
	@$(BIN)/python manage.py serve

test: install
	@$(BIN)/python -m pytest $(SPREAD)

check: install
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.check

bench: install
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/bench.txt
	@$(BIN)/python -m benchmarks

soak-alerts: install
	@$(BIN)/python -m tests.soak.alerts --seeds $(SEEDS)

stop: install
	@$(BIN)/python manage.py embedded stop

lock:
	@for set in base: dev:--extra=embedded,--extra=dev bench:--extra=bench,--extra=embedded,--extra=dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    $$(echo $${set#*:} | tr ',' ' ') pyproject.toml -o requirements/$${set%%:*}.txt || exit 1; done

clean: stop
	@rm -rf .venv var
