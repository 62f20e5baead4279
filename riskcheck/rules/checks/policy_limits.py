"""Whether the values of one cluster are such as a compute policy allows.

Only what a file states is judged. What is not resolved, is a default of the loader or is picked by the platform
(``auto:latest-lts``) is left alone, and so is what a policy fills in by itself.
https://docs.databricks.com/aws/en/admin/clusters/policy-definition
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.compute.policies import Limit
    from riskcheck.nodes import KeyPath, Reading, Value

_OPEN_KEYS: Final = ("spark_conf", "custom_tags", "spark_env_vars")
"""Mappings whose keys may have dots: the rest of an attribute path is one key."""

_REQUIRED: Final = ("custom_tags.", "spark_conf.", "spark_env_vars.")
"""Attributes that are told when a policy asks for them and they are not there. Whether the others have to be
depends on what else a cluster states: a fixed size or a range, a node type or a pool."""

_MOST_TEXT: Final = 1_000
_CLUSTER_TYPES: Final = {"jobs": "job", "clusters": "all-purpose", "pipelines": "dlt"}


class Violation(NamedTuple):
    """A value that a policy refuses. path: inside of the cluster, ``()`` for what kind of cluster it is.

    node: the value; None for one that is missing. what: ``num_workers is 16, which must be at most 10``.
    """

    limit: Limit
    path: KeyPath
    node: Node | None
    what: str

    @property
    def about(self) -> tuple[KeyPath, str]:
        """The same on another side."""
        return self.path, self.what


def violations(
    cluster: Mapping, reading: Reading, kind: str, limits: tuple[Limit, ...]
) -> Iterator[Violation]:
    """What of `cluster`, in a resource of `kind`, its policy refuses."""
    paths = {limit.path for limit in limits}
    for limit in limits:
        if limit.path == "cluster_type":
            yield from _of_type(limit, kind)
            continue
        found = list(_stated(cluster, limit.path, paths))
        for path, node in found:
            value = scalar_value(node, reading)
            if not _is_judged(node, value):
                continue
            reason = refusal(limit, value)
            if reason is not None:
                yield Violation(limit, path, node, f"{limit.path} is {shown(value)}, which {reason}")
        if not found and limit.required and limit.path.startswith(_REQUIRED):
            yield Violation(limit, _keys(limit.path), None, f"{limit.path} is missing, which must be stated")


def refusal(limit: Limit, value: Value) -> str | None:
    """Why `value` is refused: ``must be at most 10``; None where it is not, or where that cannot be told."""
    if limit.kind == "forbidden":
        return "must not be stated"
    if limit.kind == "fixed":
        if limit.value is None or _same(value, limit.value) or _is_picked(limit.value):
            return None
        return f"must be {shown(limit.value)}"
    if limit.kind == "allowlist":
        known = not limit.values or any(_same(value, one) or _is_picked(one) for one in limit.values)
        return None if known else f"must be one of {_some(limit.values)}"
    if limit.kind == "blocklist":
        return "must not be that" if any(_same(value, one) for one in limit.values) else None
    if limit.kind == "range":
        return _outside(limit, value)
    if limit.kind == "regex":
        return None if _fits(limit.pattern, _text(value)) is not False else f"must match {limit.pattern[:80]}"
    return None


def _outside(limit: Limit, value: Value) -> str | None:
    try:
        number = (
            float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        )
    except ValueError:
        return None
    if number is None:
        return None
    if limit.most is not None and number > limit.most:
        return f"must be at most {limit.most:g}"
    if limit.least is not None and number < limit.least:
        return f"must be at least {limit.least:g}"
    return None


@lru_cache(maxsize=1024)
def _fits(pattern: str, value: str) -> bool | None:
    """Whether all of `value` matches, in time linear in it; None where the pattern is none that can be told.

    Evaluated by the runtime of conditions, whose patterns are RE2: a pattern of a repository must not take the time
    that Python's own may.
    """
    if not pattern or len(pattern) > _MOST_TEXT or len(value) > _MOST_TEXT:
        return None
    from riskcheck.rules.cel import BoundError, condition

    try:
        found, fault = condition("before.matches(after)").evaluate(
            {"before": value, "after": f"^(?:{pattern})$"}
        )
    except BoundError:
        return None
    return None if fault is not None else found


def _of_type(limit: Limit, kind: str) -> Iterator[Violation]:
    name = _CLUSTER_TYPES.get(kind)
    reason = refusal(limit, name) if name is not None else None
    if reason is not None:
        yield Violation(limit, (), None, f"it is a cluster of type {name}, which {reason}")


def _stated(cluster: Mapping, path: str, others: set[str]) -> Iterator[tuple[KeyPath, Scalar]]:
    """The scalars at an attribute path; ``*`` stands for the items of a list that have no limit of their own."""
    yield from _along(cluster, _keys(path), (), others)


def _keys(path: str) -> KeyPath:
    first, _, rest = path.partition(".")
    return (first, rest) if first in _OPEN_KEYS and rest else tuple(path.split("."))


def _along(
    node: Node | None, keys: KeyPath, above: KeyPath, others: set[str]
) -> Iterator[tuple[KeyPath, Scalar]]:
    if not keys:
        if isinstance(node, Scalar):
            yield above, node
        return
    step, rest = keys[0], keys[1:]
    if isinstance(node, Mapping):
        yield from _along(node.get(step), rest, (*above, step), others)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            own = ".".join((*(one.strip("[]") for one in above), str(number), *rest))
            if step == str(number) or (step == "*" and own not in others):
                yield from _along(item, rest, (*above, f"[{number}]"), others)


def _is_judged(node: Scalar, value: Value) -> bool:
    if node.synthetic or value is None or value == "":
        return False
    return not (isinstance(value, str) and ("${" in value or _is_picked(value)))


def _is_picked(value: Value) -> bool:
    """A runtime that the platform picks: ``auto:latest-lts``."""
    return isinstance(value, str) and value.startswith("auto:")


def _same(one: Value, other: Value) -> bool:
    return _text(one) == _text(other)


def _text(value: Value) -> str:
    """A value as the cluster API takes it: ``true`` and ``"true"`` are the same."""
    return shown(value) if value is not None else ""


def _some(values: tuple[Value, ...]) -> str:
    names = [shown(value) for value in values]
    return ", ".join(names[:4]) + (" and others" if len(names) > 4 else "")
