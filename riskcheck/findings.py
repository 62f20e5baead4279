"""Hits into findings: grouped over environments and resources, with cause, evidence and level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.causes import Clusters, edited_node, edited_place, node_at_key, place_key
from riskcheck.fingerprints import fingerprint
from riskcheck.judged import Exposure, Finding, Hit, Step
from riskcheck.levels import LevelFacts, level_of
from riskcheck.models import (
    LEVELS,
    TOGETHER,
    Change,
    Environment,
    Level,
    Location,
    Match,
    Related,
    Rule,
    Service,
    Severity,
    location_of,
)
from riskcheck.nodes import MISSING, render_path
from riskcheck.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from riskcheck.nodes import KeyPath

BESIDE = ("CAN-", "GOV-004", "GOV-005", "GRF-001", "GRF-002", "GRF-003")
"""Codes that say what a change lacks or reaches, beside the one that says what changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Hits of one rule that are one finding: the same edit, or the same value of the same resource elsewhere."""

    rule: Rule
    hits: tuple[Hit, ...]
    cause: str

    @property
    def environments(self) -> tuple[Environment, ...]:
        """Distinct environments, in name order."""
        found = {hit.environment.name: hit.environment for hit in self.hits}
        return tuple(found[name] for name in sorted(found))

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(sorted({hit.change.resource.address for hit in self.hits}))


def group_hits(hits: Sequence[Hit]) -> tuple[Group, ...]:
    """Findings-to-be, each with its cause: ``path:line`` of the edit it comes from, with the column where another
    edit has that line."""
    same = Clusters()
    for hit in hits:
        same.join(_edit_name(hit), _value_name(hit))
    grouped: dict[object, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(same.root(_edit_name(hit)), []).append(hit)
    causes = _causes(hits)
    return tuple(
        Group(members[0].rule, tuple(members), causes[id(members[0])]) for members in grouped.values()
    )


def _edit_name(hit: Hit) -> tuple[object, ...]:
    change = hit.change
    place = hit.match.location or edited_place(change)
    return ("edit", hit.rule.id, place_key(place), *_values(change))


def _value_name(hit: Hit) -> tuple[object, ...]:
    change, resource = hit.change, hit.change.resource
    name = resource.identity or resource.address
    return (
        "value",
        hit.rule.id,
        resource.platform,
        resource.kind,
        name,
        resource.service,
        change.path,
        *_values(change),
    )


def _values(change: Change) -> tuple[str, ...]:
    """What the values are told apart by. A resource that came or went is one edit, however its settings differ
    from environment to environment."""
    return (repr(change.before), repr(change.after)) if change.path else (change.kind,)


def _causes(hits: Sequence[Hit]) -> dict[int, str]:
    """Cause of each hit, by its id. Same edit, same rule on the same value, or one path inside the other."""
    clusters = Clusters()
    for hit in hits:
        clusters.join(("hit", id(hit)), _edit_name(hit)[2:3])
        clusters.join(("hit", id(hit)), _value_name(hit))
        for one in hit.match.related:
            if one.role == TOGETHER:
                clusters.join(("hit", id(hit)), (place_key(one.location),))
    by_resource: dict[tuple[object, ...], list[tuple[KeyPath, Hit]]] = {}
    for hit in hits:
        by_resource.setdefault(alike(hit.change)[:-1], []).append((hit.change.path, hit))
    for entries in by_resource.values():
        entries.sort(key=lambda entry: (len(entry[0]), entry[0]))
        for number, (path, hit) in enumerate(entries):
            for outer, other in entries[:number]:
                if path[: len(outer)] == outer:
                    clusters.join(("hit", id(hit)), ("hit", id(other)))
                    break
    names: dict[object, str] = {}
    taken: set[str] = set()
    for hit in sorted(hits, key=_by_place):
        root = clusters.root(("hit", id(hit)))
        if root not in names:
            place = hit.match.location or edited_place(hit.change)
            line = f"{place.path}:{place.line}"
            # Two edits on one line, as in JSON of one line, stay two.
            names[root] = line if line not in taken else f"{line}:{place.column}"
            taken.add(line)
    return {id(hit): names[clusters.root(("hit", id(hit)))] for hit in hits}


def _by_place(hit: Hit) -> tuple[int, str, str, int, int]:
    place = hit.match.location or edited_place(hit.change)
    return (-LEVELS.index(hit.severity), place.side, place.path, place.line, place.column)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Level of one group in one environment."""

    level: Level
    steps: tuple[Step, ...]
    hit: Hit


