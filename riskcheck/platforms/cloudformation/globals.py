"""``Globals`` of a SAM template: what all functions, or all interfaces, of it have in common.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence

if TYPE_CHECKING:
    from riskcheck.platforms.cloudformation.template import Template

_SERVERLESS: Final = "AWS::Serverless::"


def with_globals(template: Template, kind: str, stated: Mapping | None) -> Mapping | None:
    """The properties of a resource of `kind` over those that all of its kind have; None where there are none."""
    held = template.section("Globals") if kind.startswith(_SERVERLESS) else None
    common = held.get(kind.removeprefix(_SERVERLESS)) if held is not None else None
    if not isinstance(common, Mapping):
        return stated
    if stated is None:
        return common
    merged = _merged(common, stated)
    return merged if isinstance(merged, Mapping) else stated


def _merged(common: Node, own: Node) -> Node:
    """Mappings are merged, lists of the resource come behind the common ones, everything else is replaced."""
    if isinstance(common, Mapping) and isinstance(own, Mapping):
        entries = {key.raw: (key, node) for key, node in common.entries}
        for key, node in own.entries:
            before = entries.get(key.raw)
            entries[key.raw] = (key, node if before is None else _merged(before[1], node))
        return own.with_entries(list(entries.values()))
    if isinstance(common, Sequence) and isinstance(own, Sequence):
        return own.with_items([*common.items, *own.items])
    return own
