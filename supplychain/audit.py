"""Known vulnerabilities of the locked versions.

    python -m supplychain.audit                     ask the service of PyPI, through pip-audit
    python -m supplychain.audit --advisories DIR    read a clone of github.com/pypa/advisory-database

The second needs no network, and knows what was known when the clone was fetched: its date is printed. Exit code 1
where something is known, 2 where that could not be found out, which is no pass.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from ruamel.yaml import YAML

from supplychain.lock import FOLDER, Pin, read

LOCK: Final = "dev"
"""It has all that the others have."""


_OTHERWISE: Final = (
    "without a network: make audit ADVISORIES=DIR, a clone of github.com/pypa/advisory-database"
)


class Range(NamedTuple):
    """Affected versions. below: the first that is not any more; last: the last that is; both None where none is
    fixed."""

    first: Version
    below: Version | None = None
    last: Version | None = None

    def has(self, version: Version) -> bool:
        if version < self.first or (self.below is not None and version >= self.below):
            return False
        return self.last is None or version <= self.last


class Advisory(NamedTuple):
    """What is known of one package. versions: affected ones that no range has to name."""

    id: str
    package: str
    summary: str
    ranges: tuple[Range, ...]
    versions: frozenset[str]

    def affects(self, version: Version) -> bool:
        within = any(one.has(version) for one in self.ranges)
        return within or any(_version(one) == version for one in self.versions)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--advisories", type=Path, metavar="DIR")
    given = parser.parse_args()
    if given.advisories is None:
        return _asked()
    if not (given.advisories / "vulns").is_dir():
        print(
            f"{given.advisories} is no clone of the advisory database: it has no folder vulns",
            file=sys.stderr,
        )
        return 2
    pins = read(LOCK)
    found = list(affected(pins, given.advisories))
    for line in found:
        print(line)
    print(
        f"{len(pins)} pins held against the advisories in {given.advisories} of {_date(given.advisories)}: ",
        end="",
    )
    print(f"{len(found)} known vulnerabilities")
    return int(bool(found))


def _asked() -> int:
    """pip-audit's answer. It ends well also where the service knew nothing of any package, so what it left out is
    counted."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner=off",
    ]
    done = subprocess.run(
        [*command, "--format", "json", "--requirement", str(FOLDER / f"{LOCK}.txt")],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told = json.loads(done.stdout)["dependencies"]
    except ValueError:
        words = done.stderr.strip().splitlines()
        print(f"the advisory service could not be asked: {words[-1] if words else '-'}\n{_OTHERWISE}")
        return 2
    code, lines = outcome(told)
    print("\n".join(lines))
    return code


def outcome(told: Sequence[dict[str, Any]]) -> tuple[int, list[str]]:
    """Exit code and lines for what pip-audit says of each package."""
    skipped = [f"{one['name']}: {one['skip_reason']}" for one in told if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {each['id']} {' '.join(each['description'].split())[:120]}"
        for one in told
        for each in one.get("vulns", ())
    ]
    lines = [*found, f"{len(told) - len(skipped)} packages asked for: {len(found)} known vulnerabilities"]
    if skipped:
        lines += [f"nothing could be found out about {len(skipped)} more, as {skipped[0]}", _OTHERWISE]
    return (1 if found else 2 if skipped else 0), lines


def affected(pins: Sequence[Pin], database: Path) -> Iterator[str]:
    """A line for each pin that an advisory is about. Withdrawn advisories are left out."""
    for pin in pins:
        name = canonicalize_name(pin.requirement.name)
        (specifier,) = pin.requirement.specifier
        version = Version(specifier.version)
        for file in sorted((database / "vulns" / name).glob("*.yaml")):
            for advisory in advisories(YAML(typ="safe").load(file.read_text("utf-8"))):
                if advisory.package == name and advisory.affects(version):
                    yield f"{name} {version}: {advisory.id} {advisory.summary}"


def advisories(told: dict[str, Any]) -> Iterator[Advisory]:
    """What one file in the format of OSV says."""
    if told.get("withdrawn"):
        return
    words = " ".join(str(told.get("summary") or told.get("details") or "").split())[:120]
    for one in told.get("affected", ()):
        ranges = [
            pair for each in one.get("ranges", ()) if each["type"] == "ECOSYSTEM" for pair in _ranges(each)
        ]
        versions = frozenset(str(version) for version in one.get("versions", ()))
        package = canonicalize_name(one["package"]["name"])
        yield Advisory(told["id"], package, words, tuple(ranges), versions)


def _ranges(told: dict[str, Any]) -> Iterator[Range]:
    first: Version | None = None
    for event in told["events"]:
        if "introduced" in event:
            first = _version(str(event["introduced"]))
        elif first is not None:
            if "fixed" in event:
                yield Range(first, below=_version(str(event["fixed"])))
            else:
                yield Range(first, last=_version(str(event["last_affected"])))
            first = None
    if first is not None:
        yield Range(first)


def _version(text: str) -> Version | None:
    """None for what was once published under a name that is no version today."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _date(database: Path) -> str:
    command = ["git", "-C", str(database), "log", "-1", "--format=%cs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "an unknown date"


if __name__ == "__main__":
    sys.exit(main())
