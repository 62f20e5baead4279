"""Which code a job or pipeline runs, and whether it stays the same from run to run (DAB-033)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import items, node_at, subject, text_at
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_OPEN, _BOUNDED, _PINNED = range(3)
"""Any version; any below some; exactly one."""

_WORDS: Final = ("any version", "a range of versions", "one version")

_MOST_CHARACTERS: Final = 500

_REQUIREMENT: Final = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*+(?:\[[^\]]*+\]\s*+)?(.*)"
"""Name and version clauses of a requirement: https://packaging.python.org/en/latest/specifications/dependency-specifiers/"""

_VERSION: Final = r"\d+(?:\.\d+)+|[0-9a-f]{7,40}"
_REMOTE: Final = ("/", "dbfs:", "s3:", "s3a:", "abfss:", "gs:", "https:", "wasbs:")


class Library(NamedTuple):
    """Something that is installed: ``pypi requests``. pin: how far its version is told. text: as it is written."""

    name: str
    pin: int
    text: str
    node: Node


def unpinned(change: Change, context: CheckContext) -> Iterator[Match]:
    """Runs take code that may move on by itself, where they took one version. Values: ``subject``, ``reason``."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    yield from matches(change, context, lambda: _weaknesses(before, after), subject(after))


def _weaknesses(before: Resource, after: Resource) -> Iterator[Weakness]:
    fixed = next((field for field in ("git_commit", "git_tag") if text_at(before, "git_source", field)), None)
    branch = text_at(after, "git_source", "git_branch")
    if fixed is not None and branch and not any(_fixed(after)):
        what = f"it runs whatever is on branch {branch} instead of {fixed.removeprefix('git_')} "
        what += text_at(before, "git_source", fixed)
        yield Weakness(what, node_at(before, "git_source", fixed), node_at(after, "git_source", "git_branch"))
    old, new = _loosest(before), _loosest(after)
    for name, library in new.items():
        was = old.get(name)
        if was is not None and library.pin < was.pin:
            what = f"it takes {_WORDS[library.pin]} of {name.partition(' ')[2]} ('{library.text}') "
            what += f"instead of {_WORDS[was.pin]} ('{was.text}')"
            yield Weakness(what, was.node, library.node)


def _fixed(resource: Resource) -> Iterator[str]:
    for field in ("git_commit", "git_tag"):
        if text := text_at(resource, "git_source", field):
            yield text


def _loosest(resource: Resource) -> dict[str, Library]:
    """Each library once, with the least that is told of its version."""
    found: dict[str, Library] = {}
    for library in _libraries(resource):
        known = found.get(library.name)
        if known is None or library.pin < known.pin:
            found[library.name] = library
    return found


def _libraries(resource: Resource) -> Iterator[Library]:
    for task in items(resource, "tasks"):
        inner = task.at("for_each_task", "task")
        for holder in (task, inner):
            if isinstance(holder, Mapping):
                yield from _of_list(holder.get("libraries"))
    yield from _of_list(node_at(resource, "libraries"))
    for environment in items(resource, "environments"):
        yield from _of_environment(environment.get("spec"))
    yield from _of_environment(node_at(resource, "environment"))


def _of_list(libraries: Node | None) -> Iterator[Library]:
    for item in libraries.items if isinstance(libraries, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        for node, read in (
            (item.at("pypi", "package"), _pypi),
            (item.at("cran", "package"), _pypi),
            (item.at("maven", "coordinates"), _maven),
            (item.get("whl"), _file),
            (item.get("jar"), _file),
        ):
            library = read(node) if isinstance(node, Scalar) else None
            if library is not None:
                yield library


def _of_environment(spec: Node | None) -> Iterator[Library]:
    dependencies = spec.get("dependencies") if isinstance(spec, Mapping) else None
    for node in dependencies.items if isinstance(dependencies, Sequence) else ():
        if isinstance(node, Scalar):
            library = _file(node) if node.raw.startswith(_REMOTE) else _pypi(node)
            if library is not None:
                yield library


def _pypi(node: Scalar) -> Library | None:
    """A requirement of pip; None for files, options and references."""
    text = node.raw.partition(";")[0].strip()
    match = re.fullmatch(_REQUIREMENT, text, re.ASCII) if len(text) <= _MOST_CHARACTERS else None
    if match is None or "/" in match[1] or match[1].endswith((".whl", ".jar", ".txt")):
        return None
    name = re.sub(r"[-_.]+", "-", match[1]).lower()
    return Library(f"pypi {name}", _pin_of(match[2]), text, node)


def _pin_of(clauses: str) -> int:
    if clauses.startswith("@"):
        return _PINNED if re.search(_VERSION, clauses) else _OPEN
    parts = [part.strip() for part in clauses.strip("() ").split(",") if part.strip()]
    if any(part.startswith("==") and "*" not in part for part in parts):
        return _PINNED
    bounded = any(part.startswith(("<", "~=", "==")) for part in parts)
    return _BOUNDED if bounded else _OPEN


def _maven(node: Scalar) -> Library | None:
    """``group:artifact:version``."""
    parts = node.raw.strip().split(":")
    if len(parts) < 3 or "${" in node.raw:
        return None
    version = parts[-1]
    if version.upper() in ("LATEST", "RELEASE", "+") or version.endswith((",)", ",]", "+")):
        pin = _OPEN
    else:
        pin = _BOUNDED if version[:1] in "[(" and "," in version else _PINNED
    return Library(f"maven {parts[0]}:{parts[1]}", pin, node.raw, node)


def _file(node: Scalar) -> Library | None:
    """A wheel or archive outside the bundle; None for what is built or kept in it."""
    text = node.raw.strip()
    if not text.startswith(_REMOTE) or "${" in text or len(text) > _MOST_CHARACTERS:
        return None
    folder, _, name = text.rpartition("/")
    base = re.split(r"[-_](?=\d|latest|\*)|\*|\.", name, maxsplit=1)[0]
    if not base:
        return None
    is_told = "*" not in text and re.search(_VERSION, f"{folder.rpartition('/')[2]}/{name}") is not None
    ending = name.rpartition(".")[2]
    return Library(f"{ending} {base.lower()}", _PINNED if is_told else _OPEN, text, node)
