"""Edits of ``riskcheck.yaml`` that let more through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import parse_duration, parse_moment, spell
from riskcheck.phrases import listed
from riskcheck.rules.checks import (
    gate_budget,
    gate_choice,
    gate_environments,
    gate_files,
    gate_places,
    gate_waivers,
    gate_windows,
)
from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    added,
    at,
    moment,
    named,
    part,
    rank,
    removed,
    text,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_choice import Severities

CANARY: Final = ("never", "risky", "all")


def weakenings(before: Plain, after: Plain, now: int, severity_of: Severities) -> Iterator[Weakening]:
    """Every part of the policy that holds less in `after`. An empty `before` is a repository without a policy."""
    yield from _promotion(before, after)
    yield from gate_environments.environments(before, after)
    yield from gate_environments.services(before, after)
    yield from gate_places.weakenings(before, after)
    yield from _lists(before, after)
    yield from gate_files.weakenings(before, after)
    yield from _gate(before, after)
    yield from _freezes(before, after, now)
    yield from gate_windows.weakenings(before, after)
    yield from _approvals(before, after)
    yield from gate_budget.weakenings(before, after)
    yield from gate_choice.weakenings(before, after, severity_of)
    yield from gate_waivers.weakenings(before, after)


def _promotion(before: Plain, after: Plain) -> Iterator[Weakening]:
    if before.get("promotion") and not after.get("promotion"):
        yield Weakening(at("promotion"), "no promotion order is declared any more, so P1 only warns")
        return
    was, becomes = before.get("promotion"), after.get("promotion")
    if not was or was == becomes or (was, becomes) == ("pipeline", "git"):
        return
    if (was, becomes) == ("git", "pipeline"):
        what = (
            "a gated pipeline counts as a canary instead of a lower environment that ran it for its soak time"
        )
    else:
        what = "whether it asks for as much is not known"
    yield Weakening(at("promotion"), f"promotion goes from {was} to {becomes}: {what}")


def _lists(before: Plain, after: Plain) -> Iterator[Weakening]:
    for key, what in (("catalogs", "service catalog"), ("known_addresses", "list of addresses in use")):
        for gone in removed(before.get(key), after.get(key)):
            yield Weakening(at(key, f"[{gone}]"), f"{what} {gone} is not read any more")
    for digest in added(before.get("trusted_plans"), after.get("trusted_plans")):
        yield Weakening(at("trusted_plans", f"[{digest}]"), f"the plan of digest {digest} may lower levels")


def _gate(before: Plain, after: Plain) -> Iterator[Weakening]:
    old, new = part(before, "gate"), part(after, "gate")
    was, becomes = old.get("require_canary") or "risky", new.get("require_canary") or "risky"
    if rank(CANARY, becomes) < rank(CANARY, was):
        yield Weakening(
            at("gate", "require_canary"), f"canary evidence is asked for: {becomes} instead of {was}"
        )
    if (old.get("incomplete") or "block") == "block" and new.get("incomplete") == "warn":
        yield Weakening(at("gate", "incomplete"), "changed input that was not analysed only warns")
    was_longest, longest = (parse_duration(text(one.get("max_waiver")) or "") for one in (old, new))
    if was_longest and (not longest or longest > was_longest):
        change = f"from {spell(was_longest)} to {spell(longest) if longest else 'any time'}"
        yield Weakening(at("gate", "max_waiver"), f"waivers may last longer: {change}")


def _freezes(before: Plain, after: Plain, now: int) -> Iterator[Weakening]:
    new = named(after.get("freezes"))
    for name, was in named(before.get("freezes")).items():
        path = at("freezes", f"[{name}]")
        end = parse_moment(text(was.get("to")) or "", end=True)
        if end is not None and end <= now:
            continue
        becomes = new.get(name)
        if becomes is None:
            yield Weakening(path, f"freeze {name} is lifted")
            continue
        if moment(becomes, "from", late=True) > moment(was, "from") or moment(becomes, "to") < moment(
            was, "to"
        ):
            yield Weakening(path, f"freeze {name} is shortened")
        for key in ("services", "environments"):
            held, left = words(was.get(key)), words(becomes.get(key))
            if (not held and left) or (left and removed(held, left)):
                yield Weakening((*path, key), f"freeze {name} holds for fewer {key}")


def _approvals(before: Plain, after: Plain) -> Iterator[Weakening]:
    new = part(after, "approvals")
    for scope, was in part(before, "approvals").items():
        becomes = new.get(scope)
        if becomes is None:
            yield Weakening(at("approvals", scope), f"changes in scope of {scope} need no approval any more")
        elif more := added(part(was).get("teams"), part(becomes).get("teams")):
            yield Weakening(at("approvals", scope, "teams"), f"{listed(more)} may approve for {scope}")
    if "gate" in new and "gate" not in part(before, "approvals"):
        teams = listed(words(part(new, "gate").get("teams")))
        yield Weakening(at("approvals", "gate"), f"{teams} may approve changes of the gate itself")
