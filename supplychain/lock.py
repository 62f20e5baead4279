"""The versions that CI, the action and the container image install, with the digests of their files.

    python -m supplychain.lock              resolve what pyproject.toml asks for; what holds stays as it is
    python -m supplychain.lock --upgrade    to the newest versions that are at least a week old
    python -m supplychain.lock --lowest FILE    the lowest versions that pyproject.toml allows

uv resolves; the files are in the format of pip, so that installing needs nothing but pip. They hold for every
Python and system that riskcheck runs on: what differs has a marker. No address of an index is written.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "requirements"
INDEX: Final = "https://pypi.org/simple"
PYTHON: Final = "3.11"
"""The oldest that is supported."""
AGE: Final = "7 days"
"""Of a release before it is taken: what is malicious has mostly been found and withdrawn by then."""


class Pin(NamedTuple):
    """A line of a lock with the digests below it."""

    requirement: Requirement
    digests: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument(
        "--age", default=AGE, help="least age of a release; '0 days' for a fix that is urgent"
    )
    parser.add_argument("--lowest", type=Path, metavar="FILE")
    given = parser.parse_args()
    if given.lowest:
        lowest(given.lowest)
        return
    more = ["--exclude-newer", given.age, *(["--upgrade"] if given.upgrade else [])]
    # The first has all; the others have the same versions.
    compiled("dev", ["pyproject.toml", "--all-extras", "--group", "dev"], "", more)
    for name, wanted in asked(project()).items():
        if name != "dev":
            more = ["--upgrade", "--constraints", "requirements/dev.txt"]
            compiled(name, ["-"], "\n".join(wanted), more)


def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def asked(told: dict[str, Any]) -> dict[str, list[str]]:
    """Name of each lock to the requirements that it answers: ``run``, each extra, ``build`` and ``dev``, which has
    all of them and the development tools."""
    run: list[str] = told["project"]["dependencies"]
    extras: dict[str, list[str]] = told["project"]["optional-dependencies"]
    build: list[str] = told["build-system"]["requires"]
    found = {"run": run, **extras, "build": build}
    return {**found, "dev": [*(one for each in found.values() for one in each), *group(told, "dev")]}


def group(told: dict[str, Any], name: str) -> list[str]:
    """The requirements of a dependency group, with those of the groups that it includes."""
    found: list[str] = []
    for one in told["dependency-groups"][name]:
        found += [one] if isinstance(one, str) else group(told, one["include-group"])
    return found


def compiled(name: str, sources: list[str], stdin: str, more: list[str]) -> None:
    """Writes one lock."""
    command = ["uv", "pip", "compile", "--no-config", "--quiet", "--universal", "--python-version", PYTHON]
    command += ["--generate-hashes", "--no-emit-index-url", "--default-index", INDEX]
    command += ["--annotation-style", "line", "--custom-compile-command", "make lock"]
    command += [*sources, *more, "--output-file", f"requirements/{name}.txt"]
    subprocess.run(command, input=stdin, text=True, check=True, cwd=ROOT)


def lowest(file: Path) -> None:
    """Writes the lowest versions of dependencies and extras that are allowed. Not a lock: what they depend on is
    free."""
    command = [
        "uv",
        "pip",
        "compile",
        "--no-config",
        "--quiet",
        "--all-extras",
        "--no-header",
        "--no-annotate",
    ]
    command += ["--resolution", "lowest-direct", "--python-version", PYTHON, "pyproject.toml"]
    subprocess.run([*command, "--output-file", str(file)], check=True, cwd=ROOT)


def read(name: str) -> list[Pin]:
    """The pins of one lock."""
    text = re.sub(r"\\\n", " ", (FOLDER / f"{name}.txt").read_text("utf-8"))
    pins = []
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line:
            requirement, *digests = re.split(r"\s+--hash=", line)
            pins.append(Pin(Requirement(requirement), tuple(one.strip() for one in digests)))
    return pins


def lacking(wanted: list[str], pins: list[Pin]) -> list[str]:
    """What of `wanted` no pin answers, or one outside of its bounds."""
    found = []
    for text in wanted:
        one = Requirement(text)
        answers = [
            pin for pin in pins if canonicalize_name(pin.requirement.name) == canonicalize_name(one.name)
        ]
        versions = [str(pin.requirement.specifier).removeprefix("==") for pin in answers]
        if not versions or not all(one.specifier.contains(version) for version in versions):
            found.append(f"{text}: {', '.join(versions) or 'absent'}")
    return found


if __name__ == "__main__":
    main()