def finding_of(
    group: Group, exposure: Exposure, service: Service, facts: Callable[[Hit], LevelFacts]
) -> Finding:
    """The finding of `group`: the level, message and place of its worst environment."""
    judged = []
    for hit in group.hits:
        level, steps = level_of(group.rule, hit.severity, hit.environment, facts(hit))
        judged.append(Judged(level, steps, hit))
    worst = min(judged, key=_first_to_tell)
    hit, rule = worst.hit, group.rule
    place = place_of(hit)
    resource = hit.change.resource.address
    return Finding(
        rule=rule.id,
        code=rule.code,
        severity=hit.severity,
        level=worst.level,
        confidence=rule.confidence,
        category=rule.category,
        cause=group.cause,
        message=hit.message,
        why=rule.why.strip(),
        fix=rule.fix.strip(),
        resource=resource,
        resources=group.resources,
        service=service.name,
        environments=group.environments,
        path=hit.change.path,
        location=place,
        related=related_of(group, hit, place),
        before=hit.change.before,
        after=hit.change.after,
        reversibility=rule.reversibility,
        canary=exposure.canary,
        canary_covered=bool(exposure.production) and len(exposure.covered) == len(exposure.production),
        rollback=exposure.rollback,
        rollback_ready=any(one.found for one in exposure.rollback),
        steps=worst.steps,
        fingerprint=fingerprint(rule.id, resource, hit.change.path, hit.change.before, hit.change.after),
        references=rule.references,
        recovery=exposure.recovery,
        title=rule.title,
        false_positives=rule.false_positives,
    )


def _first_to_tell(one: Judged) -> tuple[int, bool, str, str, str, str]:
    """Worst first, then production; then what no order of keys or files decides, so that the fingerprint holds."""
    change = one.hit.change
    return (
        -LEVELS.index(one.level),
        one.hit.environment.stage != "prod",
        change.resource.address,
        render_path(change.path),
        one.hit.environment.name,
        one.hit.message,
    )


def place_of(hit: Hit) -> Location:
    """Where a hit is reported: what the check says, else the key that came or went, else the edited value."""
    if hit.match.location is not None:
        return hit.match.location
    if hit.match.node is not None:
        return location_of(hit.match.node)
    change = hit.change
    if change.path and change.kind in ("added", "removed") and edited_node(change) is change.node:
        return location_of(node_at_key(change))
    return edited_place(change)


def related_of(group: Group, hit: Hit, place: Location) -> tuple[Related, ...]:
    """Places that explain the finding: what the check names, the old line, where the value lands."""
    found: dict[Location, str] = {}
    for one in hit.match.related:
        found.setdefault(one.location, one.role)
    change = hit.change
    if change.node_before is not None and change.node_after is not None and place.side == "head":
        found.setdefault(location_of(change.node_before), "before")
    for via in change.node.via:
        found.setdefault(location_of(via), "used")
    for other in group.hits:
        found.setdefault(place_of(other), "also")
    for other in group.hits:
        for copy in other.change.copies:
            found.setdefault(copy, "copy")
    return tuple(Related(role, location) for location, role in found.items() if location != place)


