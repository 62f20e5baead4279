"""One line of a kustomization that renames many objects, takes them away, or stops to have an effect.

Judged by what becomes of the objects; the line is that of the setting which did it. A label that goes into
selectors is `immutable-field-edited` for the workloads, and told here only where it cuts a Service off.

Every change of a manifest is asked about. What tells is imported for those that a setting had a hand in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks.kubernetes_objects import is_preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.rules.context import CheckContext


def identity_rewritten(change: Change, context: CheckContext) -> Iterator[Match]:
    """What one setting of a kustomization does to the objects of its overlay.

    Values: problem (text), weight (``data``: what holds data starts empty under its new name; ``reached``: what
    others reach goes or breaks; ``lost``: something has no effect any more).
    """
    if is_preview(change):
        return
    if change.resource.kind == "KustomizePatch":
        from riskcheck.rules.checks.kubernetes_components import patch_unmatched

        yield from patch_unmatched(change, context)
        return
    before, after = change.resource_before, change.resource_after
    if before is None or not (before.shaped_by or (after is not None and after.shaped_by)):
        return
    from riskcheck.rules.checks.kustomize_rewrites import rewritten

    yield from rewritten(change, before, after, context)
