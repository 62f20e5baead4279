"""Values of Helm releases, where the custom of charts leaves no doubt what they mean.

Templates are not executed: what a value does is told by its name, and by the lines of templates that read it. So
whatever is reported names those lines, and the rules have medium confidence.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import deleting, values_of
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence, render_path
from riskcheck.rules.checks.helm_reading import (
    OFF,
    ON,
    SCALERS,
    as_mapping,
    lowered,
    said,
    sides_of,
    switched_off,
)
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    is_preview,
    mapping_at,
    number_at,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_OF_INGRESS: Final = frozenset({"enabled", "host", "hostname", "hosts", "tls"})
"""Fields of an ingress, where charts have one; others have several, each under its name."""
_COUNTED: Final = {"replicaCount": "replicas", "replicas": "replicas"}


def replicas_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A count of replicas, or a bound of an autoscaler, that goes down.

    Values: what, was, now, least (number), known (bool: kinds of objects that read it are known), how (sentence).
    """
    sides = sides_of(change, context)
    if sides is None or is_preview(change):
        return
    before, after = sides
    key = change.path[-1]
    was, now = number_at(before, key), number_at(after, key)
    if was is None or now is None or now < 0 or now >= was:
        return
    if key in _COUNTED:
        above = context.node(change.resource_after, change.path[:-2]) if len(change.path) > 1 else None
        if any(_is_on(holder, name, "enabled") for holder in (after, above) for name in SCALERS):
            return
    elif text_at(after, "enabled") in OFF or (key == "maxReplicas" and _scales_nothing(change.path)):
        return
    yield lowered(change, str(was), str(now), least=now)


def _scales_nothing(path: KeyPath) -> bool:
    return len(path) < 2 or path[-2] not in SCALERS


def resources_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """A lower request or limit. Values: what, was, now, percent, memory_limit (bool), known, how."""
    from riskcheck.rules.checks.kubernetes_resources import percent_cut

    sides = sides_of(change, context)
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
    yield lowered(change, was or "", now or "", percent=percent, memory_limit=limited)


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
        as_mapping(context.node(one, where)) for one in (change.resource_before, change.resource_after)
    )
    if before is None or after is None:
        return
    probe = f"{PROBES[field]} probe"
    holder = f" of {render_path(where)}" if where else ""
    values = values_of(change.resource_after)
    if _is_null(after.get(field)) or deleting(values, (*where, field)) is not None:
        old = before.get(field)
        if (old is None or not _is_null(old)) and text_at(before, field, "enabled") not in OFF:
            yield said(change, (*where, field), f"the {probe}{holder} is deleted by null")
        return
    was, now = mapping_at(before, field), mapping_at(after, field)
    if was is None or now is None:
        return
    if text_at(now, "enabled") in OFF:
        if text_at(was, "enabled") in ON:
            yield said(change, (*where, field), f"the {probe}{holder} is switched off")
        return
    factor = context.options.get("slower_than")
    least = float(factor) if isinstance(factor, int | float) else 3.0
    for problem in weaknesses(field, before, after, change.resource.reading, least):
        subject = render_path(where) or "the chart"
        yield said(change, (*where, field), f"{subject} {problem}")


def persistence_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A volume that is no longer asked for, smaller, or another one. Values: problem, loss (``now``: a claim of the
    release goes, ``kept``), known, how."""
    sides = sides_of(change, context)
    if sides is None or _is_scratch(change.path, context.options.get("ephemeral")):
        return
    before, after = sides
    key, holder = change.path[-1], render_path(change.path[:-1])
    was, now = text_at(before, key), text_at(after, key)
    if key == "enabled":
        if was in ON and now in OFF:
            claim = text_at(before, "existingClaim")
            lost = (
                f"claim {claim} is mounted no more"
                if claim
                else "a claim that the release made is deleted with it"
            )
            yield said(
                change,
                change.path,
                f"{holder} is switched off: {lost}",
                loss="kept" if claim else "now",
            )
    elif key in ("size", "storage"):
        from riskcheck.rules.checks.kubernetes_resources import percent_cut

        if percent_cut(was, now) is not None and text_at(after, "enabled") not in OFF:
            problem = f"{holder} shrinks from {was} to {now}, which no volume can: the upgrade fails"
            yield said(change, change.path, problem, loss="kept")
    elif key == "existingClaim":
        if was and was != now and text_at(after, "enabled") not in OFF:
            instead = f"claim {now}" if now else "a claim of its own"
            yield said(change, change.path, f"{holder} has {instead} instead of {was}", loss="kept")
    elif key == "type" and was == "sqlite-pvc" and now and now != was:
        problem = f"{holder} goes from {was} to {now}: what the volume holds is not taken along"
        yield said(change, change.path, problem, loss="now" if now == "sqlite-memory" else "kept")


def exposure_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """Hosts of an ingress that go, or the whole of it. Values: problem, known, how."""
    number = next((index for index, step in enumerate(change.path) if step == "ingress"), None)
    if number is None or len(change.path) <= number + 1:
        return
    named = len(change.path) > number + 2 and change.path[number + 1] not in _OF_INGRESS
    where = change.path[: number + 2 if named else number + 1]
    before, after = (
        as_mapping(context.node(one, where)) for one in (change.resource_before, change.resource_after)
    )
    if before is None or after is None or not is_first(change, context, where) or is_preview(change):
        return
    name = render_path(where)
    if text_at(before, "enabled") in OFF:
        return
    if text_at(after, "enabled") in OFF:
        if text_at(before, "enabled") in ON:
            yield said(change, (*where, "enabled"), f"{name} is switched off")
        return
    values = values_of(change.resource_after)
    gone = [host for host in _hosts(before) if host not in set(_hosts(after))]
    if gone and (_hosts(after) or (values is not None and values.known)):
        listed = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
        yield said(change, change.path, f"{name} no longer answers for {listed}")


def network_policy_off(change: Change, context: CheckContext) -> Iterator[Match]:
    """A network policy that is switched off. Values: problem, known, how."""
    if switched_off(change, context):
        yield said(change, change.path, f"{render_path(change.path[:-1])} is switched off")


def budget_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A disruption budget switched off, or one that protects less. Values: problem, known, how."""
    sides = sides_of(change, context)
    if sides is None:
        return
    before, after = sides
    key, holder = change.path[-1], render_path(change.path[:-1])
    if key == "enabled" or key == "create":
        if switched_off(change, context):
            yield said(change, change.path, f"{holder} is switched off")
        return
    was, now = text_at(before, key), text_at(after, key)
    if now is None or was is None or text_at(after, "enabled") in OFF:
        return
    less = (key == "minAvailable" and now in ("0", "0%")) or (key == "maxUnavailable" and now == "100%")
    if less and was != now:
        yield said(change, change.path, f"{holder} lets all pods be evicted: {key} is {now}")


def _is_on(holder: Node | None, *path: str) -> bool:
    return text_at(holder, *path) in ON


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
