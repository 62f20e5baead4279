"""What moves together, as a file of learned rules that people review, and brought up to date without losing what
they made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from riskcheck.documents.quoting import quoted
from riskcheck.globs import matches_any
from riskcheck.history.cochange_sets import grouped
from riskcheck.history.written import written
from riskcheck.learned import DroppedRule, LearnedFile, LearnedRule
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.history.cochange_model import Item, Thresholds, Together
    from riskcheck.history.cochange_sets import Grouped
    from riskcheck.history.model import History
    from riskcheck.nodes import Value

ID: Final = 12
"""Digits of a commit id: as many as nobody's repository needs."""

_WILD: Final = regex(r"([\\*?\[{])")
_ESCAPED: Final = regex(r"\\(.)")

_WIDTH: Final = 120
_HEAD: Final = """\
# What moves together in this repository, learned from its history by `riskcheck learn`.
# Whoever edits one file (or key) of `together` and not the others, or `edited` and not `expect`, is reminded of it
# (GOV-020); nothing here blocks. `seen: 9`, `of: 10`: nine of ten changes edited both.
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


def learned(found: Sequence[Together], history: History, thresholds: Thresholds) -> tuple[Learned, ...]:
    """`found` as rules of a file, pairs put together to sets, sorted by path."""
    return tuple(sorted((_learned(one, history, thresholds) for one in grouped(found)), key=_place))


def _place(one: Learned) -> tuple[object, ...]:
    return _order(one.rule)


def _order(rule: LearnedRule) -> tuple[object, ...]:
    """Sets and arrows of one file beside each other."""
    return ((rule.within or (*rule.together, *rule.edited)[0]), _identity(rule))


def _identity(rule: LearnedRule) -> tuple[object, ...]:
    return (rule.together, rule.within, rule.edited, rule.expect, rule.expect_key, rule.keys)


def _learned(group: Grouped, history: History, thresholds: Thresholds) -> Learned:
    one = group.rule
    changes = [history.changes[number] for number in one.last]
    rule = LearnedRule(
        kind=one.kind,
        level=one.strength(thresholds),
        seen=one.together,
        of=one.times,
        # Rounded down: 0.6999 is no 0.7.
        bound=int(one.bound * 100) / 100,
        last=tuple(change.commit[:ID] for change in changes),
    )
    if group.members and group.members[0].key:
        keys = tuple(_written(item) for item in group.members)
        rule = rule._replace(together=keys, within=literal(group.members[0].path))
    elif group.members:
        rule = rule._replace(together=tuple(literal(item.path) for item in group.members))
    else:
        rule = rule._replace(
            edited=tuple(dict.fromkeys(literal(item.path) for item in one.when)),
            keys=tuple(dict.fromkeys(_written(item) for item in group.keys)),
            expect=tuple(dict.fromkeys(literal(item.path) for item in group.partners)),
            expect_key=_written(one.partner) if one.partner.key else "",
        )
    newest = datetime.fromtimestamp(changes[0].time, UTC).date().isoformat() if changes else ""
    several = len(group.members) > 2 or len(group.partners) > 1 or len(group.keys) > 1
    least = "at least " if several else ""
    return Learned(
        rule, f"{least}{one.together} of {one.times} changes, on {one.days} days, last on {newest}"
    )


def _written(item: Item) -> str:
    return written(item.key, item.operation)


def literal(path: str) -> str:
    """The glob that `path` alone fits."""
    return _WILD.sub(r"\\\1", path)


def _is_wild(pattern: str) -> bool:
    return bool(_WILD.search(_ESCAPED.sub("", pattern)))


def _is_own(rule: LearnedRule) -> bool:
    """Whether people wrote an entry, or took it over."""
    return rule.kept or rule.seen is None or any(map(_is_wild, _files(rule)))


def _files(rule: LearnedRule) -> tuple[str, ...]:
    """All globs that a rule names."""
    return ((rule.within,) if rule.within else rule.together) + rule.edited + rule.expect


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
    rules.sort(key=_order)
    return Updated(
        LearnedFile(tuple(rules), known.dropped), said, tuple(added), tuple(mined.values()), dropped
    )


def _plain(pattern: str) -> str:
    """The path that a glob without wildcards stands for."""
    return _ESCAPED.sub(r"\1", pattern)


def _drops(drop: DroppedRule, rule: LearnedRule) -> bool:
    """Whether a rule is one of those to drop; a set is where a pair of it is."""
    sources = (rule.within,) if rule.within else rule.together or rule.edited
    targets = (rule.within,) if rule.within else rule.together or rule.expect
    return any(
        matches_any(_plain(source), (drop.edited,)) and matches_any(_plain(target), (drop.expect,))
        for source in sources
        for target in targets
        if source != target or rule.within or rule.expect_key
    )


def _covers(own: LearnedRule, rule: LearnedRule) -> bool:
    """Whether what people wrote says what was found already."""
    if own.within != rule.within or own.expect_key not in ("", rule.expect_key):
        return False
    if own.keys and own.keys != rule.keys:
        return False
    if own.within:
        return set(rule.together) <= set(own.together)
    mine, found = own.together or own.edited, rule.together or rule.edited
    return all(matches_any(_plain(one), mine) for one in found) and all(
        matches_any(_plain(one), own.together or own.expect) for one in rule.together or rule.expect
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
    if rule.within:
        yield "in", rule.within
    if rule.together:
        yield "together", list(rule.together)
    if rule.edited:
        yield "edited", _one_or_all(rule.edited)
    if rule.keys:
        yield "keys", list(rule.keys)
    if rule.expect:
        yield "expect", _one_or_all(rule.expect)
    if rule.expect_key:
        yield "expect_key", rule.expect_key
    if rule.kind != "together":
        yield "kind", rule.kind
    yield "level", rule.level
    for name, number in (("seen", rule.seen), ("of", rule.of), ("bound", rule.bound)):
        if number is not None:
            yield name, number
    if rule.last:
        yield "last", list(rule.last)
    if rule.kept:
        yield "kept", True
    if rule.note:
        yield "note", rule.note


def _one_or_all(values: tuple[str, ...]) -> Value:
    return values[0] if len(values) == 1 else list(values)


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
        line = f"  {sign}{key}: {_scalar(value)}\n"
        if isinstance(value, list) and len(line) > _WIDTH:
            yield f"  {sign}{key}:\n"
            yield from (f"      - {_scalar(item)}\n" for item in value)
        else:
            yield line
        sign = "  "


_COMMIT: Final = regex(r"[0-9a-f]+")
"""Some are numbers to a reader of YAML, and those beside them look better alike."""
_BARE: Final = regex(r"[A-Za-z_./][\w./-]*")
_WORDS: Final = frozenset(
    {"true", "false", "yes", "no", "on", "off", "null", "y", "n", ".", ".inf", ".nan", "together"}
)


def _scalar(value: Value) -> str:
    """A value in the shortest form that every reader takes for it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, str):
        plain = _BARE.fullmatch(value) and not _COMMIT.fullmatch(value) and value.lower() not in _WORDS
        single = '"' in value and "'" not in value and value.isascii() and value.isprintable()
        return value if plain else f"'{value}'" if single else quoted(value)
    return json.dumps(value)
