# Chuẩn: what a newcomer and a developer type. `make help` lists it.

PORT ?= 8000
HOST ?= 127.0.0.1
PYTEST_WORKERS ?= 2
export PYTHONUNBUFFERED = 1
# Every process that starts would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv/bin
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null 2>&1 \
	&& $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)

.PHONY: help setup setup-dev demo test test-fast check bench shots lock format clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install into .venv what the product needs, nothing else
	@$(call install,base)

setup-dev: ## the same with what tests and checks need
	@$(call install,dev)

define install
if [ -z "$(PYTHON)" ]; then \
	echo "Cần Python 3.11 trở lên. Python 3.11 or newer is needed (Debian: apt-get install python3)." >&2; \
	exit 1; \
fi; $(PYTHON) tools/setup.py $(1)
endef

demo: setup ## start the product with sample data (PORT=8123, HOST=0.0.0.0, EMPTY=1)
	@exec $(VENV)/chuan demo --port $(PORT) --host $(HOST) $(if $(EMPTY),--empty)

test: setup-dev ## everything: checks, tests on the oldest PostgreSQL, all tests on the newest
	@sh tools/test.sh $(PYTEST_WORKERS)

test-fast: setup-dev ## tests without browsers and slow ones
	@$(VENV)/pytest -n $(PYTEST_WORKERS) --dist loadfile -m "not browser and not slow"

check: setup-dev ## style, types, floors, templates, migrations, locked requirements
	@$(VENV)/python tools/check.py

bench: setup-dev ## measure speed at full size, write bench/out/*.json
	@$(VENV)/python -m bench

shots: setup-dev ## a picture of every page at 1280 and 360 px, into var/shots
	@sh tools/browser.sh && $(VENV)/python -m tools.shots

lock: setup-dev ## pin the requirements anew (needs uv, installed into .venv if missing)
	@$(VENV)/python tools/lock.py

format: setup-dev ## put the code in order
	@$(VENV)/ruff check --fix -q . ; $(VENV)/ruff format .

clean: ## remove what can be made again; data in var/ stay
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/*.egg-info
