"""Sets of parameters: what one entry of a generator hands to the template of an ApplicationSet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_null
from riskcheck.platforms.kubernetes.gitops.templates import Parameter, Parameters, filled, normalised
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 32
"""Levels of an element that are looked into."""


class ParameterSet(NamedTuple):
    """values: flat (``path.basename``) without Go templates, nested with them.

    assumed: it counts only if a cluster of that name exists, which no file of the repository says. open: it stands
    for clusters that no file names. templates: overrides of the template, the outermost last. read: files that it
    was made from.
    """

    values: Parameters
    assumed: bool = False
    open: bool = False
    templates: tuple[Mapping, ...] = ()
    read: frozenset[str] = frozenset()


def plain(node: Node, depth: int = 0) -> Parameter | None:
    """A node as a parameter; None for null and for what is nested too deeply."""
    if isinstance(node, Scalar):
        return None if is_null(node) else node.raw
    if depth >= MAX_DEPTH:
        return None
    if isinstance(node, Mapping):
        pairs = ((key.raw, plain(value, depth + 1)) for key, value in node.entries)
        return {key: value for key, value in pairs if value is not None}
    if isinstance(node, Sequence):
        return [value for item in node.items if (value := plain(item, depth + 1)) is not None]
    return None


def stated_in(element: Mapping, go: bool) -> Parameters:
    """The parameters that an element of a list, or a file, states."""
    found = plain(element)
    values = found if isinstance(found, dict) else {}
    return values if go else dict(flat(values))


def flat(values: Parameters, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters under dotted names, as ApplicationSets without Go templates have them."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield from flat({str(number): item for number, item in enumerate(value)}, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def of_path(directory: str, go: bool, *, file: str = "", prefix: str = "") -> Parameters:
    """``path`` and its parts. file: the name of the file, of the generator that reads files."""
    name = directory.rpartition("/")[2]
    segments = directory.split("/")
    parts: Parameters = {
        "path": directory,
        "basename": name,
        "basenameNormalized": normalised(name),
        "segments": list(segments),
    }
    if file:
        parts |= {"filename": file, "filenameNormalized": normalised(file)}
    if go:
        return {prefix: {"path": parts}} if prefix else {"path": parts}
    start = f"{prefix}.path" if prefix else "path"
    found: Parameters = {start: directory, f"{start}.path": directory}
    found.update((f"{start}.{key}", value) for key, value in parts.items() if isinstance(value, str))
    found.update((f"{start}[{number}]", segment) for number, segment in enumerate(segments))
    return found


def with_values(one: ParameterSet, stated: Node | None, go: bool) -> ParameterSet:
    """`one` with the generator's ``values``, which may name other parameters. What they cannot be filled in with
    is left out, so that whoever uses them stays unresolved."""
    if not isinstance(stated, Mapping):
        return one
    found: Parameters = {}
    for key, node in stated.entries:
        written = plain(node)
        value = filled(written, one.values, go) if isinstance(written, str) else None
        if value is not None:
            found[key.raw] = value
    if go:
        known = one.values.get("values")
        return one._replace(
            values=one.values | {"values": (known if isinstance(known, dict) else {}) | found}
        )
    return one._replace(values=one.values | {f"values.{key}": value for key, value in found.items()})


def joined(one: ParameterSet, other: ParameterSet) -> ParameterSet:
    """Both sets as one, the other's values counting where both have one."""
    return ParameterSet(
        _merged(one.values, other.values),
        one.assumed or other.assumed,
        one.open or other.open,
        (*one.templates, *other.templates),
        one.read | other.read,
    )


def _merged(one: Parameters, other: Parameters) -> Parameters:
    found = dict(one)
    for key, value in other.items():
        known = found.get(key)
        found[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return found
