"""Values of Helm releases, where the custom of charts leaves no doubt what they mean.

Templates are not executed: what a value does is told by its name, and by the lines of templates that read it. So
whatever is reported names those lines, and the rules have medium confidence.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import deleting, read_by, values_of
from riskcheck.models import Change, Match
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence, render_path
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    is_preview,
    mapping_at,
    number_at,
    starts_with,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_ON: Final = frozenset({"true", "True", "yes", "on"})
_OFF: Final = frozenset({"false", "False", "no", "off"})
_SCALERS: Final = ("autoscaling", "hpa", "keda", "horizontalPodAutoscaler")
_OF_INGRESS: Final = frozenset({"enabled", "host", "hostname", "hosts", "tls"})
"""Fields of an ingress, where charts have one; others have several, each under its name."""
_COUNTED: Final = {"replicaCount": "replicas", "replicas": "replicas"}


def replicas_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A count of replicas, or a bound of an autoscaler, that goes down.

    Values: what, was, now, least (number), known (bool: kinds of objects that read it are known), how (sentence).
    """
    sides = _sides(change, context)
    if sides is None or is_preview(change):
        return
    before, after = sides
    key = change.path[-1]
    was, now = number_at(before, key), number_at(after, key)
    if was is None or now is None or now < 0 or now >= was:
        return
    if key in _COUNTED:
        above = context.node(change.resource_after, change.path[:-2]) if len(change.path) > 1 else None
        if any(_is_on(holder, name, "enabled") for holder in (after, above) for name in _SCALERS):
            return
    elif text_at(after, "enabled") in _OFF or (key == "maxReplicas" and _scales_nothing(change.path)):
        return
    yield _match(change, render_path(change.path), str(was), str(now), least=now)


def _scales_nothing(path: KeyPath) -> bool:
    return len(path) < 2 or path[-2] not in _SCALERS


def resources_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """A lower request or limit. Values: what, was, now, percent, memory_limit (bool), known, how."""
    from riskcheck.rules.checks.kubernetes_resources import percent_cut

    sides = _sides(change, context)
    if sides is None or _has_profiles(change, context):
        return
    was, now = (
        text(context.node(one, change.path)) for one in (change.resource_before, change.resource_after)
    )
    percent = percent_cut(was, now)
    least = context.options.get("least_percent")
    if percent is None or percent < (float(least) if isinstance(least, int | float) else 0.0):
        return
    limited = change.path[-2:] in (("limits", "memory"), ("memory", "limit"))
    yield _match(
        change, render_path(change.path), was or "", now or "", percent=percent, memory_limit=limited
    )


def _has_profiles(change: Change, context: CheckContext) -> bool:
    """Whether users of a JupyterHub choose among profiles, which have sizes of their own."""
    if "singleuser" not in change.path:
        return False
    hub = change.path[: change.path.index("singleuser") + 1]
    profiles = context.node(change.resource_after, (*hub, "profileList"))
    return isinstance(profiles, Sequence) and bool(profiles.items)


