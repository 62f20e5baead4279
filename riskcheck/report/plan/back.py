"""How the way back of a plan reads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.report.plan.words import MOST_LISTED, listed, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.plans import BackService, BackStep, Plan

Said: TypeAlias = tuple[str, str]
"""Label and text."""

FEW_PATHS: Final = 3


def back_sections(plan: Plan) -> Iterator[tuple[str, tuple[Said, ...]]]:
    """The section about taking waves back: title, and label and text of each row."""
    rows: list[Said] = []
    for (text, losses), group in groupby(plan.rollback, key=lambda step: (_revert(plan, step), step.losses)):
        first, *others = [step.wave for step in group]
        alike = f"; then {_downwards(others)} likewise" if others else ""
        rows.append((f"wave {first}", text + alike))
        rows.extend(("lost", loss) for loss in losses)
    for file in plan.shared:
        if not file.separable:
            rows.append(
                ("shared", f"to revert {file.path} itself takes waves {numbers(file.waves)} back at once")
            )
    rows.extend(_runbooks(plan))
    yield "Way back, the last wave first", tuple(rows)


def _downwards(waves: Sequence[int]) -> str:
    return f"wave {waves[0]}" if len(waves) == 1 else f"waves {waves[0]} down to {waves[-1]}"


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
    return "; ".join(parts) + _order(step)


def _order(step: BackStep) -> str:
    if not step.ordered:
        return ""
    if len(step.services) > MOST_LISTED:
        return "; its steps in reverse"
    return f"; in this order: {', '.join(map(_service, step.services))}"


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
