"""What moves together, as a file of learned rules that people review, and brought up to date without losing what
they made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from riskcheck.documents.quoting import quoted
from riskcheck.globs import matches_any
from riskcheck.history.written import written
from riskcheck.learned import DroppedRule, LearnedFile, LearnedRule
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.history.cochange_model import Thresholds, Together
    from riskcheck.history.model import History
    from riskcheck.nodes import Value

ID: Final = 12
"""Digits of a commit id: as many as nobody's repository needs."""

_WILD: Final = regex(r"([\\*?\[{])")
_ESCAPED: Final = regex(r"\\(.)")

_HEAD: Final = """\
# What moves together in this repository, learned from its history by `riskcheck learn`.
# Whoever edits `edited` and leaves `expect` alone is reminded of it (GOV-020); nothing here blocks.
#
# Keep what makes sense, and edit it: paths may be globs; `level: warn` is told at P2, `advisory` at P3; a `note`
# says why. `riskcheck learn --update` counts anew: it leaves alone what has `kept: true`, a glob or no numbers,
# keeps levels and notes, and does not propose again what stands under `dropped`. Comments are written anew.
"""


class Learned(NamedTuple):
    """A learned rule, and how it came to be, for people. said: "" where nobody counted this time."""

    rule: LearnedRule
    said: str = ""


class Updated(NamedTuple):
    """A file brought up to date. added, gone: rules that it did not have, and has no more. dropped: how many were
    found that the file says to drop."""

    file: LearnedFile
    said: dict[LearnedRule, str]
    added: tuple[LearnedRule, ...]
    gone: tuple[LearnedRule, ...]
    dropped: int


def learned(found: Iterable[Together], history: History, thresholds: Thresholds) -> tuple[Learned, ...]:
    """`found` as rules of a file, in its order."""
    return tuple(sorted((_learned(one, history, thresholds) for one in found), key=_place))


def _place(one: Learned) -> tuple[object, ...]:
    return _identity(one.rule)


def _identity(rule: LearnedRule) -> tuple[object, ...]:
    return (rule.edited, rule.expect, rule.expect_key, rule.keys)


def _learned(one: Together, history: History, thresholds: Thresholds) -> Learned:
    keys = one.keys or tuple(item for item in one.when if item.key)
    changes = [history.changes[number] for number in one.last]
    rule = LearnedRule(
        tuple(dict.fromkeys(literal(item.path) for item in one.when)),
        literal(one.partner.path),
        tuple(dict.fromkeys(written(item.key, item.operation) for item in keys)),
        written(one.partner.key, one.partner.operation) if one.partner.key else "",
        one.kind,
        one.strength(thresholds),
        one.together,
        one.times,
        # Rounded down: 0.6999 is no 0.7.
        int(one.bound * 100) / 100,
        tuple(change.commit[:ID] for change in changes),
    )
    newest = datetime.fromtimestamp(changes[0].time, UTC).date().isoformat() if changes else ""
    return Learned(rule, f"{one.together} of {one.times} changes, on {one.days} days, last on {newest}")


def literal(path: str) -> str:
    """The glob that `path` alone fits."""
    return _WILD.sub(r"\\\1", path)


def _is_wild(pattern: str) -> bool:
    return bool(_WILD.search(_ESCAPED.sub("", pattern)))


def _is_own(rule: LearnedRule) -> bool:
    """Whether people wrote an entry, or took it over."""
    return rule.kept or rule.together is None or any(map(_is_wild, (*rule.edited, rule.expect)))


