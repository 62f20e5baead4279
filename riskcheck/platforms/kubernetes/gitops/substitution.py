"""Variables that Flux puts into objects after they were built.

Facts: https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution : ``${var}``,
``${var:=default}``, ``${var:-default}``, ``$${var}`` for the text ``${var}`` itself, nothing where the object is
marked ``kustomize.toolkit.fluxcd.io/substitute: disabled``. A variable that nobody sets is empty. Functions on
variables are not evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.growth import Growth
from riskcheck.nodes import Deferred, Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    import re

    from riskcheck.platforms.kubernetes.objects import KubeObject

_REFERENCE: Final = regex(r"(\$\$\{)|\$\{([_A-Za-z][_A-Za-z0-9]*)(?::?[-=]([^${}]*))?\}")
_MARK: Final = "kustomize.toolkit.fluxcd.io/substitute"
_QUOTES: Final = ('"', "'")
MAX_LENGTH: Final = 1_000_000
"""Characters that a text may come to."""


class Variables(NamedTuple):
    """known: variable to the node of its value. complete: no source of variables is out of reach, so that what is
    not known is empty, or its default. read: files that the values stand in."""

    known: dict[str, Scalar]
    complete: bool
    read: frozenset[str] = frozenset()


def substituted(found: KubeObject, variables: Variables, growth: Growth | None = None) -> KubeObject:
    """`found` with the variables put in; those that are not known stay as they are written. growth: of all objects
    of a build; texts beyond it stay as they are written."""
    metadata = found.body.get("metadata")
    for field in ("annotations", "labels"):
        marks = metadata.get(field) if isinstance(metadata, Mapping) else None
        if isinstance(marks, Mapping) and text(marks.get(_MARK)) == "disabled":
            return found
    body = _in(found.body, variables, Growth() if growth is None else growth)
    return found.evolve(body) if isinstance(body, Mapping) and body is not found.body else found


def _in(node: Node, variables: Variables, growth: Growth) -> Node:
    if isinstance(node, Scalar):
        return _put_in(node, variables, growth) if "${" in node.raw else node
    if isinstance(node, Deferred):
        return node
    if isinstance(node, Mapping):
        entries: list[tuple[Scalar, Node]] = []
        same = True
        for key, value in node.entries:
            new_key = _put_in(key, variables, growth) if "${" in key.raw else key
            new = _in(value, variables, growth)
            same = same and new is value and new_key is key
            entries.append((new_key, new))
        return node if same else node.with_entries(entries)
    if isinstance(node, Sequence):
        items = [_in(item, variables, growth) for item in node.items]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else node.with_items(items)
    return node


def _put_in(node: Scalar, variables: Variables, growth: Growth) -> Scalar:
    used: dict[str, Scalar] = {}
    left = MAX_LENGTH

    def value(match: re.Match[str]) -> str:
        nonlocal left
        if match[1]:
            return "${"
        known = variables.known.get(match[2])
        if known is not None and (text(known) or match[3] is None):
            used[match[2]] = known
            left -= len(text(known))
            return text(known) if left >= 0 else ""
        return (match[3] or "") if variables.complete else match[0]

    done = _REFERENCE.sub(value, node.raw)
    if left < 0:
        growth.met = True
    if done == node.raw or left < 0 or not growth.takes(len(done)):
        return node
    style = node.style
    if style != "block" and "\n" not in done:
        # Flux puts the values into YAML text that is parsed anew: `"${COUNT}"` becomes a number, too.
        style = "plain"
        if len(done) > 1 and done[0] in _QUOTES and done[-1] == done[0]:
            done, style = done[1:-1], "quoted"
    if len(used) == 1:
        (origin,) = used.values()
        via: tuple[Node, ...] = (node,)
    else:
        origin, via = node, tuple(used.values())
    place = (origin.source, origin.line, origin.column, origin.end_line, origin.end_column)
    return Scalar(done, *place, style, via=via)
