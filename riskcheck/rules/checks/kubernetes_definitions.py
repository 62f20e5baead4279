"""Definitions of custom resources that go, or that no longer take what they took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks.kubernetes_custom import (
    in_chart,
    instances,
    is_for_tests,
    is_served,
    is_stored,
    kind_of,
    named,
    places,
    versions,
)
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    may_come_from_elsewhere,
    prune_guard,
    still_declared,
    sync_options,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.kubernetes_custom import Instance
    from riskcheck.rules.context import CheckContext

_VERSIONS: Final = ("spec", "versions")
_HELM: Final = "; it stands in crds/ of a chart, and Helm leaves the definition that a cluster has as it is"


def definition_narrowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A definition that goes, or takes less than it did.

    Values: problem (text), weight (``all``: the objects go with it; ``used``: objects of the repository are refused
    or lose fields; ``stored``: the API server keeps the definition from being applied, or from being taken back;
    ``gone``: it goes, and no object of it is known; ``other``), restored (bool).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or (after is None and change.path) or is_for_tests(before.origin.source.path):
        return
    if after is None:
        yield from _removed(before, context)
    elif change.path[:2] == _VERSIONS and len(change.path) > 2:
        yield from _version(change, before, after, context)
    elif change.path[:2] == ("spec", "scope"):
        scopes = [text_at(one.body, "spec", "scope") or "" for one in (before, after)]
        problem = (
            f"its scope goes from {scopes[0]} to {scopes[1]}, which the API server refuses to change in place"
        )
        found = instances(before, versions(before), context.head, context)
        yield _match(after, problem, "stored", found, "objects have to be deleted and created anew: ")
    elif change.path[:2] == ("spec", "names") and is_first(change, context, ("spec", "names", "kind")):
        yield from _renamed(before, after, context)
    elif change.path[:2] == ("spec", "conversion"):
        yield from _unconverted(change, before, after, context)


def _match(
    definition: Resource, problem: str, weight: str, found: list[Instance], says: str = "still used by "
) -> Match:
    if found:
        problem = f"{problem}; {says}{named(found)}"
    if in_chart(definition):
        problem, weight = problem + _HELM, "other"
    return Match(
        values={"problem": problem, "weight": weight, "restored": weight not in ("all", "gone")},
        related=places(found),
    )


def _removed(before: Resource, context: CheckContext) -> Iterator[Match]:
    """Deleting a definition deletes every object of it."""
    if not kind_of(before) or prune_guard(before) is not None or still_declared(before, context.head):
        # Without a kind it is a patch of a definition from elsewhere.
        return
    if may_come_from_elsewhere(before, context):
        return
    found = instances(before, versions(before), context.head, context)
    known = found or instances(before, versions(before), context.base, context)
    problem = f"is removed, and with it every {kind_of(before)} in the cluster"
    weight = "all" if found else "stored" if known else "gone"
    if "Prune=confirm" in sync_options(before):
        problem, weight = problem + " once a person confirms the pruning", "gone"
    yield _match(before, problem, weight, found, "still declared: ")


def _version(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    segment, rest = change.path[2], change.path[3:]
    version = segment[1:-1]
    old, new = versions(before).get(version), versions(after).get(version)
    if old is None:
        return
    if new is None or rest == ("served",):
        if is_served(new):
            return
        yield from _dropped(version, before, after, context)
    elif rest == ("storage",) and is_stored(old) and not is_stored(new):
        now = next((name for name, one in versions(after).items() if is_stored(one)), "another version")
        problem = f"objects are stored as {now}, no longer as {version}"
        problem += f": each must be written anew before {version} can go"
        is_new = now not in versions(before)
        if is_new:
            problem += f", and a revert to a definition without {now} is refused"
        yield _match(after, problem, "stored" if is_new else "other", [])
    elif rest[:1] == ("schema",) and (is_served(new) or is_stored(new)):
        from riskcheck.rules.checks.kubernetes_schemas import narrowed

        for one in narrowed(change, version, before, after, context):
            yield _match(after, one.problem, "used" if one.objects else "other", one.objects, one.says)


def _dropped(version: str, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """Served no more, or not there at all. What is stored as a version cannot be read once that is gone, so the API
    server keeps it.

    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
    """
    old, gone = versions(before)[version], version not in versions(after)
    found = instances(after, [version], context.head, context)
    verb = "removed" if gone else "no longer served"
    problem, weight = f"version {version} is {verb}", "other"
    if gone and is_stored(old):
        problem += ": the API server refuses this while status.storedVersions has it"
        weight = "stored"
    if found:
        weight = "used"
    elif not is_served(old) and weight == "other":
        return
    yield _match(after, problem, weight, found)


def _renamed(before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    old, new = kind_of(before), kind_of(after)
    if not old or not new or old == new:
        return
    found = instances(after, versions(before), context.head, context, old)
    yield _match(after, f"its kind goes from {old} to {new}", "used" if found else "stored", found)


def _unconverted(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """Without a webhook only the apiVersion of an object is rewritten; what the other version calls differently is
    pruned."""
    strategies = [text_at(one.body, "spec", "conversion", "strategy") or "None" for one in (before, after)]
    served = [name for name, one in versions(after).items() if is_served(one)]
    if strategies != ["Webhook", "None"] or len(served) < 2 or not is_first(change, context, change.path[:2]):
        return
    problem = f"versions {' and '.join(served)} are no longer converted by a webhook"
    yield _match(after, f"{problem}: fields that only one of them has are lost", "stored", [])