def probe_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A probe deleted by null, switched off, or made slower to notice. Values: problem, known, how."""
    from riskcheck.rules.checks.kubernetes_probes import PROBES, weaknesses

    number = next((index for index, step in enumerate(change.path) if step in PROBES), None)
    if number is None:
        return
    where, field = change.path[:number], change.path[number]
    if not is_first(change, context, (*where, field)) or _is_sidecar(where, context.options.get("sidecars")):
        return
    before, after = (
        _mapping(context.node(one, where)) for one in (change.resource_before, change.resource_after)
    )
    if before is None or after is None:
        return
    probe = f"{PROBES[field]} probe"
    holder = f" of {render_path(where)}" if where else ""
    values = values_of(change.resource_after)
    if _is_null(after.get(field)) or deleting(values, (*where, field)) is not None:
        old = before.get(field)
        if (old is None or not _is_null(old)) and text_at(before, field, "enabled") not in _OFF:
            yield _said(change, (*where, field), f"the {probe}{holder} is deleted by null", context)
        return
    was, now = mapping_at(before, field), mapping_at(after, field)
    if was is None or now is None:
        return
    if text_at(now, "enabled") in _OFF:
        if text_at(was, "enabled") in _ON:
            yield _said(change, (*where, field), f"the {probe}{holder} is switched off", context)
        return
    factor = context.options.get("slower_than")
    least = float(factor) if isinstance(factor, int | float) else 3.0
    for problem in weaknesses(field, before, after, change.resource.reading, least):
        subject = render_path(where) or "the chart"
        yield _said(change, (*where, field), f"{subject} {problem}", context)


def persistence_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A volume that is no longer asked for, smaller, or another one. Values: problem, loss (``now``: a claim of the
    release goes, ``kept``), known, how."""
    sides = _sides(change, context)
    if sides is None or _is_scratch(change.path, context.options.get("ephemeral")):
        return
    before, after = sides
    key, holder = change.path[-1], render_path(change.path[:-1])
    was, now = text_at(before, key), text_at(after, key)
    if key == "enabled":
        if was in _ON and now in _OFF:
            claim = text_at(before, "existingClaim")
            lost = (
                f"claim {claim} is mounted no more"
                if claim
                else "a claim that the release made is deleted with it"
            )
            yield _said(
                change,
                change.path,
                f"{holder} is switched off: {lost}",
                context,
                loss="kept" if claim else "now",
            )
    elif key in ("size", "storage"):
        from riskcheck.rules.checks.kubernetes_resources import percent_cut

        if percent_cut(was, now) is not None and text_at(after, "enabled") not in _OFF:
            problem = f"{holder} shrinks from {was} to {now}, which no volume can: the upgrade fails"
            yield _said(change, change.path, problem, context, loss="kept")
    elif key == "existingClaim":
        if was and was != now and text_at(after, "enabled") not in _OFF:
            instead = f"claim {now}" if now else "a claim of its own"
            yield _said(change, change.path, f"{holder} has {instead} instead of {was}", context, loss="kept")
    elif key == "type" and was == "sqlite-pvc" and now and now != was:
        problem = f"{holder} goes from {was} to {now}: what the volume holds is not taken along"
        yield _said(change, change.path, problem, context, loss="now" if now == "sqlite-memory" else "kept")


def exposure_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """Hosts of an ingress that go, or the whole of it. Values: problem, known, how."""
    number = next((index for index, step in enumerate(change.path) if step == "ingress"), None)
    if number is None or len(change.path) <= number + 1:
        return
    named = len(change.path) > number + 2 and change.path[number + 1] not in _OF_INGRESS
    where = change.path[: number + 2 if named else number + 1]
    before, after = (
        _mapping(context.node(one, where)) for one in (change.resource_before, change.resource_after)
    )
    if before is None or after is None or not is_first(change, context, where) or is_preview(change):
        return
    name = render_path(where)
    if text_at(before, "enabled") in _OFF:
        return
    if text_at(after, "enabled") in _OFF:
        if text_at(before, "enabled") in _ON:
            yield _said(change, (*where, "enabled"), f"{name} is switched off", context)
        return
    values = values_of(change.resource_after)
    gone = [host for host in _hosts(before) if host not in set(_hosts(after))]
    if gone and (_hosts(after) or (values is not None and values.known)):
        listed = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
        yield _said(change, change.path, f"{name} no longer answers for {listed}", context)


def network_policy_off(change: Change, context: CheckContext) -> Iterator[Match]:
    """A network policy that is switched off. Values: problem, known, how."""
    if _switched_off(change, context):
        yield _said(change, change.path, f"{render_path(change.path[:-1])} is switched off", context)


