"""Edits of ``riskcheck.yaml`` that let more through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from riskcheck.durations import parse_duration, parse_moment, spell
from riskcheck.globs import Glob, GlobError
from riskcheck.phrases import listed
from riskcheck.rules.checks import gate_places, gate_windows
from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    added,
    at,
    named,
    part,
    removed,
    text,
    words,
)

if TYPE_CHECKING:
    from riskcheck.nodes import Value

Severities = Callable[[str], str | None]
"""Id or code of a rule to its own severity; None for an unknown one."""

LEVELS: Final = ("note", "P3", "P2", "P1", "P0")
CANARY: Final = ("never", "risky", "all")
TIERS: Final = (None, "tier-4", "tier-3", "tier-2", "tier-1")
DEFAULT_LEVEL: Final = "P1"
_EVERYTHING: Final = frozenset({"*", "**", "**/*", "*:*"})
_GUARDIANS: Final = frozenset({"gov-006", "gate-weakened", "gov-010", "input-not-analysed"})
_PROBES: Final = ("a.yaml", "deploy/prod/web.yaml")


def weakenings(before: Plain, after: Plain, now: int, severity_of: Severities) -> Iterator[Weakening]:
    """Every part of the policy that holds less in `after`. An empty `before` is a repository without a policy."""
    yield from _promotion(before, after)
    yield from _environments(before, after)
    yield from _services(before, after)
    yield from gate_places.weakenings(before, after)
    yield from _lists(before, after)
    yield from _files(before, after)
    yield from _gate(before, after)
    yield from _freezes(before, after, now)
    yield from gate_windows.weakenings(before, after)
    yield from _approvals(before, after)
    yield from _budget(before, after)
    yield from _rules(before, after, severity_of)
    yield from _waivers(before, after)


def _promotion(before: Plain, after: Plain) -> Iterator[Weakening]:
    if before.get("promotion") and not after.get("promotion"):
        yield Weakening(at("promotion"), "no promotion order is declared any more, so P1 only warns")


def _environments(before: Plain, after: Plain) -> Iterator[Weakening]:
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
        if _seconds(becomes, "soak") < _seconds(was, "soak"):
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


def _services(before: Plain, after: Plain) -> Iterator[Weakening]:
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
            if was.get(key) and not 0 < _seconds(becomes, key) <= _seconds(was, key):
                change = f"{was.get(key)} to {becomes.get(key) or 'none'}"
                yield Weakening((*path, key), f"{key} of {name} goes from {change}")
        gone = removed(was.get("scopes"), becomes.get("scopes"))
        if gone:
            yield Weakening((*path, "scopes"), f"{name} leaves the scope of {listed(gone)}")
        if was.get("support") and becomes.get("support") != was.get("support"):
            change = f"{was.get('support')} to {becomes.get('support') or 'none'}"
            yield Weakening((*path, "support"), f"support of {name} goes from {change}")
        gone = removed(was.get("paths"), becomes.get("paths")) if matters else []
        if gone:
            yield Weakening((*path, "paths"), f"{listed(gone)} no longer belongs to {name}")


def _nameless(service: Plain) -> dict[str, Value]:
    return {key: value for key, value in service.items() if key != "name"}


def _lists(before: Plain, after: Plain) -> Iterator[Weakening]:
    for key, what in (("catalogs", "service catalog"), ("known_addresses", "list of addresses in use")):
        for gone in removed(before.get(key), after.get(key)):
            yield Weakening(at(key, f"[{gone}]"), f"{what} {gone} is not read any more")
    for digest in added(before.get("trusted_plans"), after.get("trusted_plans")):
        yield Weakening(at("trusted_plans", f"[{digest}]"), f"the plan of digest {digest} may lower levels")


def _files(before: Plain, after: Plain) -> Iterator[Weakening]:
    old, new = part(before, "files"), part(after, "files")
    known = words(old.get("exclude"))
    for pattern in added(old.get("exclude"), new.get("exclude")):
        # Where no policy was there, leaving out test data is part of writing the first one; everything is not.
        relevant = before or any(_matches(pattern, probe) for probe in _PROBES)
        if relevant and not any(_covers(one, pattern) for one in known):
            yield Weakening(at("files", "exclude", f"[{pattern}]"), f"{pattern} is not analysed any more")
    for pattern in removed(old.get("include"), new.get("include")):
        if not any(_covers(one, pattern) for one in words(new.get("include"))):
            yield Weakening(at("files", "include", f"[{pattern}]"), f"{pattern} is no longer included")


def _covers(wide: str, narrow: str) -> bool:
    """Whether all that `narrow` matches is sure to match `wide`."""
    shapes = [narrow.replace("**", filler) for filler in ("x", "x/x")]
    shapes += [narrow.replace("**/", "").replace("/**", "")] if "**" in narrow else []
    return all(_matches(wide, shape.replace("*", "x").replace("?", "x")) for shape in shapes)


def _matches(pattern: str, path: str) -> bool:
    try:
        return Glob(pattern).matches(path)
    except GlobError:
        return False


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
        if _moment(becomes, "from", late=True) > _moment(was, "from") or _moment(becomes, "to") < _moment(
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


def _budget(before: Plain, after: Plain) -> Iterator[Weakening]:
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


def _rules(before: Plain, after: Plain, severity_of: Severities) -> Iterator[Weakening]:
    old, new = part(before, "rules"), part(after, "rules")
    for rule in added(old.get("ignore"), new.get("ignore")):
        yield Weakening(at("rules", "ignore", f"[{rule}]"), f"{rule} is not run any more")
    selected = words(new.get("select"))
    if selected and not words(old.get("select")):
        yield Weakening(at("rules", "select"), f"only {listed(selected)} is run")
    elif selected:
        for rule in removed(old.get("select"), new.get("select")):
            yield Weakening(at("rules", "select", f"[{rule}]"), f"{rule} is not run any more")
    for pack in removed(old.get("packs"), new.get("packs")):
        yield Weakening(at("rules", "packs", f"[{pack}]"), f"rule pack {pack} is not run any more")
    for sets in removed(old.get("coupled"), new.get("coupled")):
        yield Weakening(at("rules", "coupled", f"[{sets}]"), f"the sets in {sets} are not asked for any more")
    settings = part(old, "severity"), part(new, "severity")
    for rule in sorted({*settings[0], *settings[1]}):
        was, becomes = (settings[side].get(rule) or severity_of(rule) for side in (0, 1))
        if was is not None and becomes is not None:
            if rank(LEVELS, becomes) < rank(LEVELS, was):
                yield Weakening(
                    at("rules", "severity", rule), f"severity of {rule} falls from {was} to {becomes}"
                )
        elif old.get("packs") and becomes != LEVELS[-1]:
            change = f"{was or 'its own'} to {becomes or 'its own'}; whether it falls is not known"
            yield Weakening(at("rules", "severity", rule), f"severity of {rule} goes from {change}")
    options = part(old, "options"), part(new, "options")
    for rule in sorted({*options[0], *options[1]}):
        if before and options[0].get(rule) != options[1].get(rule):
            yield Weakening(
                at("rules", "options", rule), f"options of {rule} change; whether it still holds is not known"
            )


def _waivers(before: Plain, after: Plain) -> Iterator[Weakening]:
    """New and widened waivers. One that waives everything of a rule, or the gate's own rules, is no waiver but a
    way around the gate; one without owner, reason or date waives nothing."""
    old, new = part(before, "waivers"), part(after, "waivers")
    for label, node in new.items():
        waiver = part(node)
        if not all(text(waiver.get(key)) for key in ("owner", "reason", "until")):
            continue
        known = part(old, label) if label in old else None
        if known is not None and not _widened(known, waiver):
            continue
        rule, where = str(waiver.get("rule")), str(waiver.get("where"))
        level, until = waiver.get("max_level") or DEFAULT_LEVEL, waiver.get("until")
        does = "is widened" if known is not None else "is added"
        what = f"a waiver of {rule} for {where} {does}, up to {level} until {until}"
        around = where in _EVERYTHING or rule.lower() in _GUARDIANS
        yield Weakening(at("waivers", label), what, waiver=not around)


def _widened(was: Plain, becomes: Plain) -> bool:
    levels = [rank(LEVELS, one.get("max_level") or DEFAULT_LEVEL) for one in (was, becomes)]
    places = [words(one.get("environments")) for one in (was, becomes)]
    fewer_places = bool(places[0]) and (not places[1] or bool(added(places[0], places[1])))
    exact = [words(one.get("fingerprints")) for one in (was, becomes)]
    more_findings = bool(exact[0]) and (not exact[1] or bool(added(exact[0], exact[1])))
    complete = all(text(was.get(key)) for key in ("owner", "reason", "until"))
    return (
        levels[1] > levels[0]
        or _moment(becomes, "until") > _moment(was, "until")
        or fewer_places
        or more_findings
        or not complete
        or any(was.get(key) != becomes.get(key) for key in ("rule", "where"))
    )


def rank(order: Sequence[str | None], value: Value) -> int:
    """Place in `order`; what is not in it comes first."""
    return next((number for number, one in enumerate(order) if one == value), 0)


def _seconds(node: Plain, key: str) -> int:
    return parse_duration(text(node.get(key)) or "") or 0


def _moment(node: Plain, key: str, *, late: bool = False) -> int:
    """Seconds since the epoch; what cannot be read is as late as can be, or as early."""
    moment = parse_moment(text(node.get(key)) or "", end=key != "from")
    return moment if moment is not None else (2**62 if late else 0)


def _percent(value: Value) -> float:
    try:
        return float(str(value).removesuffix("%"))
    except ValueError:
        return 0.0
