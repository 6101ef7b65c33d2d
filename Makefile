# The commands a person needs. Each sets up what is missing: Python 3.11+, make and a package registry are enough.

PYTHON ?= python3
PORT ?= 8080
SERVE ?= 1
JOBS ?= logical

UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready

# Another active environment, or another place named for it, must not be filled or emptied by this project.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONHOME PYTHONPATH

# The tests start hundreds of processes, which would each compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

# The system's certificates know a network's own authority, which uv's built-in ones do not.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),1,0)

.PHONY: help setup demo test fuzz mutants check minio

help:
	@echo "make demo    the main job on a real action plan, then the portal on http://127.0.0.1:$(PORT)"
	@echo "             (PORT=n another port, SERVE=0 stop before serving)"
	@echo "make test    all tests that this machine can run (ARGS='-k name' for some of them), one process a core and"
	@echo "             at most four, each with servers of its own (JOBS=0 for none but pytest's own)"
	@echo "make fuzz    125,000 requests and 18,000 command lines made up by hypothesis; takes an hour or two"
	@echo "make check   lint, format, types, import contracts, dependencies, templates, migrations"
	@echo "make mutants seeded faults, each of which some test must notice (ARGS='\"name\"' for one of them)"
	@echo "make minio   build the real MinIO for the tests into the cache folder (needs Go)"

setup: $(READY)

demo: $(READY)
	@$(BIN)/portal demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: $(READY)
	@$(BIN)/python -m pytest -n $(JOBS) --maxprocesses=4 --dist=worksteal $(ARGS)

fuzz: $(READY)
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz -o faulthandler_timeout=0 -k generated tests/web/test_generated_input.py \
		tests/cli/test_bad_arguments.py $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/djlint portal --lint
	$(BIN)/python -m tests.migration_check

# ARGS are names of faults, each in quotes: make mutants ARGS='"guard removed"'
mutants: $(READY)
	@$(BIN)/python -m tests.mutants $(ARGS)

minio: $(READY)
	@$(BIN)/python -m tests.servers.minio

# The stamp is newer than what decided the environment's contents, so an unchanged checkout starts at once and offline.
$(READY): uv.lock pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) >&2
	@$(BIN)/python -m uv sync --locked --quiet --no-python-downloads --python $(BIN)/python >&2
	@touch $(READY)
