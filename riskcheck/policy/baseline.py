"""The baseline: findings that were there when riskcheck came, so that only what is new is told.

One JSON file at the root of the repository, read from the deciding tree. It has no owner, no reason and no date, so
it covers less than a waiver does: nothing of the gate itself, never P0, and of a change P2 and below.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import Schema, faults
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.models import Level
    from riskcheck.nodes import Value

VERSION: Final = 1
Subject: TypeAlias = Literal["state", "change"]
"""What was judged: a tree as it is (`riskcheck lint`), or a change (`riskcheck diff`)."""


class BaselineEntry(NamedTuple):
    """A finding that is known. level: the worst one that it may have. environments: names, of which it holds in no
    other. times: how many findings of that fingerprint there are. line: of the file, 0 for one that is not written
    yet."""

    fingerprint: str
    rule: str
    code: str
    resource: str
    environments: tuple[str, ...]
    level: Level
    of: Subject = "state"
    times: int = 1
    line: int = 0

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What there is one entry of."""
        return (self.fingerprint, self.of, self.environments)


class Baseline(NamedTuple):
    """One baseline file. path: where it is."""

    path: str
    entries: tuple[BaselineEntry, ...] = ()


def read_baseline(document: Document) -> tuple[Baseline, tuple[Problem, ...]]:
    """The baseline that `document` states, and all that is wrong with it: then nothing of it counts."""
    path = document.path
    written = _as_written(document.text)
    if written is not None:
        return Baseline(path, written), ()
    if document.error is not None:
        said = f"{document.error.reason}; {_REPAIR}"
        return Baseline(path), (Problem(path, document.error.line, said),)
    problems = [
        Problem(path, double.line, double.reason)
        for chunk in document.chunks
        for double in chunk.duplicate_keys
    ]
    root = document.root
    if root is None:
        return Baseline(path), (Problem(path, 1, f"is empty; {_REPAIR}"),)
    for fault in faults(root, _schema()):
        message = f"{fault.where}: {fault.message}".removeprefix(": ")
        problems.append(Problem(path, fault.node.file_line, message))
    entries = tuple(_entries(root)) if not problems else ()
    problems += _doubles(path, entries)
    return Baseline(path, entries), tuple(problems)


def _as_written(text: str) -> tuple[BaselineEntry, ...] | None:
    """The entries of a file that is just as `rendered` writes it; None for any other, which is read with the place
    of everything in it. That takes twenty times as long, on every run."""
    import json

    try:
        listed = json.loads(text)["findings"]
        if not all(map(_is_sound, listed)):
            return None
        entries = tuple(
            BaselineEntry(
                one["fingerprint"],
                one["rule"],
                one["code"],
                one["resource"],
                tuple(one["environments"]),
                one["level"],
                one["of"],
                one.get("count", 1),
                number,
            )
            for number, one in enumerate(listed, _FIRST_LINE)
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    unique = len({one.key for one in entries}) == len(entries)
    return entries if unique and rendered(entries) == text else None


def _is_sound(held: dict[str, Value]) -> bool:
    """Whether the fields of an entry are what the schema asks for."""
    named, words = held["environments"], [held["fingerprint"], held["rule"], held["code"]]
    if not isinstance(named, list) or not isinstance(held["resource"], str):
        return False
    times = held.get("count", 1)
    return (
        all(isinstance(one, str) and one for one in (*words, *named))
        and re.fullmatch("[0-9a-f]{16}", str(held["fingerprint"])) is not None
        and held["level"] in ("P1", "P2", "P3")
        and held["of"] in ("state", "change")
        and isinstance(times, int)
        and not isinstance(times, bool)
        and 1 <= times <= _MOST_TIMES
    )


_FIRST_LINE: Final = 4
_MOST_TIMES: Final = 1_000_000
_REPAIR: Final = "restore it, or delete it and run `riskcheck baseline write`"


def rendered(entries: Iterable[BaselineEntry]) -> str:
    """The text of a baseline: sorted by fingerprint, one line an entry, so that merges seldom meet."""
    import json

    lines = []
    for entry in sorted(entries, key=lambda one: one.key):
        held = {
            "fingerprint": entry.fingerprint,
            "rule": entry.rule,
            "code": entry.code,
            "resource": entry.resource,
            "environments": list(entry.environments),
            "level": entry.level,
            "of": entry.of,
            **({"count": entry.times} if entry.times != 1 else {}),
        }
        lines.append(json.dumps(held, ensure_ascii=True))
    body = "".join(f"\n    {line}" for line in ",\n".join(lines).split("\n")) + "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{body}]\n}}\n'


def _entries(root: Node) -> Iterator[BaselineEntry]:
    """The entries of a document that keeps to the schema."""
    listed = root.get("findings") if isinstance(root, Mapping) else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        held = {key.raw: node.raw for key, node in item.entries if isinstance(node, Scalar)}
        environments = item.get("environments")
        names = environments.items if isinstance(environments, Sequence) else ()
        yield BaselineEntry(
            held["fingerprint"],
            held["rule"],
            held["code"],
            held["resource"],
            tuple(one.raw for one in names if isinstance(one, Scalar)),
            cast("Level", held["level"]),
            cast("Subject", held["of"]),
            int(held.get("count", "1")),
            item.file_line,
        )


def _doubles(path: str, entries: Iterable[BaselineEntry]) -> Iterator[Problem]:
    first: dict[object, int] = {}
    for entry in entries:
        if entry.key in first:
            line = first[entry.key]
            yield Problem(path, entry.line, f"{entry.fingerprint} is also in line {line}; keep one of them")
        first.setdefault(entry.key, entry.line)


def _schema() -> Schema:
    import json

    from riskcheck.data import data_text

    loaded: Schema = json.loads(data_text("schemas", "baseline.schema.json"))
    return loaded
