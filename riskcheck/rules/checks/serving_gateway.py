"""What the AI gateway of a serving endpoint refuses or absorbs: guardrails, rate limits, fallback.

Facts: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json (serving.AiGatewayConfig)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text as scalar_text
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import (
    entry,
    items,
    listed,
    node_at,
    number,
    subject,
    text_at,
    value_at,
)
from riskcheck.rules.checks.serving_reading import leads, limit, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_BLOCKS: Final = (
    ("ai_gateway", "guardrails"),
    ("ai_gateway", "rate_limits"),
    ("ai_gateway", "fallback_config"),
    ("rate_limits",),
)
_SIDES: Final = ("input", "output")
_PII: Final = ("NONE", "MASK", "BLOCK")
"""What happens to personal data, from nothing to refusing the request."""


class Loosened(NamedTuple):
    """What holds less than before, and where: in head, in base where it went."""

    what: str
    node: Node | None
    was: Node | None = None


class Allowance(NamedTuple):
    """One rate limit. amounts: calls and tokens, None where it limits none."""

    amounts: tuple[float | None, float | None]
    node: Node


def gateway_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Guardrails, rate limits or the fallback of an endpoint went or were loosened. Speaks once an endpoint.

    Values: ``subject``, ``reason``, ``guardrails`` (whether a guardrail is among it).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not leads(change, context, *_BLOCKS):
        return
    guardrails = list(_guardrails(before, after))
    found = [*guardrails, *_limits(before, after, context), *_fallback(before, after)]
    if found:
        was = found[0].was
        yield Match(
            values={
                "subject": subject(after),
                "reason": listed([one.what for one in found]),
                "guardrails": bool(guardrails),
            },
            node=found[0].node or was,
            related=(Related("before", location_of(was)),) if was is not None and found[0].node else (),
        )


def _guardrails(before: Resource, after: Resource) -> Iterator[Loosened]:
    for side in _SIDES:
        block = ("ai_gateway", "guardrails", side)
        safety = (*block, "safety")
        if value_at(before, *safety) is True and value_at(after, *safety) is not True:
            yield _loosened(f"the {side} safety filter is off", before, after, safety)
        pii = (*block, "pii", "behavior")
        was, becomes = (_pii(side_, pii) for side_ in (before, after))
        if was is not None and becomes is not None and becomes < was:
            done = "is no longer detected" if not becomes else "is masked and no longer blocked"
            yield _loosened(f"personal data in the {side} {done}", before, after, pii)
        words = (*block, "invalid_keywords")
        gone = [word for word in _texts(before, words) if word not in _texts(after, words)]
        if gone:
            count = "1 keyword" if len(gone) == 1 else f"{len(gone)} keywords"
            yield _loosened(f"{count} of the {side} may be used again", before, after, words)
        topics = (*block, "valid_topics")
        if _texts(before, topics) and not _texts(after, topics):
            yield _loosened(f"the {side} may be about any topic", before, after, topics)


def _pii(endpoint: Resource, path: tuple[str, ...]) -> int | None:
    """What is done about personal data, by rank; None for a word that is not known."""
    behavior = text_at(endpoint, *path).upper() or "NONE"
    return _PII.index(behavior) if behavior in _PII else None


def _texts(endpoint: Resource, path: tuple[str, ...]) -> tuple[str, ...]:
    node = node_at(endpoint, *path)
    if not isinstance(node, Sequence):
        return ()
    return tuple(filter(None, (scalar_text(item) for item in node.items)))


def _loosened(what: str, before: Resource, after: Resource, path: tuple[str, ...]) -> Loosened:
    return Loosened(what, node_at(after, *path), node_at(before, *path))


def _limits(before: Resource, after: Resource, context: CheckContext) -> Iterator[Loosened]:
    most = limit(context, "max_rate_growth", 2.0)
    old, new = _allowances(before), _allowances(after)
    for whom, one in old.items():
        other = new.get(whom)
        if other is None:
            yield Loosened(f"the rate limit per {whom} goes", None, one.node)
            continue
        for unit, was, becomes in zip(("calls", "tokens"), one.amounts, other.amounts, strict=True):
            if was is None:
                continue
            counted_otherwise = None in one.amounts and other.amounts != (None, None)
            if becomes is None and not counted_otherwise:
                yield Loosened(f"{unit} per {whom} are no longer limited", other.node, one.node)
            elif becomes is not None and becomes > was * most:
                what = f"{becomes:g} instead of {was:g} {unit} per {whom} are allowed"
                yield Loosened(what, other.node, one.node)


def _allowances(endpoint: Resource) -> dict[str, Allowance]:
    """What each rate limit is for, such as ``user``, to the limit; those of the field that the gateway replaced
    included."""
    found: dict[str, Allowance] = {}
    for path in (("rate_limits",), ("ai_gateway", "rate_limits")):
        for item in items(endpoint, *path):
            key = text(item, "key", endpoint) or "endpoint"
            principal = text(item, "principal", endpoint)
            whom = f"{key.replace('_', ' ')} {principal}".strip()
            whom += f" and {text(item, 'renewal_period', endpoint) or 'minute'}"
            amounts = (number(entry(item, "calls", endpoint)), number(entry(item, "tokens", endpoint)))
            found[whom] = Allowance(amounts, item)
    return found


def _fallback(before: Resource, after: Resource) -> Iterator[Loosened]:
    path = ("ai_gateway", "fallback_config", "enabled")
    if value_at(before, *path) is True and value_at(after, *path) is not True:
        yield _loosened("failed requests no longer fall back to another entity", before, after, path)