def budget_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A disruption budget switched off, or one that protects less. Values: problem, known, how."""
    sides = _sides(change, context)
    if sides is None:
        return
    before, after = sides
    key, holder = change.path[-1], render_path(change.path[:-1])
    if key == "enabled" or key == "create":
        if _switched_off(change, context):
            yield _said(change, change.path, f"{holder} is switched off", context)
        return
    was, now = text_at(before, key), text_at(after, key)
    if now is None or was is None or text_at(after, "enabled") in _OFF:
        return
    less = (key == "minAvailable" and now in ("0", "0%")) or (key == "maxUnavailable" and now == "100%")
    if less and was != now:
        yield _said(change, change.path, f"{holder} lets all pods be evicted: {key} is {now}", context)


def switched_off(change: Change, context: CheckContext) -> bool:
    """Whether the change turns a value of a release from true to false."""
    return _switched_off(change, context)


def _switched_off(change: Change, context: CheckContext) -> bool:
    sides = _sides(change, context)
    if sides is None:
        return False
    before, after = sides
    key = change.path[-1]
    return text_at(before, key) in _ON and text_at(after, key) in _OFF


def _sides(change: Change, context: CheckContext) -> tuple[Mapping, Mapping] | None:
    """The mappings around a changed value, where both sides have one."""
    if not change.path or change.resource_before is None or change.resource_after is None:
        return None
    around = change.path[:-1]
    before, after = (
        _mapping(context.node(one, around)) for one in (change.resource_before, change.resource_after)
    )
    return None if before is None or after is None else (before, after)


def _mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def _is_on(holder: Node | None, *path: str) -> bool:
    return text_at(holder, *path) in _ON


def _is_null(node: Node | None) -> bool:
    return isinstance(node, Scalar) and text(node) is None


def _is_sidecar(where: KeyPath, patterns: Value) -> bool:
    return isinstance(patterns, list) and any(
        fnmatchcase(step, str(pattern)) for pattern in patterns for step in where
    )


def _is_scratch(path: KeyPath, words: Value) -> bool:
    known = [str(word) for word in words] if isinstance(words, list) else []
    return any(word in step.lower() for word in known for step in path[:-1])


def _hosts(ingress: Mapping) -> list[str]:
    """The host names of an ingress, as charts write them: texts, or mappings with ``host`` or ``name``."""
    found: list[str] = []
    listed = ingress.get("hosts")
    for item in listed.items if isinstance(listed, Sequence) else ():
        found.append(text(item) or text_at(item, "host") or text_at(item, "name") or "")
    if isinstance(listed, Mapping):
        found.extend(key.raw for key, _ in listed.entries)
    found.extend(text_at(ingress, key) or "" for key in ("host", "hostname"))
    return [one for one in dict.fromkeys(found) if one]


def _said(change: Change, path: KeyPath, problem: str, context: CheckContext, **more: Value) -> Match:
    values = values_of(change.resource_after)
    told = read_by(values, path)
    key = deleting(values, path)
    given: dict[str, Value] = {"problem": problem, "how": told.said, "known": bool(told.kinds), **more}
    return Match(values=given, node=key or _override(change), related=told.places)


def _match(change: Change, what: str, was: str, now: str, **more: Value) -> Match:
    told = read_by(values_of(change.resource_after), change.path)
    given: dict[str, Value] = {
        "what": what,
        "was": was,
        "now": now,
        "how": told.said,
        "known": bool(told.kinds) and (told.exact or _is_of_resources(change.path)),
        **more,
    }
    return Match(values=given, node=_override(change), related=told.places)


def _override(change: Change) -> Node | None:
    """The value that was written, where taking it away lets one of another file count: that one nobody edited."""
    before, after = change.node_before, change.node_after
    if before is None or after is None or before.source.side == "head":
        return None
    return before if before.source.path != after.source.path else None


def _is_of_resources(path: KeyPath) -> bool:
    """Whether a value is below ``resources``, or ``workerResources``, which templates take as a whole."""
    return any(step.lower().endswith("resources") for step in path)


def covers(path: KeyPath) -> bool:
    """Whether another rule about values speaks of what is at `path` when it is switched off or set to null."""
    covered = {"persistence", "persistentVolume", "ingress", "networkPolicy", "podDisruptionBudget", "pdb"}
    probes = {"readinessProbe", "livenessProbe", "startupProbe"}
    return any(step in covered | probes for step in path) or any(
        starts_with(path[index:], (name, "enabled")) for name in _SCALERS for index in range(len(path))
    )
