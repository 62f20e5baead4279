# Everything runs in a virtual environment of its own; only Python >= 3.11, git and make are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := examples/jobs-control-plane

.PHONY: demo test check bench docs site clean

demo: $(STAMP)
	@echo "\$$ riskcheck diff --from $(DEMO)/base --to $(DEMO)/risky"
	@$(BIN)/riskcheck diff --from $(DEMO)/base --to $(DEMO)/risky --exit-zero
	@echo
	@echo "The same change, carried out safely:"
	@echo "\$$ riskcheck diff --from $(DEMO)/base --to $(DEMO)/safe"
	@$(BIN)/riskcheck diff --from $(DEMO)/base --to $(DEMO)/safe

test: $(STAMP)
	$(BIN)/python -m pytest -q

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/riskcheck rules test rules

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# What is generated in the pages: rules, references, the output of commands.
docs: $(STAMP)
	$(BIN)/riskcheck rules docs docs/rules
	$(BIN)/python -m website

# The documentation as a site, in build/site; open index.html, no server is needed.
site: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "open build/site/index.html"

# pip without `--group` support (before 25.1) is upgraded first, inside the environment only.
$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
