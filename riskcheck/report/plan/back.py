"""How the way back of a plan reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.report.plan.words import listed, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.plans import BackService, BackStep, Plan

Said: TypeAlias = tuple[str, str]
"""Label and text."""

FEW_PATHS: Final = 3


def back_sections(plan: Plan) -> Iterator[tuple[str, tuple[Said, ...]]]:
    """The section about taking waves back: title, and label and text of each row."""
    rows: list[Said] = []
    for step in plan.rollback:
        rows.append((f"wave {step.wave}", _revert(plan, step)))
        rows.extend(("lost", loss) for loss in step.losses)
    for file in plan.shared:
        if not file.separable:
            rows.append(
                ("shared", f"to revert {file.path} itself takes waves {numbers(file.waves)} back at once")
            )
    rows.extend(_runbooks(plan))
    yield "Way back, the last wave first", tuple(rows)


def _revert(plan: Plan, step: BackStep) -> str:
    parts = []
    if len(step.paths) > FEW_PATHS:
        parts.append(f"revert its commit ({len(step.paths)} files)")
    elif step.paths:
        parts.append(f"revert the commit that merged {listed(step.paths)}")
    for file in plan.shared:
        if file.path in step.whole:
            parts.append(
                f"revert its part of {file.path}" if file.separable else f"drop its override of {file.path}"
            )
    order = f"; in this order: {listed([_service(one) for one in step.services])}" if step.ordered else ""
    return "; ".join(parts) + order


def _service(one: BackService) -> str:
    if len(one.order) < 2:
        return one.name
    return f"{one.name} ({', then '.join(listed(group, FEW_PATHS) for group in one.order)})"


def _runbooks(plan: Plan) -> Iterator[Said]:
    linked = {one.service: one for step in plan.rollback for one in step.runbooks}
    for name in sorted(linked):
        yield "runbook", f"{name}: {linked[name].note}"
    without = sorted({name for step in plan.rollback for name in step.without_runbook})
    if without:
        yield "runbook", f"no runbook is linked for {listed(without)}"
