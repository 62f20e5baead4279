"""Charts that change more than the diff shows: other versions, parts switched off, defaults deleted by null.

Versions: https://helm.sh/docs/chart_best_practices/dependencies/#versions. Null:
https://helm.sh/docs/chart_template_guide/values_files/#deleting-a-default-key. Remediation:
https://fluxcd.io/flux/components/helm/helmreleases/#configuring-failure-handling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import CHART, KIND, ChartValues, deleting, read_by, values_of
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import Mapping, MaybeValue, Node, render_path
from riskcheck.regexes import regex
from riskcheck.rules.checks.helm_reading import covers, switched_off
from riskcheck.rules.checks.kubernetes_objects import (
    group_of,
    is_first,
    items_at,
    mapping_at,
    name_of,
    neighbours,
    number_at,
    text,
    text_at,
)
from riskcheck.rules.messages import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_EXACT: Final = regex(r"=?v?([0-9]{1,9})\.[0-9]{1,9}\.[0-9]{1,9}(?:[-+][0-9A-Za-z.+-]{1,200})?\Z")
_COMMIT: Final = regex(r"[0-9a-f]{40}\Z")
_RANGED: Final = regex(r"[\^~*<>|,]|(?:^|\.)[xX](?:\.|$)|^v?[0-9]{1,9}(?:\.[0-9]{1,9})?$|\s-\s")
_GUARDED: Final = frozenset(
    {
        "affinity",
        "containerSecurityContext",
        "limits",
        "podAntiAffinity",
        "podSecurityContext",
        "requests",
        "resources",
        "securityContext",
        "strategy",
        "terminationGracePeriodSeconds",
        "tolerations",
        "topologySpreadConstraints",
        "updateStrategy",
    }
)
"""Keys whose default guards something in most charts: a null in its place matters though nobody can look."""


_MOST_ALIKE: Final = 10
"""Places of one version that a finding names."""


def hidden_effect(change: Change, context: CheckContext) -> Iterator[Match]:
    """What a chart does otherwise than its values show. Values: problem, effect (``version``, ``range``, ``lock``,
    ``null``, ``off``, ``removed``, ``rollback``), grave (bool: more than an ordinary key)."""
    kind, group = change.resource.kind, group_of(change.resource)
    if kind == KIND:
        yield from _of_values(change, context)
    elif kind == CHART:
        yield from _of_chart(change, context)
    elif kind == "HelmRelease" and group == "helm.toolkit.fluxcd.io":
        yield from _of_release(change, context)
    elif kind == "OCIRepository":
        yield from _of_repository(change, context)
    elif kind in ("Application", "ApplicationSet") and group == "argoproj.io":
        yield from _of_application(change, context)


def _of_values(change: Change, context: CheckContext) -> Iterator[Match]:
    values = values_of(change.resource_after)
    if not change.path or values is None or change.resource_before is None or covers(change.path):
        return
    key = deleting(values, change.path)
    if key is not None:
        if change.kind == "removed" and not _is_empty(change.before):
            yield _null(change, f"deletes the default of the chart, {show(change.before)}", key)
    elif change.after is None and change.node_after is not None:
        if change.kind == "modified" and not _is_empty(change.before):
            yield _null(change, f"takes {show(change.before)} away", None)
        elif change.kind == "added" and not values.known and change.path[-1] in _GUARDED:
            yield _null(change, "deletes what the chart has there by default", None)
    elif switched_off(change, context):
        yield from _off(change, values)


def _null(change: Change, what: str, key: Node | None) -> Match:
    told = read_by(values_of(change.resource_after), change.path)
    problem = f"null at {render_path(change.path)} {what}; {told.said}"
    grave = not _GUARDED.isdisjoint(change.path)
    return Match({"problem": problem, "effect": "null", "grave": grave}, key, related=told.places)


def _off(change: Change, values: ChartValues) -> Iterator[Match]:
    """A part of a release that has objects of its own: a chart in the chart, or what templates make."""
    charts = values.switches.get(change.path)
    name = render_path(change.path)
    if charts is not None:
        problem = (
            f"{name} is false: {'charts' if len(charts) > 1 else 'chart'} {', '.join(charts)} and all objects"
        )
        yield Match({"problem": f"{problem} of it go", "effect": "off", "grave": True})
        return
    told = read_by(values, change.path)
    if change.path[-1] in ("enabled", "create") and told.kinds and told.exact:
        problem = f"{name} is false: {', '.join(told.kinds)} may go; {told.said}"
        yield Match({"problem": problem, "effect": "off", "grave": True}, related=told.places)


def _of_chart(change: Change, context: CheckContext) -> Iterator[Match]:
    path, after = change.path, change.resource_after
    if after is None or change.resource_before is None or not path:
        return
    if path[0] == "dependencies" and len(path) > 1:
        name = path[1].strip("[]")
        if len(path) == 2 and change.kind == "removed":
            problem = f"dependency {name} is removed, and all objects of it go"
            yield Match({"problem": problem, "effect": "removed", "grave": True})
        elif path[2:] == ("version",):
            item = context.node(after, path[:2])
            dependency = text_at(item, "name") or name
            if (text_at(item, "repository") or "").startswith("file://"):
                return
            yield from _dependency(change, after, dependency)
    elif path[:2] == ("lock", "dependencies") and path[-1] == "version" and len(path) == 4:
        name = path[2].strip("[]")
        stated = _stated(after.body, name)
        if stated is not None and _major(stated) is None and _rose(change.before, change.after):
            problem = f"Chart.lock: {name} goes from {show(change.before)} to {show(change.after)}"
            yield _version(problem, "version")


def _dependency(change: Change, after: Resource, name: str) -> Iterator[Match]:
    locked = _stated(mapping_at(after.body, "lock"), name)
    was, now = show(change.before), show(change.after)
    if _is_range(change.after):
        if locked is None and not _is_range(change.before):
            problem = f"dependency {name} is {now} instead of {was}: it changes without a commit"
            yield _version(problem, "range")
    elif locked is not None and locked.lstrip("v") != str(change.after).lstrip("=v"):
        yield _version(f"dependency {name} is {now}, but Chart.lock has {locked}", "lock")
    elif _rose(change.before, change.after):
        yield _version(f"dependency {name} goes from {was} to {now}", "version")


def _stated(root: Mapping | None, name: str) -> str | None:
    for item in items_at(root, "dependencies"):
        if text_at(item, "name") == name:
            return text_at(item, "version")
    return None


def _of_release(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    where = ("spec", "chart", "spec")
    if change.path == (*where, "version") or change.path == where[: len(change.path)]:
        same = text_at(before.body, *where, "chart") == text_at(after.body, *where, "chart")
        remote = text_at(after.body, *where, "sourceRef", "kind") not in ("GitRepository", "Bucket")
        same = same and text_at(before.body, *where, "sourceRef", "name") == text_at(
            after.body, *where, "sourceRef", "name"
        )
        if same and remote and is_first(change, context, (*where, "version")):
            was, now = (text_at(one.body, *where, "version") or "*" for one in (before, after))
            yield from _versions(text_at(after.body, *where, "chart") or "of the release", was, now)
    yield from _remediation(change, before, after, context)


def _remediation(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """A failed upgrade that stays as it is, and was taken back before. Without retries nothing is remediated."""
    where = ("spec", "upgrade", "remediation")
    if not is_first(change, context, where) or change.path[:2] not in (("spec",), ("spec", "upgrade")):
        return
    was, now = (_retries(one) for one in (before, after))
    if was and not now:
        problem = "a failed upgrade is no longer remediated: upgrade.remediation is gone"
        yield Match({"problem": problem, "effect": "rollback", "grave": True})


def _retries(release: Resource) -> bool:
    remediation = mapping_at(release.body, "spec", "upgrade", "remediation")
    retries = number_at(remediation, "retries")
    return text_at(remediation, "remediateLastFailure") == "true" or (retries is not None and retries != 0)


def _of_repository(change: Change, context: CheckContext) -> Iterator[Match]:
    """A chart of an OCI registry. One that many releases take in the same version is told once."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or change.path[:2] != ("spec", "ref"):
        return
    taken = _taken(before, after)
    if taken is None or not is_first(change, context, ("spec", "ref")) or not _is_of_chart(after, context):
        return
    alike = [
        one
        for one in context.head.find(platform="kubernetes", kind="OCIRepository")
        if (old := context.base.get(one.unit, one.address, one.environment.name)) is not None
        and _taken(old, one) == taken
    ]
    if min(alike, key=lambda one: one.key).key != after.key:
        return
    url, was, now = taken
    for match in _versions(url.rpartition("/")[2], was, now, ranges=False):
        more = f", for {len(alike)} repositories" if len(alike) > 1 else ""
        values: dict[str, Value] = {
            **(match.values or {}),
            "problem": f"{(match.values or {})['problem']}{more}",
        }
        places = tuple(
            Related("same chart", location_of(node))
            for one in alike[:_MOST_ALIKE]
            if one is not after and (node := one.body.at("spec", "ref")) is not None
        )
        names = tuple(dict.fromkeys(one.environment.name for one in alike))
        yield Match(values, related=places, environments=names, resources=tuple(one.address for one in alike))


