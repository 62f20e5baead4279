# Everything runs in a virtual environment of its own; only Python >= 3.11, git and make are needed.
PYTHON ?= python3
VENV ?= .venv
# LOCKED=1 installs what requirements/dev.txt names, by digest, as CI does. Without it the newest versions that are
# allowed: what a new release breaks is then seen here first, and any index will do.
LOCKED ?=
# make test TESTS=tests/cli
TESTS ?=
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed$(if $(LOCKED),-locked)
PACKAGE := $(VENV)/.package
DEMO := examples/jobs-control-plane
PAGE := build/jobs-control-plane.html

.PHONY: demo test check bench fuzz docs site lock audit sbom lowest newest clean

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
	$(BIN)/python -m pytest -q -n auto $(TESTS)

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

# The locks, for what pyproject.toml asks for now. UPGRADE=1: at the newest versions that are a week old.
lock: $(STAMP)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m supplychain.lock $(if $(UPGRADE),--upgrade)

# Known vulnerabilities of what is locked. ADVISORIES=DIR: a clone of github.com/pypa/advisory-database, without a network.
audit: $(STAMP)
	$(BIN)/python -m supplychain.audit $(if $(ADVISORIES),--advisories $(ADVISORIES))

# What the wheel is made of and runs with, as CycloneDX: build/riskcheck.cdx.json.
sbom: $(STAMP)
	$(BIN)/python -m supplychain.sbom build/riskcheck.cdx.json

# The suite with the lowest versions of all dependencies that pyproject.toml allows, and with the newest that there are.
# `--overrides`: tools of development may ask for more than riskcheck does.
lowest: $(STAMP)
	$(PYTHON) -m venv --clear .venv-lowest
	@mkdir -p build
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m supplychain.lock --lowest build/lowest.txt
	$(BIN)/uv pip install --quiet --python .venv-lowest --overrides build/lowest.txt \
	  --requirements pyproject.toml --all-extras --group dev
	$(BIN)/uv pip install --quiet --python .venv-lowest --no-deps --editable .
	.venv-lowest/bin/riskcheck rules test rules
	.venv-lowest/bin/python -m pytest -q -n auto $(TESTS)

newest: $(STAMP)
	$(PYTHON) -m venv --clear .venv-newest
	$(BIN)/uv pip install --quiet --python .venv-newest --upgrade --editable . --group dev
	.venv-newest/bin/riskcheck rules test rules
	.venv-newest/bin/python -m pytest -q -n auto $(TESTS)

# The package alone, which is all that the demonstration needs. Editable installs need pip 21.3; Python 3.11 has it.
$(PACKAGE): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# The build backend is locked, too, so nothing is fetched to build. `touch`: the package alone is there as well.
$(VENV)/.installed-locked: pyproject.toml requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(PACKAGE) $@

# pip without `--group` support (before 25.1) is upgraded first, inside the environment only.
$(VENV)/.installed: pyproject.toml | $(PACKAGE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) .venv-lowest .venv-newest build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
