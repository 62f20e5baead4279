"""Whether a table is promised less than before: expectations that went, or that ask for less."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.tables.quality import CHECKS, Expectation, expectations_of
from riskcheck.tables.read import columns_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Mapping, Node

ENDS: Final = "no longer fails"
"""The grade of what ended a run before and does not any more."""

_RANK: Final = {"warn": 0, "drop": 1, "fail": 2}
_UNLESS_TOLD: Final = {"mostly": 1.0, "failures": 0.0, "warned": 0.0}
_TIMES: Final = frozenset({"age", "period"})
_SAYS: Final = {
    "min_value": "at least {}",
    "max_value": "up to {}",
    "mostly": "a share of {}",
    "failures": "{} failures",
    "warned": "{} failures without a warning",
    "age": "an age of {}",
    "period": "a period of {}",
}
_MOST_NAMED: Final = 4
_MOST_COMPARED: Final = 4_000
"""Characters of a condition that is compared with another."""
_DOES: Final = {
    "warn": "only warns instead of failing",
    "drop": "drops the row instead of failing",
}
_NUMBER: Final = r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])"
_ALWAYS: Final = frozenset({"true", "(true)", "1=1", "1 = 1", "(1=1)", "(1 = 1)"})


class Loosened(NamedTuple):
    """what: in words, ``not_null of id only warns instead of failing``. before, after: where it stood and stands.
    grade: `ENDS` or ``""``."""

    what: str
    before: Node | None
    after: Node | None
    grade: str = ""


def loosened(before: Mapping, after: Mapping | None) -> Iterator[Loosened]:
    """All ways in which the table `after` is promised less than `before`; of a table that went, all of them."""
    kept = [one for one in expectations_of(after) if one.enabled]
    off = [one for one in expectations_of(after) if not one.enabled]
    was = [one for one in expectations_of(before) if one.enabled]
    known = {one.name for one in was}
    lost: list[Expectation] = []
    alike: dict[tuple[str, bool], list[tuple[Expectation, Expectation]]] = {}
    for one in was:
        if _is_elsewhere(one, before, after):
            continue
        twins = _counterparts(one, kept, known)
        ways = [_less(one, twin) for twin in twins]
        if None in ways:
            continue
        if ways and ways[0] is not None:
            alike.setdefault(ways[0], []).append((one, twins[0]))
            continue
        switched = next(iter(_counterparts(one, off, known)), None)
        if switched is not None:
            yield Loosened(f"{one.label} is switched off", one.node, switched.node, _grade(one))
        elif not _is_rewritten(one, was, kept, known):
            lost.append(one)
    for (what, ends), pairs in alike.items():
        one, twin = pairs[0]
        more = f" and {len(pairs) - 1} more" if len(pairs) > 1 else ""
        yield Loosened(f"{one.label}{more} {what}", one.node, twin.node, ENDS if ends else "")
    if lost:
        worst = ENDS if any(map(_grade, lost)) else ""
        yield Loosened(f"{_named(lost)} no longer checked", lost[0].node, None, worst)


def _is_rewritten(one: Expectation, was: list[Expectation], kept: list[Expectation], known: set[str]) -> bool:
    """Whether a check in words of its own gave way to one in other words about the same thing, as strict as far as
    numbers and settings tell."""
    if one.check in CHECKS or not one.expression:
        return False
    said = {other.expression for other in was}
    return any(
        (other.check, other.column) == (one.check, one.column)
        and other.name not in known
        and other.expression not in said
        and bool(other.expression)
        and not list(_ways(one, other._replace(expression=one.expression)))
        for other in kept
    )


def _grade(one: Expectation) -> str:
    return ENDS if one.on_violation == "fail" else ""


def _named(lost: list[Expectation]) -> str:
    labels = list(dict.fromkeys(one.label for one in lost))
    return f"{listed(labels, _MOST_NAMED)} {'is' if len(labels) == 1 else 'are'}"


def _is_elsewhere(one: Expectation, before: Mapping, after: Mapping | None) -> bool:
    """Whether the table itself refuses now what the check looked for, or the column went with its check."""
    if not one.column:
        return False
    now = columns_of(after)
    column = now.get(one.column)
    if column is None:
        return bool(now) and one.column in columns_of(before) and not _mentions(after, one.column)
    refuses = not column.nullable and text_of(after, "contract") != "declared"
    return one.check == "not_null" and refuses


def _mentions(table: Mapping | None, column: str) -> bool:
    """Whether the query of a table names the column, so that it may be there though nothing declares it."""
    query = text_of(table, "query").lower()
    return bool(query) and re.search(rf"(?<!\w){re.escape(column)}(?!\w)", query) is not None


def _counterparts(one: Expectation, others: list[Expectation], known: set[str]) -> list[Expectation]:
    """Those of `others` that may be the same check: of its name first, then what looks at the same thing."""
    same = [other for other in others if other.name == one.name and _is_alike(one, other)]
    alike = [
        other
        for other in others
        if other.name != one.name
        and _is_alike(one, other)
        and (other.name not in known or other.expression == one.expression)
    ]
    return same + alike


def _is_alike(one: Expectation, other: Expectation) -> bool:
    if (one.check, one.column) != (other.check, other.column):
        return False
    return one.check in CHECKS or one.name == other.name or one.expression == other.expression


def _less(before: Expectation, after: Expectation) -> tuple[str, bool] | None:
    """How `after` asks for less, and whether it no longer ends a run; None where it asks for as much or more."""
    ways = list(_ways(before, after))
    if not ways:
        return None
    return " and ".join(ways), before.on_violation == "fail" and after.on_violation in _DOES


def _ways(before: Expectation, after: Expectation) -> Iterator[str]:
    old, new = _RANK.get(before.on_violation), _RANK.get(after.on_violation)
    if old is not None and new is not None and new < old:
        does = _DOES[after.on_violation]
        yield does if before.on_violation == "fail" else "keeps the row instead of dropping it"
    if after.where and not before.where:
        yield f"looks only at rows where {_short(after.where)}"
    if before.values is not None:
        if after.values is None:
            yield "accepts any value"
        elif before.values < after.values:
            yield f"accepts {_short(', '.join(sorted(after.values - before.values)))} too"
    yield from _lower(before.at_least, after.at_least, 1)
    yield from _lower(before.at_most, after.at_most, -1)
    if before.expression != after.expression and _asks_less(before.expression, after.expression):
        yield f"allows more: {_short(after.expression)}"


def _lower(before: MappingOf[str, float], after: MappingOf[str, float], sign: int) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        old, new = (numbers.get(key, _UNLESS_TOLD.get(key)) for numbers in (before, after))
        if old is None or (new is not None and (new - old) * sign >= 0):
            continue
        says = _SAYS.get(key, f"{key.replace('_', ' ')} {{}}").format
        verb = "asks for" if sign > 0 else "allows"
        if new is None:
            yield f"{verb} any number instead of {says(_told(key, old))}"
        else:
            yield f"{verb} {says(_told(key, new))} instead of {_told(key, old)}"


def _told(key: str, value: float) -> str:
    return spell(int(value)) if key in _TIMES and value == int(value) and value >= 0 else f"{value:g}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def _asks_less(before: str, after: str) -> bool:
    """Whether a condition lets more through, as far as its text tells: it became constant, lost a part that AND
    joined, got one by OR, or a number that it compares with moved outwards."""
    old, new = before.lower(), after.lower()
    if new in _ALWAYS:
        return True
    if max(len(old), len(new)) > _MOST_COMPARED:
        return False
    if "between" not in old + new and " or " not in old:
        parts, left = _parts(old), _parts(new)
        if left and left < parts:
            return True
    if new.strip("()").startswith(f"{old.strip('()')} or "):
        return True
    return _moved_outwards(old, new)


def _parts(text: str) -> frozenset[str]:
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")") and inner.count("(") == 1:
        inner = inner[1:-1]
    return frozenset(part.strip() for part in inner.split(" and ") if part.strip())


def _moved_outwards(old: str, new: str) -> bool:
    if re.sub(_NUMBER, "?", old) != re.sub(_NUMBER, "?", new) or " not " in f" {old}":
        return False
    moved = False
    for one, other in zip(re.finditer(_NUMBER, old), re.finditer(_NUMBER, new), strict=True):
        step = float(other[0]) - float(one[0])
        if step == 0:
            continue
        sign = re.search(r"([<>])=?\s*$", old[: one.start()])
        if sign is None or (step < 0) != (sign[1] == ">"):
            return False
        moved = True
    return moved
