# make lab   opens the course        make test  runs all tests        make help  lists the rest
ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell for p in python3.12 python3.13 python3.11 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$p && break; done)
endif

.PHONY: help install lab again test doors golden notebooks lint player player-dev lite site teaching bench soak hub hub-install changelog lock clean
.DEFAULT_GOAL := help

help:
	@echo "make lab         open the course in JupyterLab"
	@echo "make again N=03  start a notebook again; what you did in it is kept beside it"
	@echo "make test        run all tests"
	@echo "make doors       try every way in, each in a fresh clone with a fresh environment"
	@echo "make golden      write the golden transcripts anew, and say how many lines of which differ"
	@echo "make notebooks   run the notebooks that may have changed and store their outputs (ALL=1: run every one)"
	@echo "make lint        check how everything is written, Python and JavaScript"
	@echo "make player      bundle the player anew, after a change in its sources"
	@echo "make player-dev  show the player while its sources are edited"
	@echo "make lite        build the browser edition alone, in site/lite: the course with a Python in the page for any static host"
	@echo "make site        build the course as pages with living players, in site/, and the browser edition with them"
	@echo "make teaching    write the guides for teachers, copies for students, slides, and questions for Moodle"
	@echo "make bench       measure"
	@echo "make soak        look long for input that breaks a listener or a run"
	@echo "make hub         serve a class from this machine with JupyterHub (make hub-install: only install it)"
	@echo "make lock        work out the pinned versions anew"
	@echo "make changelog VERSION=1.2.0  join the fragments in changes/ into the section of a version"
	@echo "make clean       remove the environment and what the tools left"

install lab test doors golden lint player player-dev lite site teaching bench soak hub hub-install lock: python
	@$(PYTHON) scripts/bootstrap.py $@

changelog: python
	@$(PYTHON) scripts/bootstrap.py changelog $(VERSION)

notebooks: python
	@$(PYTHON) scripts/bootstrap.py notebooks $(if $(ALL),--all)

again: python
	@test -n "$(N)" || { echo "mailflow: say which notebook, for instance: make again N=03" >&2; exit 1; }
	@$(PYTHON) scripts/bootstrap.py lab --again $(N)

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "mailflow: no Python 3.11 to 3.14 found. Install one, or: make PYTHON=/path/to/python3.12 lab" >&2; exit 1; }

clean:
	rm -rf .venv .venv-install.log .notebooks.json build dist site .lite *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage test-artefacts node_modules
