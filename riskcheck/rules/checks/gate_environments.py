"""Edits of the environments and services of ``riskcheck.yaml`` that let more through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_values import (
    TIERS,
    Plain,
    Weakening,
    at,
    named,
    part,
    rank,
    removed,
    seconds,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.nodes import KeyPath, Value


def environments(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Environments that go, count for less, soak for less or come earlier."""
    old, new = named(before.get("environments")), named(after.get("environments"))
    ordered = bool(before.get("promotion"))
    for name, was in old.items():
        path = at("environments", f"[{name}]")
        production = was.get("stage") == "prod"
        becomes = new.get(name)
        if becomes is None:
            if production or ordered:
                yield Weakening(path, f"environment {name} ({was.get('stage')}) is not declared any more")
            continue
        if production and becomes.get("stage") != "prod":
            yield Weakening(
                (*path, "stage"), f"environment {name} counts as {becomes.get('stage')}, not production"
            )
        if seconds(becomes, "soak") < seconds(was, "soak"):
            yield Weakening(
                (*path, "soak"), f"soak in {name} falls from {was.get('soak')} to {becomes.get('soak')}"
            )
        if not production:
            continue
        for key in ("tier", "region"):
            if was.get(key) and becomes.get(key) != was.get(key):
                becoming = becomes.get(key) or "none"
                yield Weakening((*path, key), f"{key} of {name} goes from {was.get(key)} to {becoming}")
        gone = removed(was.get("paths"), becomes.get("paths"))
        if gone:
            yield Weakening((*path, "paths"), f"{listed(gone)} no longer belongs to {name}")
    if ordered and after.get("promotion"):
        yield from _order(list(old), list(new), old)


def _order(old: list[str], new: list[str], declared: Mapping[str, Plain]) -> Iterator[Weakening]:
    """A production environment that comes before one it used to wait for."""
    for name in old:
        if declared[name].get("stage") != "prod" or name not in new:
            continue
        still = set(new[: new.index(name)])
        skipped = [one for one in old[: old.index(name)] if one in new and one not in still]
        if skipped:
            yield Weakening(at("promotion_order"), f"{name} no longer comes after {listed(skipped)}")


def services(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Services that go, or that less is promised of."""
    old, new = named(before.get("services")), named(after.get("services"))
    renamed = [_nameless(service) for name, service in new.items() if name not in old]
    for name, was in old.items():
        path = at("services", f"[{name}]")
        becomes = new.get(name)
        matters = was.get("criticality") == "tier-1" or bool(words(was.get("scopes")) or was.get("support"))
        if becomes is None:
            if matters and _nameless(was) not in renamed:
                yield Weakening(
                    path, f"service {name} ({was.get('criticality') or 'scoped'}) is not declared any more"
                )
            continue
        if rank(TIERS, becomes.get("criticality")) < rank(TIERS, was.get("criticality")):
            change = f"{was.get('criticality')} to {becomes.get('criticality') or 'none'}"
            yield Weakening((*path, "criticality"), f"criticality of {name} falls from {change}")
        for key in ("rto", "rpo", "sla"):
            if was.get(key) and not 0 < seconds(becomes, key) <= seconds(was, key):
                change = f"{was.get(key)} to {becomes.get(key) or 'none'}"
                yield Weakening((*path, key), f"{key} of {name} goes from {change}")
        yield from _runbook(name, (*path, "runbook"), part(was, "runbook"), part(becomes, "runbook"))
        gone = removed(was.get("scopes"), becomes.get("scopes"))
        if gone:
            yield Weakening((*path, "scopes"), f"{name} leaves the scope of {listed(gone)}")
        if was.get("support") and becomes.get("support") != was.get("support"):
            change = f"{was.get('support')} to {becomes.get('support') or 'none'}"
            yield Weakening((*path, "support"), f"support of {name} goes from {change}")
        gone = removed(was.get("paths"), becomes.get("paths")) if matters else []
        if gone:
            yield Weakening((*path, "paths"), f"{listed(gone)} no longer belongs to {name}")


def _runbook(name: str, path: KeyPath, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    """A duration is measured when a runbook is exercised: one that falls without that was not measured."""
    before, after = (seconds(one, "duration") for one in (was, becomes))
    shorter = after > 0 and (not before or after < before)
    if was and shorter and becomes.get("exercised") == was.get("exercised"):
        change = f"from {was.get('duration') or 'none'} to {becomes.get('duration')}"
        what = f"the runbook of {name} is said to take less, {change}, without having been exercised again"
        yield Weakening((*path, "duration"), what)


def _nameless(service: Plain) -> dict[str, Value]:
    return {key: value for key, value in service.items() if key != "name"}
