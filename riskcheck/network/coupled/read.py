"""Files of sets into sets. What has the wrong form is the schema's to tell (``schemas/coupled.schema.json``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, cast

from riskcheck import cache as kept
from riskcheck.data import data_dir
from riskcheck.network.coupled.fields import OR
from riskcheck.network.coupled.model import (
    Anchor,
    Condition,
    CoupledSet,
    Demand,
    Each,
    Join,
    Lists,
    Member,
    Requirement,
    Trigger,
    Way,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskcheck.nodes import Value

_FOLDER: Final = ("network", "coupled")
_FORMAT: Final = 3
_FAMILY: Final = "coupled"


@cache
def builtin_sets() -> tuple[CoupledSet, ...]:
    """The sets that ship with the program, in order of their ids."""
    folder = data_dir("rules").joinpath(*_FOLDER)
    stamp = [f"{_FORMAT} {folder}"]
    paths = sorted(folder.glob("*.yaml"))
    for path in paths:
        status = path.stat()
        stamp.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    known = kept.load(_FAMILY, "\n".join(stamp))
    if not isinstance(known, list):
        known = [_value(path) for path in paths]
        kept.store(_FAMILY, "\n".join(stamp), known)
    return tuple(
        set_of(value, str(path)) for value, path in zip(known, paths, strict=True) if isinstance(value, dict)
    )


def _value(path: Path) -> Value:
    from riskcheck.documents.scalars import plain_value
    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import MemoryTree

    tree = MemoryTree({path.name: path.read_bytes()}, "base", "rules")
    root = DocumentStore(tree).get(path.name, "yaml").root
    return None if root is None else plain_value(root, "yaml-1.2")


def set_of(value: Mapping[str, Value], source: str) -> CoupledSet:
    """The set in a document that satisfies the schema. source: path of the file."""
    return CoupledSet(
        id=_text(value, "id"),
        title=_text(value, "title"),
        anchor=_anchor(_mapping(value, "anchor")),
        members=tuple(_member(one) for one in _list(value, "members") if isinstance(one, dict)),
        breaks=_conditions_of(value, "breaks_when"),
        harmless=_conditions_of(value, "harmless_when"),
        source=source,
        moves=value.get("moves_traffic") is True,
    )


def _anchor(value: Mapping[str, Value]) -> Anchor:
    return Anchor(
        kinds=_texts(value, "kinds"),
        triggers=cast("tuple[Trigger, ...]", _texts(value, "changes")) or ("created", "replaced"),
        fields=_texts(value, "fields"),
        where=_where(value, "where"),
        names=tuple((name, _alternatives(path)) for name, path in _mapping(value, "names").items()),
        siblings=_text(value, "siblings"),
        entered=_text(value, "entered"),
        used_by=tuple(_way(one) for one in _list(value, "used_by") if isinstance(one, dict)),
    )


def _alternatives(value: Value) -> str:
    """One path, or several of which each kind has its own."""
    return OR.join(map(str, value)) if isinstance(value, list) else str(value)


def _member(value: Mapping[str, Value]) -> Member:
    each, lists = _mapping(value, "each"), _mapping(value, "lists")
    return Member(
        id=_text(value, "id"),
        label=_text(value, "label"),
        requirement=cast("Requirement", _text(value, "requirement") or "required"),
        demand=cast("Demand", _text(value, "demand") or "declared"),
        ways=tuple(_way(one) for one in _list(value, "ways") if isinstance(one, dict)),
        each=_each(each) if each else None,
        lists=Lists(_texts(lists, "kinds"), _texts(lists, "paths")) if lists else None,
        unless=_where(value, "unless"),
        on=cast("tuple[Trigger, ...]", _texts(value, "on")) or ("created", "replaced"),
        missing=_text(value, "missing"),
        managed_here=_texts(value, "managed_here"),
    )


def _each(value: Mapping[str, Value]) -> Each:
    joins = (
        Join(
            _texts(one, "kinds"),
            _text(one, "thing"),
            _text(one, "of"),
            cast("Requirement", _text(one, "requirement") or "required"),
        )
        for one in _list(value, "like")
        if isinstance(one, dict)
    )
    return Each(_texts(value, "kinds"), _text(value, "path"), tuple(joins), _where(value, "unless"))


def _way(value: Mapping[str, Value]) -> Way:
    return Way(
        anchor=_text(value, "anchor"),
        kinds=_texts(value, "kinds"),
        where=_where(value, "where"),
        path=_text(value, "path"),
        to=_text(value, "to"),
        covers=_text(value, "covers"),
        changed=value.get("changed") is True,
    )


def _where(value: Mapping[str, Value], key: str) -> tuple[Condition, ...]:
    return tuple(Condition(path, _values(held)) for path, held in _mapping(value, key).items())


def _conditions_of(value: Mapping[str, Value], key: str) -> tuple[Condition, ...]:
    return tuple(
        Condition(_text(one, "path"), _values(one.get("is")), _text(one, "of"))
        for one in _list(value, key)
        if isinstance(one, dict)
    )


def _values(value: Value) -> tuple[Value, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _mapping(value: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _list(value: Mapping[str, Value], key: str) -> list[Value]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, Value], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _texts(value: Mapping[str, Value], key: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(value, key))
