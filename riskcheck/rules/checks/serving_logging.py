"""What of the requests to a serving endpoint is kept: payloads in inference tables, usage in system tables.

Facts: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json (serving.AiGatewayConfig,
serving.AutoCaptureConfigInput, serving.TelemetryConfig)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import Mapping
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import entry, node_at, number, subject, text_at, value_at
from riskcheck.rules.checks.serving_reading import leads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_LEGACY: Final = ("config", "auto_capture_config")
_GATEWAY: Final = ("ai_gateway", "inference_table_config")
_TELEMETRY: Final = ("telemetry_config", "inference_table_config")
_USAGE: Final = ("ai_gateway", "usage_tracking_config")

_PAYLOADS: Final = (_LEGACY, _GATEWAY, _TELEMETRY)
_BLOCKS: Final = (*_PAYLOADS, _USAGE)

_PLACE: Final = ("catalog_name", "schema_name", "table_name_prefix")


class Table(NamedTuple):
    """Where payloads go. name: ``catalog.schema.prefix``, parts that are not stated empty."""

    name: str
    node: Node


def is_on(endpoint: Resource | None, block: tuple[str, ...]) -> bool:
    """Whether a block of logging stands and is not switched off."""
    node = node_at(endpoint, *block)
    return isinstance(node, Mapping) and value_at(endpoint, *block, "enabled") is not False


def inference_tables(endpoint: Resource | None) -> tuple[Table, ...]:
    """The inference tables that `endpoint` fills."""
    found = []
    for block in (_GATEWAY, _LEGACY):
        node = node_at(endpoint, *block)
        if node is not None and is_on(endpoint, block):
            name = ".".join(text_at(endpoint, *block, field).lower() for field in _PLACE)
            found.append(Table(name, node))
    return tuple(found)


def logs_payloads(endpoint: Resource | None) -> bool:
    return any(is_on(endpoint, block) for block in _PAYLOADS)


def logging_disabled(change: Change, context: CheckContext) -> Iterator[Match]:
    """Requests or usage of an endpoint are no longer logged, fewer of them are, or in another table.

    Speaks once an endpoint. Values: ``subject``, ``reason``; ``restored`` where a revert switches it on again.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not leads(change, context, *_BLOCKS):
        return
    found = next(_losses(before, after), None)
    if found is not None:
        what, block, for_good = found
        yield Match(
            values={"subject": subject(after), "reason": what, "restored": not for_good},
            node=_place(block, before, after),
        )


def _losses(before: Resource, after: Resource) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """What is lost, where, and whether it cannot be switched on again; the gravest first."""
    off = [block for block in _PAYLOADS if is_on(before, block) and not is_on(after, block)]
    if off and not logs_payloads(after):
        legacy = _LEGACY in off
        ending = ", and legacy inference tables cannot be switched on again" if legacy else ""
        yield f"requests and answers are no longer logged{ending}", off[0], legacy
    if is_on(before, _USAGE) and not is_on(after, _USAGE):
        yield "usage is no longer tracked", _USAGE, False
    was, becomes = (_sampled(side) for side in (before, after))
    if was is not None and becomes is not None and becomes < was:
        yield f"{becomes:.3g} instead of {was:.3g} of its requests are logged", _TELEMETRY, False
    if is_on(before, _GATEWAY) and is_on(after, _GATEWAY):
        names = [_named(side) for side in (before, after)]
        if names[0] != names[1]:
            what = f"its inference table moves from {names[0]} to {names[1]}, which is refused while it is enabled"
            yield what, _GATEWAY, False


def _sampled(endpoint: Resource) -> float | None:
    """Share of requests that telemetry logs, 0..1; all where it says nothing."""
    block = node_at(endpoint, *_TELEMETRY)
    if not isinstance(block, Mapping):
        return None
    value = entry(block, "sampling_fraction", endpoint)
    return number(value) if block.get("sampling_fraction") is not None else 1.0


def _named(endpoint: Resource) -> str:
    parts = [text_at(endpoint, *_GATEWAY, field).lower() for field in _PLACE]
    return ".".join(part for part in parts if part)


def _place(block: tuple[str, ...], before: Resource, after: Resource) -> Node | None:
    """The switch in head, else the block there, else in base."""
    node = node_at(after, *block, "enabled") or node_at(after, *block)
    return node or node_at(before, *block)
