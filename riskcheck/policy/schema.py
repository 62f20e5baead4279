"""Validates a positioned document against a JSON Schema, so that every problem has a line.

It interprets the part of draft 2020-12 that ``schemas/config.schema.json`` uses; tests hold it against the
``jsonschema`` package, which would take longer to import than everything else a small run does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from riskcheck.documents.scalars import equal_values, scalar_value
from riskcheck.durations import parse_moment, suggest_duration
from riskcheck.errors import suggestion
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.nodes import Node, Scalar, Sequence, Value
from riskcheck.records import NamedTuple

Schema: TypeAlias = Mapping[str, "Value"]

_TYPES: Final[Mapping[str, str]] = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


class Fault(NamedTuple):
    """One problem: the node (or key) that has it, where that is (``services[0].rto``), and what is wrong."""

    node: Node
    where: str
    message: str


def faults(root: Node, schema: Schema) -> Iterator[Fault]:
    """All problems of `root`, in document order."""
    definitions = schema.get("$defs", {})
    assert isinstance(definitions, dict)
    yield from _faults(root, schema, "", definitions)


def _faults(node: Node, schema: Schema, where: str, definitions: Schema) -> Iterator[Fault]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = definitions[reference.rsplit("/", 1)[1]]
        assert isinstance(target, dict)
        schema = target
    if isinstance(node, Scalar):
        message = _scalar_fault(scalar_value(node, "yaml-1.2"), node.raw, schema)
        if message is not None:
            yield Fault(node, where, message)
        return
    kind = "object" if isinstance(node, MappingNode) else "array"
    allowed = _allowed(schema)
    if kind not in allowed:
        yield Fault(node, where, f"must be {_wanted(schema, allowed)}, not {_TYPES[kind]}")
    elif isinstance(node, MappingNode):
        yield from _mapping_faults(node, schema, where, definitions)
    elif isinstance(node, Sequence):
        least, items = schema.get("minItems"), schema.get("items")
        if isinstance(least, int) and len(node.items) < least:
            yield Fault(node, where, "must not be empty")
        if isinstance(items, dict):
            for number, item in enumerate(node.items):
                yield from _faults(item, items, f"{where}[{number}]", definitions)


def _mapping_faults(node: MappingNode, schema: Schema, where: str, definitions: Schema) -> Iterator[Fault]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    required = schema.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    for name in required:
        if str(name) not in node.index:
            yield Fault(node, where, f"{name} is missing")
    for key, child in node.entries:
        name = _one_line(key.raw)
        below = f"{where}.{name}" if where else name
        known = properties.get(key.raw, others)
        if isinstance(known, dict):
            yield from _faults(child, known, below, definitions)
        elif known is False:
            yield Fault(key, below, f"unknown key{suggestion(key.raw, list(properties))}")


def _scalar_fault(value: Value, raw: str, schema: Schema) -> str | None:
    choices = schema.get("enum")
    if isinstance(choices, list):
        if any(equal_values(value, choice) for choice in choices):
            return None
        words = [str(choice) for choice in choices]
        if len(words) == 1:
            return f"{_quoted(value, raw)} is not {words[0]}"
        return f"{_quoted(value, raw)} is not one of {', '.join(words)}" + _near(raw, words)
    if "pattern" in schema:
        return _form_fault(value, raw, schema)
    allowed = _allowed(schema)
    if _kind(value) not in allowed:
        hint = f'; quote it: "{raw}"' if "string" in allowed and value is not None else ""
        return f"{_quoted(value, raw)} is not {_wanted(schema, allowed)}{hint}"
    if isinstance(value, str):
        return _length_fault(value, schema)
    if isinstance(value, int | float) and not isinstance(value, bool):
        least, most = schema.get("minimum"), schema.get("maximum")
        low = isinstance(least, int) and not value >= least
        high = isinstance(most, int) and not value <= most
        if low or high:
            wanted = f"at least {least}" if most is None else f"between {least} and {most}"
            return f"{raw} is not {wanted}"
    return None


def _length_fault(value: str, schema: Schema) -> str | None:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(value) < least:
        return "must not be empty"
    if isinstance(most, int) and len(value) > most:
        return f"is longer than {most} characters"
    return None


def _near(raw: str, words: list[str]) -> str:
    text = suggestion(raw, words)
    return text if text.startswith("; did you mean") else ""


def _allowed(schema: Schema) -> tuple[str, ...]:
    """The types that `schema` lets through; every type where it names none."""
    types = schema.get("type")
    if isinstance(types, str):
        return (types,)
    if isinstance(types, list):
        return tuple(str(name) for name in types)
    return ("string", "number", "boolean", "null") if "enum" in schema else tuple(_TYPES)


def _wanted(schema: Schema, allowed: tuple[str, ...]) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return "one of " + ", ".join(str(choice) for choice in choices)
    return " or ".join(_TYPES[name] for name in allowed if name != "null")


def _kind(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _quoted(value: Value, raw: str) -> str:
    if value is None and raw in ("", "~", "null"):
        return "nothing"
    text = _one_line(raw if len(raw) <= 60 else raw[:57] + "...")
    return f'"{text}"' if isinstance(value, str) else text


def _one_line(text: str) -> str:
    """Each fault is told in one line, whatever it quotes."""
    return "\\n".join(text.splitlines())


def _form_fault(value: Value, raw: str, schema: Schema) -> str | None:
    """Text of a form that has a name: "30 min" is not a duration; write 30m."""
    pattern, title, examples = schema["pattern"], str(schema["title"]), schema["examples"]
    assert isinstance(pattern, str)
    assert isinstance(examples, list)
    fits = isinstance(value, str) and re.fullmatch(pattern, value) is not None
    if fits and (title not in _DATES or parse_moment(raw) is not None):
        return None
    if value is not None and not isinstance(value, str) and re.fullmatch(pattern, raw):
        return f'{raw} is not {title}; quote it: "{raw}"'
    meant = _MEANT[title](raw) if title in _MEANT else None
    if meant is None or not re.fullmatch(pattern, meant):
        meant = str(examples[0])
    return f"{_quoted(value, raw)} is not {title}; write {meant}"


def _as_duration(raw: str) -> str | None:
    return f"{raw}m" if raw.isdigit() else suggest_duration(raw)


def _as_percentage(raw: str) -> str:
    return raw.replace(" ", "").removesuffix("%") + "%"


def _as_digest(raw: str) -> str:
    return "sha256:" + raw.strip().lower().removeprefix("sha256:")


def _as_time(raw: str) -> str | None:
    hours, _, minutes = raw.strip().replace(".", ":").partition(":")
    return f"{hours.rjust(2, '0')}:{(minutes or '0').rjust(2, '0')}"


def _as_date(raw: str) -> str | None:
    parts = raw.strip().replace("/", "-").replace(".", "-").split("-")
    text = "-".join(part.rjust(2, "0") for part in parts)
    return text if parse_moment(text) is not None else None


def _as_name(raw: str) -> str:
    return "-".join(raw.lower().replace("_", " ").split())


_DATES: Final = frozenset({"a date", "a date or time"})
"""Forms whose pattern lets 30 February through."""
_MEANT: Final[Mapping[str, Callable[[str], str | None]]] = {
    "a duration": _as_duration,
    "a percentage": _as_percentage,
    "a time of day": _as_time,
    "a date": _as_date,
    "a date or time": _as_date,
    "a digest": _as_digest,
    "a fingerprint": str.lower,
    "a lower-case name with hyphens": _as_name,
}
"""By the ``title`` of the schema: what a text that is not of the form was meant to be."""
