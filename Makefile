# What a developer types. Needs python3 (3.11 or newer) and make; everything else goes into .venv.
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
# The first that is new enough and can make a virtual environment is used; choose one with `make install PYTHON=...`.
PYTHON := python3 python3.13 python3.12 python3.11
DEMO := demo/dupilumab

# An environment that no longer runs (interrupted, moved, its Python removed) is made again.
ifneq ($(shell $(BIN)/python -c "import pip; print('runs')" 2>/dev/null),runs)
.PHONY: $(STAMP)
endif

# The last line of `make demo` is the report's place, also under `make -C`.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install demo test check coverage bench rare-events registry-groups registry-questions build lock clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## set everything up in .venv (does nothing when nothing changed)

$(STAMP): pyproject.toml $(LOCK)
	@$(BIN)/python -c "import pip" 2>/dev/null || { $(make_venv); }
	$(PIP) install --quiet --require-hashes --requirement $(LOCK)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

define make_venv
	old=""; bare=""; \
	for python in $(PYTHON); do \
	    "$$python" -c "" 2>/dev/null || continue; \
	    "$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" || { old="$$old $$python"; continue; }; \
	    if "$$python" -c "import ensurepip, venv" 2>/dev/null; then \
	        echo "making $(VENV) with $$("$$python" --version)"; \
	        exec "$$python" -m venv --clear $(VENV); \
	    fi; \
	    bare="$$bare $$python"; \
	done; \
	if [ -n "$$bare" ]; then \
	    echo "Cannot make a virtual environment: Python's venv module is incomplete in:$$bare." >&2; \
	    echo "Install it (Debian, Ubuntu: apt-get install python3-venv), then run make again." >&2; \
	elif [ -n "$$old" ]; then \
	    echo "trialpool needs Python 3.11 or newer; too old:$$old." >&2; \
	    echo "Install a newer Python, or name one: make install PYTHON=/path/to/python3.12" >&2; \
	else \
	    echo "No Python found (tried: $(PYTHON)). Install Python 3.11 or newer." >&2; \
	fi; \
	exit 1
endef

demo: install ## run the dupilumab review; the place of its report is printed last
	@rm -rf $(DEMO)
	$(BIN)/trialpool example dupilumab --to $(DEMO)
	$(BIN)/trialpool run $(DEMO)/review.toml

test: install ## run the whole test suite
	$(BIN)/python -m pytest

check: install ## lint, format, types, layers, doctests
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --doctest-modules src/trialpool

coverage: install ## run the tests and say which lines none of them reaches (target: 95 %)
	$(BIN)/python -m pytest --cov --cov-report=term-missing

bench: install ## time what has to be fast; compares with metafor where R has it
	$(BIN)/python -m benchmarks

build: install ## build the wheel and the source distribution into dist/
	$(BIN)/python -m hatchling build

rare-events: install ## our rare-event methods beside other programs, on seven published data sets
	@$(BIN)/python validation/rare_events_table.py

registry-groups: install ## groups matched to arms, against hand-made labels; RECORDS names the folder of the records
	$(BIN)/python validation/registry_groups.py $(if $(RECORDS),--records $(RECORDS))

EXTRACT := $(BIN)/trialpool registry extract --control placebo --force --report --store demo/registry
registry-questions: install ## three questions answered from the folder of records that RECORDS names, each with its report
	@test -n "$(RECORDS)" || { echo "name the folder of records: make registry-questions RECORDS=DIR" >&2; exit 2; }
	$(BIN)/trialpool registry load $(RECORDS) --store demo/registry
	$(EXTRACT) --treatment "SGLT2 inhibitors" --event "genital infection" -o demo/sglt2/arms.csv
	$(EXTRACT) --treatment "GLP-1 receptor agonists" --event diarrhoea --event nausea -o demo/glp1/arms.csv
	$(EXTRACT) --treatment "mineralocorticoid receptor antagonists" --event hyperkalaemia -o demo/mra/arms.csv

lock: ## refresh the locked development dependencies (needs uv)
	uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-emit-index-url --no-header --all-extras --group dev --upgrade --quiet \
	    --no-config --output-file $(LOCK) pyproject.toml

clean: ## remove what the targets made, except .venv
	rm -rf demo dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf $(VENV)
