"""SQL alerts of a bundle: gone, told to nobody, or satisfied with worse values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Sequence
from riskcheck.rules.checks.databricks_values import neighbours, node_at, shown, text_at, value_at
from riskcheck.rules.checks.weaknesses import Weakness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_SUBSCRIPTIONS: Final = ("evaluation", "notification", "subscriptions")
_LIMIT: Final = ("evaluation", "threshold", "value", "double_value")
_RISING: Final = ("GREATER_THAN", "GREATER_THAN_OR_EQUAL")
_FALLING: Final = ("LESS_THAN", "LESS_THAN_OR_EQUAL")


def alert_weaknesses(
    before: Resource, after: Resource | None, factor: float, context: CheckContext
) -> Iterator[Weakness]:
    """What `before` noticed and `after` does not. after: None where the alert is removed. factor: by which a
    threshold may become looser."""
    if after is None:
        if any(neighbours(before, "targets", context.head)) and not _lives_on(before, context):
            yield Weakness("it is removed", before.origin, None)
        return
    old, new = node_at(before, *_SUBSCRIPTIONS), node_at(after, *_SUBSCRIPTIONS)
    if isinstance(old, Sequence) and old.items and not (isinstance(new, Sequence) and new.items):
        yield Weakness("nobody is subscribed to it any more", old.items[0], None)
    was, becomes = _number(before), _number(after)
    operator = text_at(after, "evaluation", "comparison_operator").upper()
    if was is None or becomes is None or operator != _operator(before):
        return
    slack = abs(was) * (factor - 1)
    if (operator in _RISING and becomes > was + slack) or (operator in _FALLING and becomes < was - slack):
        what = f"its threshold goes from {shown(was)} to {shown(becomes)}"
        yield Weakness(what, node_at(before, *_LIMIT), node_at(after, *_LIMIT))


def _operator(alert: Resource) -> str:
    return text_at(alert, "evaluation", "comparison_operator").upper()


def _number(alert: Resource) -> float | None:
    value = value_at(alert, *_LIMIT)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _lives_on(alert: Resource, context: CheckContext) -> bool:
    """Whether an alert under another key asks the same query, or has the same name."""
    query, name = " ".join(text_at(alert, "query_text").split()), text_at(alert, "display_name")
    return any(
        (query and " ".join(text_at(other, "query_text").split()) == query)
        or (name and text_at(other, "display_name") == name)
        for other in neighbours(alert, "alerts", context.head)
    )
