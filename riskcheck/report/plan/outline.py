"""What a plan says to people, in the order in which it is read; text and Markdown lay the same outline out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.durations import spell
from riskcheck.phrases import many
from riskcheck.plans import UNREAD
from riskcheck.records import NamedTuple
from riskcheck.report.plan.back import back_sections
from riskcheck.report.plan.shared import shared_rows
from riskcheck.report.plan.words import Row, days, listed, numbers
from riskcheck.response import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Environment
    from riskcheck.plans import Plan, PlannedService, Signal, Wave

MOST_SIGNALS = 8
MOST_UNSTAGED = 8
MOST_LIMITS = 3
MOST_FIXES = 3
FEW_RESOURCES = 3


class Section(NamedTuple):
    """A heading and what stands under it."""

    title: str
    rows: tuple[Row, ...]


class Outline(NamedTuple):
    """headline: the plan in one line. top: what holds for all of it."""

    headline: str
    top: tuple[Row, ...]
    sections: tuple[Section, ...] = ()


def outline(plan: Plan) -> Outline:
    """All that is said of `plan`."""
    sections = []
    if plan.staged:
        shared = tuple(shared_rows(plan))
        if shared:
            sections.append(Section("Files that reach several waves", shared))
        sections.extend(_wave_section(plan, number) for number in range(len(plan.waves)))
        sections.extend(
            Section(title, tuple(Row(*row) for row in rows)) for title, rows in back_sections(plan)
        )
    return Outline(_headline(plan), tuple(_top(plan)), tuple(sections))


def _headline(plan: Plan) -> str:
    if not plan.files_changed:
        return "nothing changed, nothing to roll out"
    if not plan.waves and _is_unread(plan):
        return "no waves: what changes is not known, as not all of it was read"
    if not plan.waves:
        return "nothing that is deployed changes: merge it as it is"
    names = [one.name for wave in plan.waves for one in wave.environments]
    if not plan.staged:
        return f"one wave, nothing to stage: {listed(names)}"
    waves = many(len(plan.waves), "wave")
    begins = plan.waves[-1].starts_after
    last = f"; the last begins after {days(begins)} at the earliest" if len(plan.waves) > 1 else ""
    return f"{waves} over {many(len(names), 'environment')}{last}"


def _top(plan: Plan) -> Iterator[Row]:
    assessment = plan.assessment
    if plan.files_changed:
        yield Row("verdict", _verdict(plan))
    if assessment.verdict == "block":
        shown = (plan.approvals, plan.freezes, plan.windows)
        sources = [one.source for some in shown for one in some]
        for reason in assessment.reasons:
            if not any(f"({source})" in reason for source in sources):
                yield Row("because", reason)
    for fix in plan.fixes[:MOST_FIXES]:
        yield Row("fix", fix)
    recommendation = assessment.recommendation
    if recommendation.safe_paths:
        yield Row("merge now", f"{listed(recommendation.safe_paths)}: judged without the rest, not blocked")
        yield Row("hold back", f"{listed(recommendation.held_paths)}, until what blocks it is settled")
    if plan.staged:
        yield Row("order", ORDERS[plan.order])
    yield from _before(plan)
    for one in plan.already:
        yield Row("runs it", f"{one.service}: {one.detail}; {one.environment} is no wave", True)
    yield from _unstaged(plan)
    yield from _limits(plan)
    for note in plan.notes:
        yield Row("note", note)


ORDERS = {
    "declared": "by stage; within a stage as the policy declares it",
    "pipeline": "by stage, then tier and region; the policy declares no order, a pipeline deploys in one",
    "stage": "by stage, then tier and region; no order is declared (riskcheck init writes one)",
}


def _verdict(plan: Plan) -> str:
    level = plan.assessment.level
    shown = f" {level}" if level and level != "note" else ""
    if not plan.waves and plan.assessment.verdict != "pass":
        return f"BLOCK{shown}: it is held" if plan.assessment.verdict == "block" else f"WARN{shown}"
    unread = " in what was read" if _is_unread(plan) else ""
    return {
        "block": f"BLOCK{shown}: merged as one it is held; the waves say what would make it safe",
        "warn": f"WARN{shown}: it may be merged as one; in waves it is safer",
        "pass": f"PASS{shown}: it may be merged as one" if shown else f"PASS: nothing risky{unread}",
    }[plan.assessment.verdict]


def _is_unread(plan: Plan) -> bool:
    return any(one.reason == UNREAD for one in plan.unstaged)


def _before(plan: Plan) -> Iterator[Row]:
    for need in plan.approvals:
        teams = " or ".join(need.teams)
        where = f" before wave {need.waves[0]}" if plan.staged else ""
        state = "given" if need.given else f"needed{where}, not given yet"
        yield Row(
            "approval",
            f"{need.scope}: {teams}, for {listed(need.services)}: {state} ({need.source})",
            need.given,
        )
    for freeze in plan.freezes:
        when = "holds now" if freeze.holds_now else f"begins {freeze.start[:10]}"
        held = (
            f"; it holds up wave {numbers(freeze.waves)}" if freeze.waves else "; no wave would begin in it"
        )
        names = listed(freeze.services)
        yield Row("freeze", f"{freeze.name} {when}, until {freeze.end}, for {names}{held} ({freeze.source})")
    for window in plan.windows:
        waits = f"; wave {numbers(window.waves)} waits for it" if window.waves and plan.staged else ""
        yield Row("window", f"{window.name}, for {listed(window.services)}{waits} ({window.source})")
    if plan.response is not None:
        yield Row("respond", f"if {plan.response.level} comes true: {told(plan.response)}")


def _unstaged(plan: Plan) -> Iterator[Row]:
    reasons: dict[str, list[str]] = {}
    for one in plan.unstaged:
        reasons.setdefault(one.reason, []).append(one.path)
    for reason, paths in reasons.items():
        yield Row("beside", f"{listed(paths, MOST_UNSTAGED)}: {reason}")


def _limits(plan: Plan) -> Iterator[Row]:
    paths = list(dict.fromkeys(limit.path for limit in plan.limitations))
    if paths:
        verb = "was" if len(paths) == 1 else "were"
        text = f"{listed(paths, MOST_LIMITS)} {verb} not read in full: what is deployed from there may be missing"
        yield Row("limit", f"{text} (riskcheck diff says why)")


def _wave_section(plan: Plan, at: int) -> Section:
    wave = plan.waves[at]
    when = "" if at == 0 and not wave.starts_after else f", after {days(wave.starts_after)}"
    held = f", not before {wave.not_before}" if wave.not_before else ""
    names = ", ".join(_environment(one) for one in wave.environments)
    return Section(f"Wave {wave.number}: {names}{when}{held}", tuple(_wave_rows(plan, at)))


def _environment(one: Environment) -> str:
    return one.name if one.name == one.cell else f"{one.name} ({one.cell})"


def _wave_rows(plan: Plan, at: int) -> Iterator[Row]:
    wave = plan.waves[at]
    if wave.paths:
        yield Row("merge", listed(wave.paths))
    for file in plan.shared:
        if file.path in wave.shared:
            part = "its part of" if file.separable else "an override of"
            yield Row("merge", f"{part} {file.path}, which reaches waves {numbers(file.waves)}: see above")
    yield from (Row("gate", gate) for gate in wave.gates)
    said = _about(wave)
    same = next((one.number for one in plan.waves[:at] if _about(one) == said), None)
    if same is not None:
        proof = "proof, " if wave.proofs else ""
        yield Row("rest", f"{proof}services, soak and what to watch as in wave {same}")
    else:
        yield from said


def _about(wave: Wave) -> tuple[Row, ...]:
    """What several waves may have in common."""
    return (*_proofs(wave), *_steps(wave), _soak(wave), *_watch(wave))


def _proofs(wave: Wave) -> Iterator[Row]:
    for proof in wave.proofs:
        where = f"{proof.environment}, " if len(wave.environments) > 1 else ""
        of = f"{proof.service}: " if proof.service else ""
        yield Row("proof", f"{where}{of}{proof.detail}", proof.found)


def _soak(wave: Wave) -> Row:
    return Row("soak", f"{spell(wave.soak.seconds)} ({wave.soak.reason})")


def _steps(wave: Wave) -> Iterator[Row]:
    for number, step in enumerate(wave.steps, 1):
        label = f"step {number}" if len(wave.steps) > 1 else "deploys"
        names = ", ".join(map(_service, step.services))
        needs = {(one.dependant, one.dependency, one.place) for one in step.needs}
        why = "; ".join(f"{a} needs {b}{f' ({place})' if place else ''}" for a, b, place in sorted(needs)[:3])
        circle = "; they need each other, so no order helps" if step.together else ""
        yield Row(label, f"{names}{circle}{f': {why}' if why else ''}")

    if len(wave.steps) > 1 and wave.unit is not None:
        where = "the repository's root" if wave.unit == "." else wave.unit
        text = f"one deployment of {where} takes all steps at once: the order says whom to look at first"
        yield Row("as one", text)


def _service(one: PlannedService) -> str:
    few = len(one.resources) <= FEW_RESOURCES
    said = [one.criticality, one.owner, None if few else many(len(one.resources), "resource")]
    about = ", ".join(word for word in said if word)
    return f"{one.name}{f' ({about})' if about else ''}{f': {listed(one.resources)}' if few else ''}"


def _watch(wave: Wave) -> Iterator[Row]:
    for signal in wave.signals[:MOST_SIGNALS]:
        yield Row("watch", _signal(signal, wave))
    if len(wave.signals) > MOST_SIGNALS:
        yield Row("watch", f"{len(wave.signals) - MOST_SIGNALS} more (--format json)")
    if wave.unwatched:
        yield Row("watch", f"the repository names nothing to watch for {listed(wave.unwatched)}")


def _signal(signal: Signal, wave: Wave) -> str:
    of = f"{signal.service}: " if len(wave.services) > 1 else ""
    detail = f", {signal.detail}" if signal.detail else ""
    return f"{of}{signal.kind} {signal.name} ({signal.place}): {signal.link}{detail}"
