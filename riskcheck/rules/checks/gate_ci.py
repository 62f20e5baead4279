"""Edits of CI definitions after which a change meets less resistance.

They work on the vocabulary into which the gate platform reads every CI system: jobs with ``needs``,
``environment``, ``approval``, ``may_fail``, ``condition`` and ``steps``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.redact import redact_text
from riskcheck.rules.checks import gate_deployments, gate_forks
from riskcheck.rules.checks.gate_commands import Call, from_environment, relaxed, step_calls
from riskcheck.rules.checks.gate_jobs import (
    CHECK_WORDS,
    Waits,
    deploys,
    jobs_of,
    only_checks,
    regardless,
    steps_of,
    still_guard,
    truthy,
)
from riskcheck.rules.checks.gate_sources import taken_from
from riskcheck.rules.checks.gate_values import Weakening, added, at, part, removed
from riskcheck.shell import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.rules.checks.gate_values import Plain

PULL_REQUESTS: Final = frozenset({"pull_request", "pull_request_target", "merge_group", "pr"})
NARROWING: Final = ("paths", "branches", "types")
_BESIDE: Final = frozenset(
    {"schedule", "workflow_dispatch", "repository_dispatch", "workflow_run", "status", "deployment_status"}
    | {"issues", "issue_comment", "discussion", "discussion_comment", "label", "release", "watch", "fork"}
)
"""Events of GitHub that are about no change that is to be merged."""


def weakenings(before: Plain, after: Plain, *, moved: bool = False) -> Iterator[Weakening]:
    """Every part of a CI definition that guards less in `after`; empty for a file that is not there.

    moved: another definition of the same change runs riskcheck that did not before.
    """
    old, new = jobs_of(before), jobs_of(after)
    yield from _calls(before, after, moved=moved)
    yield from _triggers(before, after)
    yield from gate_forks.weakenings(before, after)
    guards = _Guards(old, new)
    events = part(before, "triggers").keys()
    merges = not events or not events <= _BESIDE
    for name, was in old.items():
        becomes = new.get(name)
        if becomes is not None:
            if merges or guards.counts(name) or _calls_riskcheck(was):
                yield from _failures(name, was, becomes, guards)
            yield from gate_deployments.of_job(name, was, becomes)
    tries = bool(events & PULL_REQUESTS) and events <= PULL_REQUESTS | {"workflow_dispatch"}
    yield from gate_deployments.order(old, new, tries=tries)


def runs_riskcheck(definition: Plain) -> bool:
    """Whether any job calls riskcheck."""
    return bool(_all_calls(definition))


def _calls(before: Plain, after: Plain, *, moved: bool) -> Iterator[Weakening]:
    """riskcheck is called less often, or what it says counts less. A call under a new name is compared, too."""
    held, left = _all_calls(before), _all_calls(after)
    new_places = [place for place in left if place not in held]
    for place, (was, env) in held.items():
        path = at("jobs", place[0], "steps", place[1])
        becomes = left.get(place) or (left[new_places.pop(0)] if new_places else None)
        if becomes is None:
            if not moved:
                yield Weakening(path, f"job {place[0]} no longer runs riskcheck")
            continue
        for one, other in zip(was, becomes[0], strict=False):
            for what in relaxed({**env, **one.options}, {**becomes[1], **other.options}):
                yield Weakening((*path, "run"), what)
            if other.masked and not one.masked:
                yield Weakening((*path, "run"), "the exit code of riskcheck is thrown away")
            yield from taken_from(path, one, other)
        if len(becomes[0]) < len(was):
            yield Weakening((*path, "run"), f"job {place[0]} runs riskcheck less often")
        yield from _skippable(place, jobs_of(before), jobs_of(after))


_Calls = dict[tuple[str, str], tuple[list[Call], dict[str, str]]]


def _all_calls(definition: Plain) -> _Calls:
    """(job, step) to its calls of riskcheck, with what variables ask for."""
    found: _Calls = {}
    for name, job in jobs_of(definition).items():
        for label, step in steps_of(job).items():
            held = step_calls(step)
            if held:
                env = {**part(definition, "env"), **part(job, "env"), **part(step, "env")}
                found[name, label] = (held, from_environment(env))
    return found


def _skippable(
    place: tuple[str, str], old: Mapping[str, Plain], new: Mapping[str, Plain]
) -> Iterator[Weakening]:
    """A condition on the job or the step that runs riskcheck, where there was none."""
    name, label = place
    if name not in new:
        return
    pairs = [(at("jobs", name, "condition"), old[name], new[name])]
    steps = steps_of(old[name]).get(label), steps_of(new[name]).get(label)
    if steps[0] is not None and steps[1] is not None:
        pairs.append((at("jobs", name, "steps", label, "condition"), steps[0], steps[1]))
    for path, was, becomes in pairs:
        stated = becomes.get("condition")
        held = was.get("condition")
        if stated is None or stated == held or regardless(stated):
            continue
        if _narrower(held, stated):
            yield Weakening(path, f"riskcheck only runs under a condition in job {name}")


def _narrower(before: object, after: object) -> bool:
    """Whether condition `after` plainly holds less often than `before`."""
    if before is None:
        return True
    old, new = str(before), str(after)
    never = re.compile(r"(?i)\b(?:never|false)\b")
    if len(never.findall(new)) > len(never.findall(old)):
        return True
    return old.strip() in new and "&&" in new.replace(old.strip(), "", 1)


def _triggers(before: Plain, after: Plain) -> Iterator[Weakening]:
    """The definition that runs riskcheck runs for fewer changes."""
    if not after or not runs_riskcheck(before):
        return
    was, becomes = part(before, "triggers"), part(after, "triggers")
    for event in was:
        if event in PULL_REQUESTS and event not in becomes:
            yield Weakening(at("triggers", event), f"riskcheck no longer runs on {event}")
    for event in was:
        if event not in becomes or event not in PULL_REQUESTS | {"push"}:
            continue
        held, left = part(was, event), part(becomes, event)
        for key in NARROWING:
            narrowed = left.get(key) is not None and (
                held.get(key) is None or bool(removed(held.get(key), left.get(key)))
            )
            more = added(held.get(f"{key}-ignore"), left.get(f"{key}-ignore"))
            if narrowed or more:
                which = key if narrowed else f"{key}-ignore"
                yield Weakening(at("triggers", event, which), f"riskcheck runs for fewer {key} on {event}")


class _Guards:
    """What is waited for by the deployments of a definition, and whether anything else of it still holds them."""

    def __init__(self, old: Mapping[str, Plain], new: Mapping[str, Plain]) -> None:
        self._old, self._new = old, new
        self._waits = Waits(old)
        self._deployments = [name for name, job in old.items() if deploys(name, job)]
        self._waited: set[str] = set().union(*map(self._waits.of, self._deployments))

    def waited_for(self, name: str) -> bool:
        """Whether the failure of job `name` stops a deployment."""
        return name in self._waited

    def counts(self, name: str) -> bool:
        """Whether the failure of a step of job `name` stops a deployment, which may be the job itself."""
        return name in self._waited or name in self._deployments

    def is_last(self, name: str) -> bool:
        """Whether a deployment waits for job `name` and for nothing else that guards."""
        after = Waits(self._new)
        for deployment in self._deployments:
            held = self._waits.of(deployment)
            if name in held and not still_guard(held & after.of(deployment) - {name}, self._new):
                return True
        return False


def _failures(name: str, was: Plain, becomes: Plain, guards: _Guards) -> Iterator[Weakening]:
    """A job or step whose failure no longer counts. That of one check where others still hold is shown."""
    guard = guards.counts(name)
    waited = guards.waited_for(name)
    checks = waited or _calls_riskcheck(was) or CHECK_WORDS.search(name) is not None
    if checks and truthy(becomes.get("may_fail")) and not truthy(was.get("may_fail")):
        shown = not waited or (only_checks(name, was) and not guards.is_last(name))
        shown = shown and not _calls_riskcheck(was)
        yield Weakening(at("jobs", name, "may_fail"), f"job {name} may fail", shown=shown)
    held = steps_of(was)
    for label, step in steps_of(becomes).items():
        known = held.get(label)
        if known is None:
            continue
        words_ = " ".join((label, str(step.get("run", "")), str(step.get("uses", ""))))
        ours = bool(step_calls(known))
        if not (ours or CHECK_WORDS.search(words_)):
            continue
        path = at("jobs", name, "steps", label)
        if truthy(step.get("may_fail")) and not truthy(known.get("may_fail")):
            what = f"step {redact_text(label)} of job {name} may fail"
            yield Weakening((*path, "may_fail"), what, shown=not ours)
        if guard and not ours:
            for command in _newly_masked(str(known.get("run", "")), str(step.get("run", ""))):
                what = f"the failure of `{redact_text(command)}` in job {name} is ignored"
                yield Weakening((*path, "run"), what, shown=True)


def _calls_riskcheck(job: Plain) -> bool:
    return any(step_calls(step) for step in steps_of(job).values())


def _newly_masked(before: str, after: str) -> Iterator[str]:
    """Commands that stand unchanged but for what follows them: ``|| true``."""
    if "||" not in after:
        return
    counted = {statement.words for statement in statements(before) if statement.ends != "||"}
    for statement in statements(after):
        if (
            statement.ends == "||"
            and statement.words in counted
            and CHECK_WORDS.search(" ".join(statement.words))
        ):
            yield " ".join(statement.words)[:80]
