"""Values of a resolved resource as the controllers read them: numbers, switches and durations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node, Reading

_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_MOST_TEXT: Final = 40


class Part(NamedTuple):
    """A mapping of a resource and how its scalars are read. An absent one is empty and has no node."""

    node: Mapping | None
    reading: Reading

    def __bool__(self) -> bool:
        return self.node is not None

    def at(self, *path: str) -> Node | None:
        return None if self.node is None else self.node.at(*path)

    def part(self, *path: str) -> Part:
        found = self.at(*path)
        return Part(found if isinstance(found, Mapping) else None, self.reading)

    def parts(self, *path: str) -> Iterator[Part]:
        """The mappings among the items of a list."""
        for item in self.items(*path):
            if isinstance(item, Mapping):
                yield Part(item, self.reading)

    def items(self, *path: str) -> list[Node]:
        found = self.at(*path)
        return found.items if isinstance(found, Sequence) else []

    def names(self, *path: str) -> tuple[str, ...]:
        """The texts among the items of a list."""
        return tuple(item.raw for item in self.items(*path) if isinstance(item, Scalar) and item.raw)

    def value(self, *path: str) -> bool | int | float | str | None:
        found = self.at(*path)
        return scalar_value(found, self.reading) if isinstance(found, Scalar) else None

    def text(self, *path: str) -> str:
        """A scalar as text; empty where it is absent, null or no scalar."""
        found = self.value(*path)
        return "" if found is None or isinstance(found, bool) else str(found)

    def number(self, *path: str) -> float | None:
        """A number, or digits in quotes, as the API's int-or-string has them."""
        return as_number(self.value(*path))

    def whole(self, *path: str) -> int | None:
        found = self.number(*path)
        return int(found) if found is not None and found == int(found) else None

    def flag(self, *path: str) -> bool | None:
        found = self.value(*path)
        return found if isinstance(found, bool) else None

    def texts(self, *path: str) -> dict[str, str]:
        """A mapping of scalars, such as labels."""
        found = self.part(*path)
        if found.node is None:
            return {}
        return {key.raw: found.text(key.raw) for key, _ in found.node.entries}

    @property
    def place(self) -> Node:
        assert self.node is not None
        return self.node


def body_of(resource: Resource) -> Part:
    return Part(resource.body, resource.reading)


def as_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e15 else None
    if isinstance(value, str) and value.isascii() and value.lstrip("-").isdigit() and len(value) < 16:
        return float(value)
    return None


def go_seconds(text: str) -> int | None:
    """Whole seconds of a Go duration (``1h30m``, ``500ms``, ``1.5h``); None where `text` is none.

    https://pkg.go.dev/time#ParseDuration
    """
    if text in ("0", "+0", "-0"):
        return 0
    total = 0.0
    digits = unit = ""
    if not text or len(text) > _MOST_TEXT:
        return None
    for char in text.removeprefix("+") + "0":
        if (char.isascii() and char.isdigit()) or char == ".":
            if unit:
                if unit not in _UNITS or digits.count(".") > 1 or not digits.strip("."):
                    return None
                total += float(digits) * _UNITS[unit]
                digits = unit = ""
            digits += char
        elif not digits:
            return None
        else:
            unit += char
    return int(total) if digits == "0" and not unit else None


def spell(seconds: int) -> str:
    """``90`` as ``1m30s``: the largest units that give it exactly."""
    if seconds < 60:
        return f"{seconds}s"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (left, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def percent(share: float) -> str:
    """``0.05`` as ``5 %``, without a tail of digits."""
    return f"{round(share * 100, 2):g} %"
