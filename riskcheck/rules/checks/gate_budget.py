"""Edits of the budget of ``riskcheck.yaml`` that let more be spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    at,
    part,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """A cap that is raised, and costs or prices that it is held against."""
    was, becomes = (part(one, "budget").get("max_increase") for one in (before, after))
    if was is not None and (becomes is None or _percent(becomes) > _percent(was)):
        raised = f"raised from {was} to {becomes}" if becomes is not None else "removed"
        yield Weakening(at("budget", "max_increase"), f"the cap on cost is {raised}")
    cost, costs = (part(one, "budget").get("monthly") for one in (before, after))
    if isinstance(cost, int | float) and (not isinstance(costs, int | float) or costs > cost):
        to = f"raised from {cost:,} to {costs:,}" if isinstance(costs, int | float) else "removed"
        yield Weakening(at("budget", "monthly"), f"the monthly cost that the cap is a share of is {to}")
    parts = _costs(before)
    for where, less in _costs(after).items():
        if where in parts and less < parts[where]:
            yield Weakening(
                at("budget", "resources"), f"the cost of {where} falls from {parts[where]:,} to {less:,}"
            )
    table, tables = (part(one, "budget").get("prices") for one in (before, after))
    if table and tables != table:
        instead = (
            f"come from {tables} instead of {table}" if tables else f"are not read from {table} any more"
        )
        yield Weakening(at("budget", "prices"), f"prices {instead}")


def _costs(policy: Plain) -> dict[str, float]:
    """What the policy says that single resources cost."""
    held = part(policy, "budget").get("resources")
    found: dict[str, float] = {}
    for one in held if isinstance(held, list) else []:
        cost = part(one).get("monthly")
        if isinstance(cost, int | float):
            found[str(part(one).get("where"))] = cost
    return found


def _percent(value: Value) -> float:
    try:
        return float(str(value).removesuffix("%"))
    except ValueError:
        return 0.0