def _taken(before: Resource, after: Resource) -> tuple[str, str, str] | None:
    """The address of a chart with the version before and after; None where it is another chart, or pinned."""
    url = text_at(after.body, "spec", "url")
    ref = mapping_at(after.body, "spec", "ref")
    if url is None or url != text_at(before.body, "spec", "url") or text_at(ref, "digest") is not None:
        return None
    was, now = (
        text_at(one.body, "spec", "ref", "tag") or text_at(one.body, "spec", "ref", "semver") or ""
        for one in (before, after)
    )
    return (url, was, now) if was and now and was != now else None


def _is_of_chart(repository: Resource, context: CheckContext) -> bool:
    name = name_of(repository)
    return any(
        text_at(one.body, "spec", "chartRef", "kind") == "OCIRepository"
        and text_at(one.body, "spec", "chartRef", "name") == name
        for one in neighbours(repository, context.head, "HelmRelease")
    )


def _of_application(change: Change, context: CheckContext) -> Iterator[Match]:
    if not change.path or change.path[-1] != "targetRevision" or change.kind != "modified":
        return
    source = context.node(change.resource_after, change.path[:-1])
    chart = text_at(source, "chart")
    if chart and isinstance(change.before, str | int | float) and isinstance(change.after, str | int | float):
        was, now = (_written(change, context, before=before) for before in (True, False))
        yield from _versions(chart, was, now, ranges=False)


