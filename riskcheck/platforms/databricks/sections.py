"""Sections of a bundle's file that are not what the loader expects there: nothing of them is read.

The loader warns of the same (``expected a map, found a sequence``; ``unknown field``) and goes on without them.
https://github.com/databricks/cli/blob/7bbe285213/bundle/config/root.go and target.go beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import is_null, text_of

if TYPE_CHECKING:
    from riskcheck.platforms.databricks.limits import Limits

_MAP: Final = "mapping"
_LIST: Final = "list"
_ANY: Final = ""

_BOTH: Final = {
    "artifacts": _ANY,
    "bundle": _MAP,
    "permissions": _LIST,
    "presets": _MAP,
    "resources": _MAP,
    "run_as": _MAP,
    "sync": _ANY,
    "variables": _MAP,
    "workspace": _MAP,
}
_ROOT: Final = {
    **_BOTH,
    "definitions": _ANY,
    "environments": _MAP,
    "experimental": _MAP,
    "include": _LIST,
    "python": _MAP,
    "scripts": _ANY,
    "targets": _MAP,
}
_TARGET: Final = {
    **_BOTH,
    "cluster_id": _ANY,
    "compute_id": _ANY,
    "default": _ANY,
    "git": _MAP,
    "mode": _ANY,
}
_CHOICES: Final = {"mode": ("development", "production"), "engine": ("direct", "terraform")}


def tell_unread(config: Mapping, limits: Limits) -> None:
    """Says which sections of one file are not read, and why."""
    _sections(config, _ROOT, "", limits)
    _choice(config.get("bundle"), "engine", limits)
    name = config.at("bundle", "name")
    if name is not None and "${" in text_of(name):
        limits.at(
            name,
            "reference-in-name",
            "no deployment accepts a reference in the name of a bundle: write it out",
        )
    for section in ("targets", "environments"):
        targets = config.get(section)
        for key, target in targets.entries if isinstance(targets, Mapping) else ():
            if isinstance(target, Mapping):
                _sections(target, _TARGET, f"{section}.{key.raw}.", limits)
                _choice(target, "mode", limits)
                _choice(target.get("bundle"), "engine", limits)


def _sections(holder: Mapping, known: dict[str, str], above: str, limits: Limits) -> None:
    for key, node in holder.entries:
        wanted = known.get(key.raw)
        if wanted is None:
            if not above and _lends(node, holder):
                continue
            message = f"'{above}{key.raw}' is no section of a bundle that is known: it is not compared"
            limits.at(key, "unknown-section", message)
        elif wanted and not _is(node, wanted):
            found = (
                "list" if isinstance(node, Sequence) else "text" if isinstance(node, Scalar) else "mapping"
            )
            message = f"'{above}{key.raw}' is a {found} where a {wanted} is expected: nothing of it is read"
            limits.at(key, "wrong-type", message)


def _lends(section: Node, config: Mapping) -> bool:
    """Whether other sections use what stands in `section`, by an alias: then it is there for nothing else."""
    own = _nodes([section])
    return not own.isdisjoint(_nodes([node for _, node in config.entries if node is not section]))


def _nodes(left: list[Node]) -> set[int]:
    """All nodes below `left`, by identity, however often they are used."""
    found: set[int] = set()
    while left:
        node = left.pop()
        if id(node) not in found:
            found.add(id(node))
            if isinstance(node, Mapping):
                left.extend(child for _, child in node.entries)
            elif isinstance(node, Sequence):
                left.extend(node.items)
    return found


def _is(node: Node, wanted: str) -> bool:
    if isinstance(node, Scalar):
        return is_null(node) or "${" in node.raw
    return isinstance(node, Mapping if wanted == _MAP else Sequence)


def _choice(holder: Node | None, field: str, limits: Limits) -> None:
    node = holder.get(field) if isinstance(holder, Mapping) else None
    value = text_of(node)
    if node is not None and value and value not in _CHOICES[field] and "${" not in value:
        one, other = _CHOICES[field]
        message = f"{field} '{value}' is refused when it is deployed: it is '{one}' or '{other}'"
        limits.at(node, f"invalid-{field}", message)