def beside(
    rule: Rule,
    group: Group,
    finding: Finding,
    exposure: Exposure,
    match: Match,
    message: str,
    severity: Severity,
    facts: LevelFacts,
) -> Finding:
    """A delivery or governance finding beside `finding`, which `group` became: the same cause, and the place and
    the environments that it is about."""
    named = match.environments or tuple(environment.name for environment in finding.environments)
    environments = tuple(one for one in finding.environments if one.name in named)
    production = [one.name for one in exposure.production if one.name in named]
    hits = tuple(hit for hit in group.hits if hit.environment.name in named)
    place = place_of(hits[0])
    judged = [level_of(rule, severity, environment, facts) for environment in environments]
    level, steps = max(judged, key=lambda one: LEVELS.index(one[0]))
    return replace(
        finding,
        rule=rule.id,
        code=rule.code,
        severity=severity,
        level=level,
        confidence=rule.confidence,
        category=rule.category,
        message=message,
        why=rule.why.strip(),
        fix=rule.fix.strip(),
        environments=environments,
        location=place,
        related=(*match.related, *related_of(replace(group, hits=hits), hits[0], place)),
        reversibility=rule.reversibility,
        steps=steps,
        canary=tuple(one for one in exposure.canary if one.environment in named) or exposure.canary,
        canary_covered=bool(production) and exposure.covered.issuperset(production),
        rollback=exposure.rollback,
        fingerprint=fingerprint(rule.id, finding.resource, finding.path, finding.before, finding.after),
        references=rule.references,
        recovery=exposure.recovery,
        title=rule.title,
        false_positives=rule.false_positives,
    )


def standing_alone(
    rule: Rule,
    match: Match,
    message: str,
    severity: Severity,
    *,
    cells: Sequence[Environment] = (),
    service: Service | None = None,
) -> Finding:
    """A finding about a run or a tree as a whole, which no single change brought: at its rule's severity.

    cells: environments that it is about. A match that gives the node it is about is judged in each of them like any
    other hit, with `service` as whose it is; one that says ``undetermined`` is a note. A match may name a
    ``cause``, and an ``identity`` where its message says what differs from run to run.
    """
    place = match.location or Location("", "head", 1, 1, 1, 1)
    if match.location is None and match.node is not None:
        place = location_of(match.node)
    level, steps = _standing_level(rule, severity, match, cells, service or Service(""))
    cause = (match.values or {}).get("cause")
    identity = (match.values or {}).get("identity", message)
    resource = next(iter(match.resources), place.path)
    return Finding(
        rule=rule.id,
        code=rule.code,
        severity=severity,
        level=level,
        confidence=rule.confidence,
        category=rule.category,
        cause=str(cause or f"{place.path}:{place.line}"),
        message=message,
        why=rule.why.strip(),
        fix=rule.fix.strip(),
        resource=resource,
        resources=match.resources or (resource,),
        service=service.name if service else None,
        environments=tuple(cells),
        path=(),
        location=place,
        related=match.related,
        before=MISSING,
        after=MISSING,
        reversibility=rule.reversibility,
        canary=(),
        canary_covered=False,
        rollback=(),
        rollback_ready=False,
        steps=steps,
        fingerprint=fingerprint(rule.id, resource, (str(identity),), MISSING, MISSING),
        references=rule.references,
        title=rule.title,
        false_positives=rule.false_positives,
    )


def _standing_level(
    rule: Rule, severity: Severity, match: Match, cells: Sequence[Environment], service: Service
) -> tuple[Level, tuple[Step, ...]]:
    if (match.values or {}).get("undetermined"):
        return "note", (Step("it could not be determined", -LEVELS.index(severity)),)
    if match.node is None or not cells:
        return severity, ()
    judged = [level_of(rule, severity, cell, LevelFacts(service=service)) for cell in cells]
    return max(judged, key=lambda one: LEVELS.index(one[0]))


def order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst cause first; within a cause what changed comes before what it lacks, then worst first, then place."""
    found = list(findings)
    worst: dict[str, int] = {}
    for finding in found:
        worst[finding.cause] = max(worst.get(finding.cause, 0), LEVELS.index(finding.level))
    found.sort(
        key=lambda one: (
            -worst[one.cause],
            one.cause,
            one.code.startswith(BESIDE),
            -LEVELS.index(one.level),
            one.code,
            one.location.path,
            one.location.line,
            one.resource,
            one.fingerprint,
        )
    )
    return tuple(found)


def changes_like(changes: Iterable[Change]) -> Mapping[tuple[object, ...], list[Change]]:
    """Changes of the same identity and path over all environments."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        found.setdefault(alike(change), []).append(change)
    return found


def alike(change: Change) -> tuple[object, ...]:
    """What the same change has in common across environments."""
    resource = change.resource
    name = resource.identity or resource.address
    return (resource.platform, resource.kind, name, resource.service, change.path)
