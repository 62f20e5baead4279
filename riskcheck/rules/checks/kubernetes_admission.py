"""Admission that begins to refuse (K8S-026), and admission that refuses no more (K8S-035)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.phrases import listed
from riskcheck.rules.checks.admission_kinds import CONSTRAINTS, GUARDS, WEBHOOKS
from riskcheck.rules.checks.kubernetes_objects import (
    group_of,
    is_new_place,
    is_preview,
    items_at,
    leaves_the_cluster,
    mapping_at,
    name_of,
    namespace_of,
    still_declared,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.admission_guards import Guard
    from riskcheck.rules.context import CheckContext, ResourceView

_INERT: Final = "ValidatingAdmissionPolicy"
"""It does nothing until something binds it."""


def made_blocking(change: Change, context: CheckContext) -> Iterator[Match]:
    """A webhook or policy that refuses what it let pass.

    Values: problem (text), weight (3 it stands before everything, 2 else, 1 in one namespace).
    """
    after = change.resource_after
    if after is None or not _is_asked(change, context):
        return
    now, before = _guards(after), _before(change)
    if change.resource_before is None and (
        _is_elsewhere(after, context.base) or is_new_place(after, context) or after.kind == _INERT
    ):
        return
    found: list[tuple[str, Guard]] = []
    for name, guard in now.items():
        old = before.get(name) or _same_content(guard, before)
        if not guard.blocks or not guard.common:
            continue
        if old is None:
            found.append((_new(after, guard), guard))
        elif not old.blocks:
            found.append((f"{guard.title} now refuses{_when(after)}", guard))
        elif guard.broad and not old.broad:
            found.append((f"{guard.title} now stands before everything", guard))
    if found:
        weight = 3 if any(one.broad for _, one in found) else 1 if _is_narrow(after) else 2
        problem = f"{_title(after)}: {listed([what for what, _ in found], most=3)}"
        yield Match({"problem": problem, "weight": weight}, node=found[0][1].node if change.path else None)


def guard_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A policy or validating webhook that refused, and lets pass. Values: problem (text)."""
    before, after = change.resource_before, change.resource_after
    if before is None or not _is_asked(change, context) or before.kind == "MutatingWebhookConfiguration":
        return
    old = _guards(before)
    if not any(one.blocks and one.common for one in old.values()):
        return
    if after is None:
        gone = leaves_the_cluster(before, context) and not _is_elsewhere(before, context.head)
        if gone and not _goes_with_backend(before, context):
            yield Match({"problem": f"{_title(before)} is removed; it refused what it does not allow"})
        return
    now = _guards(after)
    found: list[tuple[str, Guard]] = []
    for name, guard in old.items():
        new = now.get(name) or _same_content(guard, now)
        if guard.blocks and guard.common and (new is None or not new.blocks):
            found.append(
                (
                    f"{guard.title} {'is gone' if new is None else 'no longer refuses' + _when(after)}",
                    new or guard,
                )
            )
    if found:
        problem = f"{_title(after)}: {listed([what for what, _ in found], most=3)}"
        yield Match({"problem": problem}, node=found[0][1].node)


def _guards(resource: Resource) -> dict[str, Guard]:
    # Constraints have any kind, so that every object that comes or goes is asked: few are what this is about.
    if resource.kind not in GUARDS and group_of(resource) != CONSTRAINTS:
        return {}
    from riskcheck.rules.checks.admission_guards import guards_of

    return guards_of(resource)


def _is_asked(change: Change, context: CheckContext) -> bool:
    """Whether it is the first change of an object that guards, outside of previews."""
    first = next(
        (
            one
            for one in context.changes_of(change.resource)
            if one.path[:1] in ((), ("spec",), ("webhooks",))
        ),
        None,
    )
    return change is first and not is_preview(change)


def _before(change: Change) -> dict[str, Guard]:
    return _guards(change.resource_before) if change.resource_before is not None else {}


def _same_content(guard: Guard, others: dict[str, Guard]) -> Guard | None:
    """The same decision under another name."""
    return next((one for one in others.values() if one.content == guard.content), None)


def _is_elsewhere(resource: Resource, view: ResourceView) -> bool:
    """Whether the other side has it too, under another name or for another place."""
    if still_declared(resource, view):
        return True
    wanted = {guard.content for guard in _guards(resource).values() if guard.blocks}
    there = {
        guard.content
        for other in view.find(
            platform="kubernetes", kind=resource.kind, environment=resource.environment.name
        )
        for guard in _guards(other).values()
        if guard.blocks
    }
    return wanted <= there


def _goes_with_backend(resource: Resource, context: CheckContext) -> bool:
    """Whether what answers the webhooks goes too: then it is uninstalled as a whole."""
    if resource.kind not in WEBHOOKS:
        return False
    named = {
        (
            text_at(one, "clientConfig", "service", "namespace"),
            text_at(one, "clientConfig", "service", "name"),
        )
        for one in items_at(resource.body, "webhooks")
    }
    there, left = (
        any(
            name_of(one) == name and namespace_of(one) in ("", space)
            for one in view.find(platform="kubernetes", kind="Service", environment=resource.environment.name)
            for space, name in named
        )
        for view in (context.base, context.head)
    )
    return there and not left


def _new(resource: Resource, guard: Guard) -> str:
    if resource.kind in WEBHOOKS:
        return f"{guard.title} is new and refuses{_when(resource)}"
    return (
        "is new and refuses at once" if guard.title == "it" else f"{guard.title} is new and refuses at once"
    )


def _when(resource: Resource) -> str:
    """A webhook, and a policy of the cluster itself, say what happens when they cannot answer."""
    if resource.kind in (*WEBHOOKS, "ValidatingAdmissionPolicy"):
        return " when it does not answer (failurePolicy Fail)"
    return ""


def _is_narrow(resource: Resource) -> bool:
    """Whether it holds for one namespace, or for chosen ones."""
    if resource.kind == "Policy":
        return True
    match = mapping_at(resource.body, "spec", "match")
    return group_of(resource) == CONSTRAINTS and match is not None and match.get("namespaces") is not None


def _title(resource: Resource) -> str:
    return f"{resource.kind} {name_of(resource)}"
