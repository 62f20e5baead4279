"""Signatures of packaged MLflow models: what callers must send and what they get back.

What is enforced: https://mlflow.org/docs/latest/ml/model/signatures (name, type with safe upcasts, required);
notation: https://github.com/mlflow/mlflow/blob/master/mlflow/types/schema.py
"""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, Match, Related
from riskcheck.nodes import Mapping, Scalar, Value
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import listed
from riskcheck.rules.checks.serving_reading import leads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_SAFE: Final = {
    "integer": frozenset({"long", "double"}),
    "long": frozenset[str](),
    "float": frozenset({"double"}),
    "boolean": frozenset[str](),
}
"""Type that callers send to the types that it is converted to without a complaint."""

_UNNAMED: Final = "#"
"""Before the position of what has no name."""

MOST_NAMES: Final = 4
MOST_PLACES: Final = 10


class Slot(NamedTuple):
    """One input, output or parameter. kind: its type in one line. default: of a parameter."""

    name: str
    kind: str
    required: bool = True
    default: str | None = None


class Signature(NamedTuple):
    """inputs, outputs, params: by name; None where the file states none, or what it states cannot be read."""

    inputs: dict[str, Slot] | None = None
    outputs: dict[str, Slot] | None = None
    params: dict[str, Slot] | None = None


def narrowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A packaged model asks its callers for more, or gives them less. Speaks once a model.

    Values: ``model``, ``reason``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not leads(change, context, ("signature",), ("flavors",)):
        return
    old, new = signature_of(before), signature_of(after)
    told = [*_inputs(old, new), *_outputs(old, new), *_params(old, new), *_flavors(before, after)]
    if not told:
        return
    users = context.users(after.provides, after)
    names = listed(list(dict.fromkeys(one.label for one in users)), MOST_NAMES)
    yield Match(
        values={
            "model": after.name,
            "reason": listed(told, 6) + (f"; used by {names}" if users else ""),
        },
        node=after.body.at("signature") if change.path == ("signature",) else None,
        related=tuple(Related("consumer", one.location) for one in users[:MOST_PLACES]),
    )


def signature_of(model: Resource) -> Signature:
    """What the file states of the signature; it is JSON inside YAML."""
    signature = model.body.get("signature")
    if not isinstance(signature, Mapping):
        return Signature()
    return Signature(*(_slots(signature.get(part), model) for part in ("inputs", "outputs", "params")))


def _slots(node: Node | None, model: Resource) -> dict[str, Slot] | None:
    if node is None:
        return None
    value = plain_value(node, model.reading)
    if isinstance(node, Scalar):
        try:
            value = loads(node.raw)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list):
        return {} if value is None else None
    found = [_slot(item, number) for number, item in enumerate(value)]
    return {one.name: one for one in found if one is not None}


def _slot(item: Value, number: int) -> Slot | None:
    if not isinstance(item, dict):
        return None
    name = item.get("name")
    default = item.get("default")
    return Slot(
        str(name) if isinstance(name, str) and name else f"{_UNNAMED}{number}",
        kind_of(item),
        item.get("required") is not False and item.get("optional") is not True,
        None if default is None else str(default),
    )


def kind_of(item: dict[str, Value]) -> str:
    """``double``, ``tensor float32 [-1, 28]``, ``array of string``, ``object {a: long}``."""
    kind = item.get("type", item.get("dtype"))
    tensor = item.get("tensor-spec")
    if isinstance(tensor, dict):
        return f"tensor {tensor.get('dtype')} {tensor.get('shape')}"
    if kind == "array" and isinstance(item.get("items"), dict):
        return f"array of {kind_of(item['items'])}"  # type: ignore[arg-type]
    properties = item.get("properties")
    if kind == "object" and isinstance(properties, dict):
        inner = [
            f"{name}{'' if part.get('required') is not False else '?'}: {kind_of(part)}"
            for name, part in sorted(properties.items())
            if isinstance(part, dict)
        ]
        return f"object {{{', '.join(inner)}}}"
    return str(kind) if isinstance(kind, str) else "unknown"


def _inputs(old: Signature, new: Signature) -> Iterator[str]:
    if old.inputs is None or new.inputs is None:
        if old.inputs and new.inputs is None:
            yield "no signature checks its inputs any more"
        return
    gone = [name for name in old.inputs if name not in new.inputs]
    asked = [one for name, one in new.inputs.items() if name not in old.inputs and one.required]
    if len(gone) == len(asked) == 1 and old.inputs[gone[0]].kind == asked[0].kind:
        yield f"input {gone[0]} is called {asked[0].name}"
    else:
        yield from (f"input {one.name} ({one.kind}) is required" for one in asked)
    for name, one in new.inputs.items():
        was = old.inputs.get(name)
        if was is None:
            continue
        if was.kind != one.kind and one.kind not in _SAFE.get(was.kind, ()):
            yield f"input {name} goes from {was.kind} to {one.kind}"
        elif one.required and not was.required:
            yield f"input {name} is required"


def _outputs(old: Signature, new: Signature) -> Iterator[str]:
    if old.outputs is None or new.outputs is None:
        return
    for name, was in old.outputs.items():
        one = new.outputs.get(name)
        if one is None:
            yield f"output {name} goes"
        elif one.kind != was.kind:
            yield f"output {name} goes from {was.kind} to {one.kind}"


def _params(old: Signature, new: Signature) -> Iterator[str]:
    for name, was in (old.params or {}).items():
        one = (new.params or {}).get(name)
        if one is None:
            if new.params is not None and not name.startswith(_UNNAMED):
                yield f"parameter {name} is no longer heeded"
        elif one.kind != was.kind:
            yield f"parameter {name} goes from {was.kind} to {one.kind}"
        elif one.default != was.default:
            yield f"parameter {name} defaults to {one.default} instead of {was.default}"


def _flavors(before: Resource, after: Resource) -> Iterator[str]:
    old, new = before.body.get("flavors"), after.body.get("flavors")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from (f"it can no longer be loaded as {name}" for name in old.index if name not in new.index)
