# Everything runs in a virtual environment of its own; only Python >= 3.11, git and make are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGE := $(VENV)/.package
DEMO := examples/jobs-control-plane
PAGE := build/jobs-control-plane.html

.PHONY: demo test check bench fuzz docs site clean

demo: $(PACKAGE)
	@echo "\$$ riskcheck diff --from $(DEMO)/base --to $(DEMO)/risky"
	@mkdir -p build
	@$(BIN)/riskcheck diff --from $(DEMO)/base --to $(DEMO)/risky --exit-zero --output html:$(PAGE)
	@echo
	@echo "The same as a page in one file, to open in a browser: $(PAGE)"
	@echo
	@echo "The same change, carried out safely, canary by canary. Where nothing has to be read, nothing is said:"
	@echo "\$$ riskcheck diff --quiet --from $(DEMO)/base --to $(DEMO)/safe"
	@$(BIN)/riskcheck diff --quiet --from $(DEMO)/base --to $(DEMO)/safe
	@echo "(no output, exit code 0)"
	@echo
	@echo "Next:"
	@echo "  .. the risky change as a rollout in waves, with soak, gates and the way back"
	@echo "  $(BIN)/riskcheck plan --from $(DEMO)/base --to $(DEMO)/risky"
	@echo "  .. why it is blocked, when that would be wrong, what mitigates it"
	@echo "  $(BIN)/riskcheck explain CAN-002"
	@echo "  .. a change of your own, against the branch that it is merged into"
	@echo "  cd YOUR-REPOSITORY && $(abspath $(BIN))/riskcheck diff main"

test: $(STAMP)
	$(BIN)/python -m pytest -q -n auto

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/riskcheck rules test rules

# What runs take against their goals, beside other programs (in build/peers), and how it grows: about ten minutes.
bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Hostile input for everything that is read, for so long: make fuzz SECONDS=3600. atheris, which follows the code that an
# input reaches, has no wheel for some platforms; then Hypothesis goes on without it.
SECONDS ?= 90
fuzz: $(STAMP)
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --group fuzz
	$(BIN)/python -m fuzz --seconds $(SECONDS) $(FUZZ)

# What is generated in the pages: rules, references, the output of commands.
docs: $(STAMP)
	$(BIN)/riskcheck rules docs docs/rules
	$(BIN)/python -m website

# The documentation as a site, in build/site; open index.html, no server is needed.
site: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "open build/site/index.html"

# The package alone, which is all that the demonstration needs. Editable installs need pip 21.3; Python 3.11 has it.
$(PACKAGE): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# pip without `--group` support (before 25.1) is upgraded first, inside the environment only.
$(STAMP): pyproject.toml | $(PACKAGE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