def _written(change: Change, context: CheckContext, *, before: bool) -> str:
    """The changed scalar as it is written."""
    resource = change.resource_before if before else change.resource_after
    return text(context.node(resource, change.path)) or ""


def _versions(chart: str, was: str, now: str, *, ranges: bool = True) -> Iterator[Match]:
    """ranges: whether a range in the place of an exact version is told here."""
    if "{{" in was + now or "${" in was + now:
        return
    if _is_range(now):
        if ranges and not _is_range(was):
            problem = f"chart {chart} is {now} instead of {was}: it changes without a commit"
            yield _version(problem, "range")
    elif _rose(was, now):
        yield _version(f"chart {chart} goes from {was} to {now}", "version")


def _version(problem: str, effect: str) -> Match:
    return Match({"problem": problem, "effect": effect, "grave": True})


def _is_range(version: MaybeValue | str) -> bool:
    written = str(version).strip() if isinstance(version, str | int | float) else ""
    return len(written) < 200 and not _COMMIT.match(written) and _RANGED.search(written) is not None


def _major(version: str) -> int | None:
    found = _EXACT.match(version.strip()) if len(version) < 300 else None
    return int(found[1]) if found is not None else None


def _rose(before: MaybeValue | str, after: MaybeValue | str) -> bool:
    """Whether both are exact and the first number differs."""
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    old, new = _major(before), _major(after)
    return old is not None and new is not None and old != new


def _is_empty(value: MaybeValue) -> bool:
    return value is None or value == "" or value == [] or value == {}
