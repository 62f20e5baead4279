"""What a scalar means, which depends on who reads it.

``yaml-1.1``: as Kubernetes tools do (sigs.k8s.io/yaml over its fork of go-yaml v2,
https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go): ``yes``, ``on``
and also a single ``y`` are true, ``0644`` is 420, ``1e3`` is 1000, base 60 does not exist.
``yaml-1.2``: the core schema (https://yaml.org/spec/1.2.2/#103-core-schema).
``databricks``: go-yaml v3, where ``yes`` is text, with leading-zero integers in base 10 as the bundle loader
has them. ``kustomize``: go-yaml v3 as it is.

Quoted and block scalars are text whatever they look like; an explicit tag decides; dates stay text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import MISSING, Mapping, Node, Reading, Scalar, Sequence, Value
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_Plain: TypeAlias = bool | int | float | str | None

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS_12: Final[dict[str, bool]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLS_11: Final[dict[str, bool]] = {
    **_BOOLS_12,
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_INFINITE: Final = regex(r"[-+]?\.(?:inf|Inf|INF)\Z")
_NANS: Final = frozenset({".nan", ".NaN", ".NAN"})
_DECIMAL: Final = regex(r"[-+]?(?:0|[1-9][0-9]*+)\Z")
_OCTAL: Final = regex(r"[-+]?0[oO]?[0-7]++\Z")
_BASED: Final = regex(r"[-+]?0(?:[xX][0-9a-fA-F]++|[bB][01]++)\Z")
_FLOAT: Final = regex(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?\Z")
_CORE_INT: Final = regex(r"(?:[-+]?[0-9]++|0o[0-7]++|0x[0-9a-fA-F]++)\Z")
_MAX_DIGITS: Final = 400
"""Longer digits are text: no reader takes them as a number, and Python's own limit is 4300."""


def scalar_value(node: Scalar, reading: Reading) -> bool | int | float | str | None:
    """The value `node` has for a reader of kind `reading`."""
    if node.native is not MISSING:
        return node.native  # type: ignore[return-value]
    tag = node.tag
    if tag is None:
        return node.raw if node.style != "plain" else _implicit(node.raw, reading)
    return _tagged(node.raw, tag, reading)


def plain_value(node: Node, reading: Reading) -> Value:
    """A whole tree as plain Python values; mapping keys are their text."""
    if isinstance(node, Mapping):
        return {key.raw: plain_value(child, reading) for key, child in node.entries}
    if isinstance(node, Sequence):
        return [plain_value(child, reading) for child in node.items]
    assert isinstance(node, Scalar)
    return scalar_value(node, reading)


def same(a: Node, b: Node, reading: Reading) -> bool:
    """Whether two trees mean the same. The order of keys and the quoting of text do not matter, that of list
    items does; ``1`` and ``1.0`` are the same number, ``1`` and ``true`` are not the same value."""
    if a is b:
        return True
    if isinstance(a, Scalar):
        if not isinstance(b, Scalar):
            return False
        if a.raw == b.raw and a.style == b.style and a.tag == b.tag and a.native is b.native:
            return True
        return equal_values(scalar_value(a, reading), scalar_value(b, reading))
    if isinstance(a, Mapping):
        if not isinstance(b, Mapping) or len(a.entries) != len(b.entries):
            return False
        others = b.index
        for key, child in a.entries:
            other = others.get(key.raw)
            if other is None or not same(child, other, reading):
                return False
        return True
    assert isinstance(a, Sequence)
    if not isinstance(b, Sequence) or len(a.items) != len(b.items):
        return False
    return all(same(one, other, reading) for one, other in zip(a.items, b.items, strict=True))


def equal_values(a: Value, b: Value) -> bool:
    """Equality as configuration has it: Python's own would take ``True`` for ``1`` and no NaN for itself."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal_values(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal_values(one, other) for one, other in zip(a, b, strict=True))
    return a == b or (a != a and b != b)


def _implicit(raw: str, reading: Reading) -> _Plain:
    if raw in _NULLS:
        return None
    first = raw[0]
    if first.isalpha():
        bools = _BOOLS_11 if reading == "yaml-1.1" else _BOOLS_12
        return bools.get(raw, raw)
    if first in "0123456789+-." and first.isascii():
        number = _NUMBERS[reading](raw)
        return raw if number is None else number
    return raw


def _number_12(raw: str) -> int | float | None:
    if _CORE_INT.match(raw) and len(raw) <= _MAX_DIGITS:
        return int(raw, 0) if raw.startswith(("0o", "0x")) else int(raw)
    return _float(raw)


def _number_go(raw: str) -> int | float | None:
    """go-yaml, v2 and v3 alike: underscores are dropped, then Go's base prefixes, then a decimal float."""
    plain = raw.replace("_", "") if "_" in raw else raw
    if len(plain) <= _MAX_DIGITS:
        if _DECIMAL.match(plain) and -(2**63) <= (number := int(plain)) < 2**64:
            return number
        if _OCTAL.match(plain):
            return int(plain.lower().replace("o", ""), 8)
        if _BASED.match(plain):
            return int(plain, 0)
    return _float(plain if raw[0] != "." else raw)


def _number_databricks(raw: str) -> int | float | None:
    """The loader reads a resolved integer again in base 10, so that ``010`` is 10."""
    number = _number_go(raw)
    if isinstance(number, int) and raw.lstrip("+-").isdecimal():
        return int(raw)
    return number


_NUMBERS: Final[dict[Reading, Callable[[str], int | float | None]]] = {
    "yaml-1.1": _number_go,
    "yaml-1.2": _number_12,
    "databricks": _number_databricks,
    "kustomize": _number_go,
}


def _float(raw: str) -> float | None:
    if _FLOAT.match(raw):
        number = float(raw)
        return number if number not in (float("inf"), float("-inf")) else None
    if _INFINITE.match(raw):
        return float("-inf") if raw[0] == "-" else float("inf")
    return float("nan") if raw in _NANS else None


def _tagged(raw: str, tag: str, reading: Reading) -> _Plain:
    """An explicit core tag decides, where the text can be read as that; other tags leave text."""
    if tag == "!!null":
        return None
    if tag in ("!!int", "!!float", "!!bool"):
        value = _implicit(raw, reading)
        if tag == "!!float" and isinstance(value, int) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                return raw
        wanted: dict[str, type] = {"!!int": int, "!!float": float, "!!bool": bool}
        return value if type(value) is wanted[tag] else raw
    return raw
