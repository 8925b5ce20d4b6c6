# Verbs for people: `make run` is the only one a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= 127.0.0.1
DATASET ?= demo

.DEFAULT_GOAL := help
.PHONY: help run train test lint format demo bench compare clean

help: ## List the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: $(BIN)/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/tests: $(VENV)/runtime requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@touch $@

run: $(VENV)/runtime ## Train on the demo data if nothing is trained, then start the dashboard
	@$(BIN)/python scripts/train_and_save.py --dataset demo --if-missing
	@echo "The dashboard is at http://localhost:$(PORT) (Ctrl-C ends it)"
	@$(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.address $(HOST)

train: $(VENV)/runtime ## Train on a data set: make train DATASET=ml-latest-small
	$(BIN)/python scripts/train_and_save.py --dataset $(DATASET)

test: $(VENV)/tests ## Run every test this machine can run
	$(BIN)/python -m pytest

lint: $(VENV)/tests ## Check style and types
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy

format: $(VENV)/tests ## Put the code in its format
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

demo: $(VENV)/runtime ## Make the demo data again
	$(BIN)/python -m recsys.data.demo

$(VENV)-bench/peers: requirements-bench.txt requirements-compare.txt
	@$(PYTHON) -m venv $(VENV)-bench && $(VENV)-bench/bin/python -m pip install --quiet \
		--disable-pip-version-check -r requirements-bench.txt && touch $@ \
		|| echo "The peers could not be installed; their figures will say so."

bench: $(VENV)/runtime $(VENV)-bench/peers ## Measure speed and size against the peers: about an hour
	$(BIN)/python scripts/benchmark.py all

compare: $(VENV)/runtime ## Compare lists with other libraries': make compare DATASET=ml-latest-small
	$(BIN)/python scripts/compare_libraries.py --dataset $(DATASET)

clean: ## Remove the environment and caches; artifacts and data stay
	rm -rf $(VENV) $(VENV)-bench $(VENV)-compare .cache .pytest_cache .ruff_cache .mypy_cache .hypothesis
