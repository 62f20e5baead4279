"""Compute policies (cluster policies): which values a cluster that names one may have.

The definition language: https://docs.databricks.com/aws/en/admin/clusters/policy-definition
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath, Reading, Value

TYPES: Final = frozenset(
    {"fixed", "forbidden", "allowlist", "whitelist", "blocklist", "blacklist", "regex", "range", "unlimited"}
)
"""Kinds of limits; two of them under their former names, too."""

_HOLDERS: Final = ("definition", "policy_family_definition_overrides")
"""Fields of a policy that hold its definition: a mapping, or JSON in a text."""

_FILLED: Final = frozenset({"fixed", "forbidden", "blocklist", "blacklist"})
"""Limits that what a cluster does not state keeps to, or that fill it in."""

_MOST_LIMITS: Final = 1_000
_MOST_TEXT: Final = 200_000


class Limit(NamedTuple):
    """One limit of a policy. path: the attribute, dots and all, ``spark_conf.spark.executor.memory``.

    value: of a ``fixed`` one. values: of lists. required: clusters must state the attribute. node: what states it;
    key: the path of the change of it inside of the policy.
    """

    path: str
    kind: str
    node: Node
    key: KeyPath
    value: Value = None
    values: tuple[Value, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    required: bool = False


class Definition(NamedTuple):
    """One policy of a file. names: by which clusters may name it. body: what states it."""

    names: frozenset[str]
    body: Mapping


def definitions_in(root: Node | None, stem: str) -> Iterator[Definition]:
    """The policies that a file holds: a bare definition, a policy with its name, or several of them.

    stem: the name of the file, by which a bare definition goes.
    """
    if isinstance(root, Sequence):
        for item in root.items:
            if isinstance(item, Mapping) and _holder(item) is not None and _names(item):
                yield Definition(frozenset(_names(item)), item)
    if not isinstance(root, Mapping):
        return
    if _is_definition(root):
        yield Definition(frozenset({stem}), root)
    elif _holder(root) is not None:
        yield Definition(frozenset({stem, *_names(root)}), root)
    else:
        for key, node in root.entries:
            if isinstance(node, Mapping) and (_holder(node) is not None or _is_definition(node)):
                yield Definition(frozenset({key.raw, *_names(node)}), node)


@lru_cache(maxsize=256)  # asked for every cluster, on both sides of every change
def limits_of(body: Mapping, reading: Reading) -> tuple[Limit, ...]:
    """The limits of a policy, whether `body` is its definition or holds that; none where it cannot be read."""
    holder = _holder(body)
    if holder is None:
        return tuple(_limits(body, (), reading))
    held = body.get(holder)
    if isinstance(held, Mapping):
        return tuple(_limits(held, (holder,), reading))
    parsed = _parsed(held) if isinstance(held, Scalar) else None
    if not isinstance(parsed, Mapping) or held is None:
        return ()
    return tuple(one._replace(node=held, key=(holder,)) for one in _limits(parsed, (holder,), reading))


def _is_definition(node: Mapping) -> bool:
    """Whether every entry is a limit: other files have mappings with a ``type``, too."""
    return bool(node.entries) and all(_kind(element) in TYPES for _, element in node.entries)


def _kind(element: Node) -> str:
    kind = element.get("type") if isinstance(element, Mapping) else None
    return kind.raw if isinstance(kind, Scalar) else ""


def _holder(node: Mapping) -> str | None:
    for field in _HOLDERS:
        held = node.get(field)
        if isinstance(held, Scalar):
            held = _parsed(held)
        if isinstance(held, Mapping) and _is_definition(held):
            return field
    return None


def _parsed(text: Scalar) -> Node | None:
    """The definition that is JSON in a text; None where it is none."""
    if not text.raw.lstrip().startswith("{") or len(text.raw) > _MOST_TEXT:
        return None
    from riskcheck.documents.errors import Rejected
    from riskcheck.documents.json import parse

    try:
        return parse(text.raw, Source(text.source.path, text.source.side, text.file_line))[0]
    except Rejected:
        return None


def _names(node: Mapping) -> list[str]:
    found = (node.get(field) for field in ("name", "policy_id"))
    return [one.raw for one in found if isinstance(one, Scalar) and one.raw]


def _limits(elements: Mapping, above: KeyPath, reading: Reading) -> Iterator[Limit]:
    for key, element in elements.entries[:_MOST_LIMITS]:
        kind = _kind(element)
        if kind not in TYPES or not isinstance(element, Mapping):
            continue
        stated = plain_value(element, reading)
        assert isinstance(stated, dict)
        values = stated.get("values")
        yield Limit(
            path=key.raw,
            kind={"whitelist": "allowlist", "blacklist": "blocklist"}.get(kind, kind),
            node=element,
            key=(*above, key.raw),
            value=stated.get("value"),
            values=tuple(values) if isinstance(values, list) else (),
            pattern=str(stated.get("pattern") or stated.get("value") or ""),
            least=_number(stated.get("minValue")),
            most=_number(stated.get("maxValue")),
            required=kind not in _FILLED
            and stated.get("isOptional") is not True
            and stated.get("defaultValue") is None,
        )


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
