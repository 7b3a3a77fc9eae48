# musewise: the two commands are `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
DEMO ?= .demo
IFUS ?=
CHECKED := libs services tests benchmarks docs

.PHONY: help setup demo demo-up clean-demo test lint types unit real e2e bench docs lock

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## install what is missing (Debian packages, .venv)
	@.ci/setup

demo: setup  ## a simulated night becomes a data cube [IFUS=1,2,3 or 1-24]
	@.venv/bin/musewise-server demo --dir $(DEMO) $(if $(IFUS),--ifus $(IFUS))

demo-up: setup  ## serve on the data of the demo until Ctrl-C
	@.venv/bin/musewise-server up --dir $(DEMO)/$(if $(IFUS),$(IFUS),one-ifu)/data

clean-demo:  ## remove the demo's data
	rm -rf $(DEMO)

test: setup lint types unit e2e  ## every check and test

lint: setup
	.venv/bin/ruff check $(CHECKED)
	.venv/bin/ruff format --check $(CHECKED)
	.venv/bin/lint-imports
types: setup
	.venv/bin/mypy libs services benchmarks docs
unit: setup  ## tests that need no pipeline run
	.venv/bin/pytest -x -q -m "not e2e and not esorex"
e2e: setup  ## tests that run the real pipeline
	.venv/bin/pytest -q -m "e2e or esorex"

bench: setup  ## figures against goals
	$(PY) benchmarks/run.py

docs: setup  ## regenerate the pages made from the model
	$(PY) docs/generate.py

lock: setup  ## pin the dependencies anew
	.venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	    --no-emit-find-links --no-header --no-annotate --strip-extras --allow-unsafe \
	    --extra dev -o requirements.lock pyproject.toml libs/musewise/pyproject.toml
