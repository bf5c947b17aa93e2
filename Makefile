# The short names of what a newcomer does; anything clever lives in a management command.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1

.PHONY: install demo run test check bench lock stop clean

install: .venv/.installed

.venv/.installed: requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements/dev.txt
	@touch $@

demo: install
	@$(BIN)/python manage.py demo --serve=$(SERVE)

run: install
	@$(BIN)/python manage.py serve

test: install
	@$(BIN)/python -m pytest

check: install
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.check

bench: install
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/bench.txt
	@$(BIN)/python -m benchmarks

stop: install
	@$(BIN)/python manage.py embedded stop

lock:
	@for set in base: dev:--extra=embedded,--extra=dev bench:--extra=bench,--extra=embedded,--extra=dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    $$(echo $${set#*:} | tr ',' ' ') pyproject.toml -o requirements/$${set%%:*}.txt || exit 1; done

clean: stop
	@rm -rf .venv var