def update(known: LearnedFile, found: Sequence[Learned]) -> Updated:
    """`known`, as `found` counts now."""
    own = [rule for rule in known.rules if _is_own(rule)]
    mined = {_identity(rule): rule for rule in known.rules if not _is_own(rule)}
    said: dict[LearnedRule, str] = {}
    rules = list(own)
    added: list[LearnedRule] = []
    dropped = 0
    for one in found:
        rule = one.rule
        if any(_drops(drop, rule) for drop in known.dropped):
            dropped += 1
            continue
        if any(_covers(other, rule) for other in own):
            continue
        before = mined.pop(_identity(rule), None)
        if before is None:
            added.append(rule)
        else:
            rule = rule._replace(level=before.level, kind=before.kind, note=before.note)
        rules.append(rule)
        said[rule] = one.said
    rules.sort(key=_identity)
    return Updated(
        LearnedFile(tuple(rules), known.dropped), said, tuple(added), tuple(mined.values()), dropped
    )


def _plain(pattern: str) -> str:
    """The path that a glob without wildcards stands for."""
    return _ESCAPED.sub(r"\1", pattern)


def _drops(drop: DroppedRule, rule: LearnedRule) -> bool:
    edited = any(matches_any(_plain(one), (drop.edited,)) for one in rule.edited)
    return edited and matches_any(_plain(rule.expect), (drop.expect,))


def _covers(own: LearnedRule, rule: LearnedRule) -> bool:
    return (
        all(any(matches_any(_plain(one), (glob,)) for one in rule.edited) for glob in own.edited)
        and matches_any(_plain(rule.expect), (own.expect,))
        and (not own.keys or own.keys == rule.keys)
        and own.expect_key in ("", rule.expect_key)
    )


def as_value(file: LearnedFile) -> dict[str, Value]:
    """A file as plain values, by ``schemas/learned.schema.json``."""
    return {
        "version": 1,
        "rules": [dict(_entry(rule)) for rule in file.rules],
        "dropped": [dict(_dropped(one)) for one in file.dropped],
    }


def _entry(rule: LearnedRule) -> Iterator[tuple[str, Value]]:
    """The keys of an entry, those left out that say nothing."""
    yield "edited", rule.edited[0] if len(rule.edited) == 1 else list(rule.edited)
    if rule.keys:
        yield "keys", list(rule.keys)
    yield "expect", rule.expect
    if rule.expect_key:
        yield "expect_key", rule.expect_key
    if rule.kind != "together":
        yield "kind", rule.kind
    yield "level", rule.level
    for name, number in (("together", rule.together), ("times", rule.times), ("bound", rule.bound)):
        if number is not None:
            yield name, number
    if rule.last:
        yield "last", list(rule.last)
    if rule.kept:
        yield "kept", True
    if rule.note:
        yield "note", rule.note


def _dropped(one: DroppedRule) -> Iterator[tuple[str, Value]]:
    yield "edited", one.edited
    yield "expect", one.expect
    if one.note:
        yield "note", one.note


def text_of(updated: Updated) -> str:
    """The file as YAML."""
    lines = [_HEAD, "version: 1\n", "rules:\n" if updated.file.rules else "rules: []\n"]
    for rule in updated.file.rules:
        lines.append("\n")
        said = updated.said.get(rule)
        if said:
            lines.append(f"  # {said}\n")
        lines += _mapping(_entry(rule))
    if updated.file.dropped:
        lines.append("\ndropped:\n")
        for one in updated.file.dropped:
            lines += _mapping(_dropped(one))
    return "".join(lines)


def _mapping(entries: Iterable[tuple[str, Value]]) -> Iterator[str]:
    sign = "- "
    for key, value in entries:
        yield f"  {sign}{key}: {_scalar(value)}\n"
        sign = "  "


_BARE: Final = regex(r"[A-Za-z_./][\w./-]*")
_WORDS: Final = frozenset(
    {"true", "false", "yes", "no", "on", "off", "null", "y", "n", ".", ".inf", ".nan", "together"}
)


def _scalar(value: Value) -> str:
    """A value in the shortest form that every reader takes for it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, str):
        plain = _BARE.fullmatch(value) and value.isascii() and value.lower() not in _WORDS
        return value if plain else quoted(value)
    return json.dumps(value)
