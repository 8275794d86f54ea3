# make lab   opens the course        make test  runs all tests        make help  lists the rest
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$p && break; done)

.PHONY: help install lab test notebooks lint bench lock clean
.DEFAULT_GOAL := help

help:
	@echo "make lab        open the course in JupyterLab"
	@echo "make test       run all tests"
	@echo "make notebooks  run all notebooks and store their outputs"
	@echo "make lint       ruff and mypy"
	@echo "make bench      measure"
	@echo "make lock       work out the pinned versions anew (needs uv)"
	@echo "make clean      remove the environment and what the tools left"

install lab test notebooks lint bench:
	@test -n "$(PYTHON)" || { echo "mailflow: no Python 3.11 to 3.14 found. Install one, or: make PYTHON=/path/to/python $@" >&2; exit 1; }
	@$(PYTHON) scripts/bootstrap.py $@

lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/lock.txt
	$(PYTHON) scripts/pins.py

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage test-artefacts
