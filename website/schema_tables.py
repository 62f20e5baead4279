"""Tables of the keys of a JSON schema: type, meaning, default and an example of each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = Mapping[str, Any]


class Key(NamedTuple):
    """A key of a schema. path: `environments[].name`; `*` where any name may stand."""

    path: str
    schema: Schema
    required: bool


def without_null(value: Any) -> Any:
    """A schema in which an empty value of a key, the same as leaving it out, is not mentioned."""
    if isinstance(value, dict):
        return {key: without_null(one) for key, one in value.items()}
    if isinstance(value, list):
        rest = [without_null(one) for one in value if one != "null"]
        return rest[0] if len(rest) == 1 and len(value) == 2 and "null" in value else rest
    return value


def keys_of(schema: Schema, root: Schema, path: str) -> Iterator[Key]:
    """All keys below a schema, in its order."""
    required = schema.get("required", ())
    for name, raw in _together(schema.get("properties", {}), root):
        below = _resolved(raw, root)
        place = f"{path}.{name}" if path else name
        yield Key(place, below, name in required)
        yield from keys_of(below, root, place)
    for raw in (*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")):
        if isinstance(raw, dict):
            yield from keys_of(_resolved(raw, root), root, f"{path}.*")
    if isinstance(schema.get("items"), dict):
        yield from keys_of(_resolved(schema["items"], root), root, f"{path}[]")
    for choice in _choices(schema):
        yield from keys_of(_resolved(choice, root), root, path)


def _together(properties: Mapping[str, Schema], root: Schema) -> Iterator[tuple[str, Schema]]:
    """Names and schemas; names of one and the same mapping stand together, as in `{P0,P1}`."""
    names: dict[str, list[str]] = {}
    for name, raw in properties.items():
        shared = "$ref" in raw and "properties" in _resolved(raw, root)
        names.setdefault(raw["$ref"] if shared else name, []).append(name)
    for group in names.values():
        raw = properties[group[0]]
        if len(group) == 1:
            yield group[0], raw
        else:
            yield f"{{{','.join(group)}}}", {"$ref": raw["$ref"]}


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with what it refers to; what it says itself goes first."""
    name = schema.get("$ref", "")
    if not name.startswith("#/"):
        return schema
    found: Any = root
    for step in name[2:].split("/"):
        found = found[step]
    return {**_resolved(found, root), **{key: value for key, value in schema.items() if key != "$ref"}}


def _choices(schema: Schema) -> tuple[Schema, ...]:
    return (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ()))


def table(keys: list[Key], root: Schema, example: object, written: bool) -> Iterator[str]:
    shown = example is not None or any(key.schema.get("examples") for key in keys)
    yield "| key | type | what it is |" + (" example |" if shown else "")
    yield "|---|---|---|" + ("---|" if shown else "")
    done = set()
    for key in keys:
        if key.path not in done:
            done.add(key.path)
            name = f"`{key.path}`" + (" (required)" if key.required and written else "")
            cells = [name, _type(key.schema, root), _meaning(key.schema, root)]
            yield "| " + " | ".join([*cells, *([_example(key, root, example)] if shown else [])]) + " |"


def _type(schema: Schema, root: Schema) -> str:
    """The type in words: `list of durations`, `P0 or P1`."""
    schema = _resolved(schema, root)
    values = _allowed(schema)
    if values:
        return ", ".join(f"`{value}`" for value in values)
    choices = [_type(one, root) for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    if choices:
        return " or ".join(dict.fromkeys(choices))
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    words = [_word(name, schema, root) for name in names] or ["anything"]
    if isinstance(types, list) and "null" in types:
        words.append("null")
    return " or ".join(words)


def _word(name: str, schema: Schema, root: Schema) -> str:
    if name == "array":
        items = _resolved(schema.get("items", {}), root)
        return f"list of {_several(_type(items, root))}" if items else "list"
    if name == "object":
        inside = schema.get("additionalProperties")
        return f"mapping of {_several(_type(inside, root))}" if inside else "mapping"
    return str(schema.get("title", {"string": "text", "boolean": "`true` or `false`"}.get(name, name)))


def _several(words: str) -> str:
    """`durations` for `a duration`."""
    if words.startswith(("a ", "an ")):
        words = words.partition(" ")[2]
    return (
        words if words == "text" or not words.replace(" ", "").isalpha() or " or " in words else f"{words}s"
    )


def _allowed(schema: Schema) -> list[str]:
    if "const" in schema:
        return [str(schema["const"])]
    return ["null" if value is None else str(value) for value in schema.get("enum", ())]


def _meaning(schema: Schema, root: Schema) -> str:
    texts = [sentence(schema.get("description", ""))]
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        texts.append(f"From {low} to {high}.")
    elif low is not None:
        texts.append(f"At least {low}.")
    if "default" in schema:
        texts.append(f"Default: `{json.dumps(schema['default'], ensure_ascii=False).strip(chr(34))}`.")
    return escaped(" ".join(text for text in texts if text))


def _example(key: Key, root: Schema, example: object) -> str:
    stated = _looked_up(example, re.findall(r"[^.\[\]]+|\[\]", key.path))
    if isinstance(stated, str | int | float):
        return _code(_said(stated))
    if isinstance(stated, list) and all(isinstance(one, str | int | float) for one in stated) and stated:
        return _code(f"[{', '.join(map(_said, stated))}]")
    if isinstance(stated, dict) and stated and not key.schema.get("properties"):
        name, value = next(iter(stated.items()))
        return _code(f"{{{name}: {_flow(value)}}}")
    given = key.schema.get("examples") or _resolved(key.schema.get("items", {}), root).get("examples")
    if given:
        return _code(_flow(given[0]))
    return ""


def _looked_up(value: object, steps: list[str]) -> object:
    """The first value that an example has at a path."""
    if not steps:
        return value
    if steps[0] == "[]":
        found = (_looked_up(one, steps[1:]) for one in value) if isinstance(value, list) else iter(())
    elif isinstance(value, dict):
        names = list(value) if steps[0] == "*" else steps[0].strip("{}").split(",")
        inside = [value[name] for name in names if name in value]
        found = (_looked_up(one, steps[1:]) for one in inside)
    else:
        return None
    return next((one for one in found if one is not None), None)


def _flow(value: object) -> str:
    """A value as YAML writes it in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in value.items())}}}"
    return _said(value)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"


def sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "?", "!", ":")) else f"{text}."


def escaped(text: str) -> str:
    """Text in which what a table or HTML would read as its own stands for itself."""
    return re.sub(r"(?<![`\w])<([^>]*)>", r"`<\1>`", text.replace("|", "\\|")).replace("**", "\\*\\*")
