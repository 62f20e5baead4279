"""Reads the price table that the policy names. Imported where it names one.

The table is read from the same tree as the policy: a change to it prices later changes, never itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from riskcheck.data import data_text
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.models import Limitation
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import faults
from riskcheck.pricetable import Hours, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node, Value
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree


def with_prices(policy: Policy, tree: Tree) -> tuple[Policy, tuple[Problem, ...]]:
    """`policy` with the prices of the file that it names in `tree`, and all that is wrong with that file."""
    prices, problems = read_prices(tree, policy.budget.price_table, policy.budget.source)
    return policy._replace(budget=policy.budget._replace(prices=prices)), problems


def read_prices(tree: Tree, path: str, named_at: str) -> tuple[Prices | None, tuple[Problem, ...]]:
    """The price table in `path` of `tree`; None with its problems. named_at: ``path:line`` that names it."""
    if tree.entry(path) is None:
        source, _, line = named_at.rpartition(":")
        reason = f'budget.prices: "{path[:60]}" is no file of {tree.label}'
        return None, (Problem(source, int(line) if line.isdigit() else 1, reason),)
    document = DocumentStore(tree).get(path, "yaml")
    problems = [
        Problem(path, chunk.error.line, chunk.error.reason) for chunk in document.chunks if chunk.error
    ]
    problems += [
        Problem(path, twice.line, twice.reason) for chunk in document.chunks for twice in chunk.duplicate_keys
    ]
    root = document.root
    if document.unreadable is not None and not problems:
        problems.append(Problem(path, 1, document.error.reason if document.error else document.unreadable))
    if root is None:
        return None, tuple(problems) or (
            Problem(path, 1, "is empty; a price table begins with `currency: EUR`"),
        )
    for fault in faults(root, json.loads(data_text("schemas", "prices.schema.json"))):
        message = f"{fault.where}: {fault.message}".removeprefix(": ")
        problems.append(Problem(path, fault.node.file_line, message))
    return (None, tuple(problems)) if problems else (_prices(root, path), ())


def price_limitations(comparison: Comparison, path: str) -> Iterator[Limitation]:
    """What is wrong with the price table as the change has it: merged like that, it would end every later run."""
    was_sound = not read_prices(comparison.base, path, "")[1]
    if comparison.head.entry(path) is None:
        reason = "the policy names this price table; without it, every run would stop here"
        yield Limitation(path, "policy-error", reason, failed=was_sound)
        return
    for problem in read_prices(comparison.head, path, "")[1]:
        reason = f"{problem.message}; merged like this, every run would stop here"
        yield Limitation(problem.path, "policy-error", reason, problem.line, failed=was_sound)


def _prices(root: Node, path: str) -> Prices:
    """Of a table without faults."""
    table = plain_value(root, "yaml-1.2")
    assert isinstance(table, dict)
    listed = table.get("hours")
    hours = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    discount = table.get("spot_discount")
    return Prices(
        currency=str(table["currency"]),
        machines=_numbers(table.get("machines")),
        dbus=_numbers(table.get("dbus")),
        products=_numbers(table.get("products")),
        hours=tuple(
            Hours(str(one["where"]), _number(one.get("per_run")), _number(one.get("per_day")))
            for one in hours
        ),
        spot_discount=float(discount.removesuffix("%")) / 100 if isinstance(discount, str) else None,
        photon=_number(table.get("photon")),
        source=path,
    )


def _numbers(value: Value) -> dict[str, float]:
    """By name in lower case: the clouds take either."""
    found = value.items() if isinstance(value, dict) else ()
    return {name.lower(): number for name, one in found if (number := _number(one)) is not None}


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
