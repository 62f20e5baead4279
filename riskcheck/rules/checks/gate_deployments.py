"""Edits of CI definitions after which a deployment meets less resistance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.phrases import listed
from riskcheck.redact import redact_text
from riskcheck.regexes import regex
from riskcheck.rules.checks.gate_jobs import (
    Waits,
    deploys,
    guards_something,
    heeds,
    is_deploy,
    only_checks,
    regardless,
    steps_of,
    still_guard,
    work_of,
)
from riskcheck.rules.checks.gate_values import Weakening, at, removed, text, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.nodes import KeyPath, Value
    from riskcheck.rules.checks.gate_values import Plain

_BRANCH: Final = regex(r"\bref\b|ref_name|SourceBranch|branch")
"""Conditions that ask which branch this is."""


def of_job(name: str, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    """A deployment that loses its protected environment, its approval, or the condition on its branch."""
    environment = text(was.get("environment"))
    stage = tell(environment).stage if environment is not None else None
    # An environment whose name tells no stage may be anything from a preview to a package index.
    if environment is not None and (
        stage in ("prod", "canary") or _may_be_prod(environment) or (stage is None and deploys(name, becomes))
    ):
        left = text(becomes.get("environment"))
        if left is None:
            yield Weakening(
                at("jobs", name, "environment"), f"job {name} no longer uses environment {environment}"
            )
        elif stage == "prod" and tell(left).stage not in ("prod", "canary") and not _may_be_prod(left):
            what = f"job {name} uses environment {left} instead of {environment}"
            yield Weakening(at("jobs", name, "environment"), what)
    if was.get("approval") and not becomes.get("approval") and deploys(name, was):
        yield Weakening(at("jobs", name, "approval"), f"job {name} no longer waits for an approval")
    if not deploys(name, was):
        return
    yield from _unconditioned(at("jobs", name), f"job {name}", was, becomes)
    needs = words(becomes.get("needs"))
    if needs and _unheeding(becomes.get("condition"), needs) and not _unheeding(was.get("condition"), needs):
        yield Weakening(at("jobs", name, "condition"), f"job {name} runs although a job it needs has failed")
    if _BRANCH.search(str(becomes.get("condition") or "")):
        return
    held = steps_of(was)
    for label, step in steps_of(becomes).items():
        if label in held and is_deploy(label, step):
            path = at("jobs", name, "steps", label)
            yield from _unconditioned(path, f"step {redact_text(label)} of job {name}", held[label], step)


def _unheeding(condition: Value, needs: list[str]) -> bool:
    return regardless(condition) and not heeds(condition, needs)


def _may_be_prod(environment: str) -> bool:
    """Whether an expression may still come out as production: ``${{ inputs.dry && 'dev' || 'prod' }}``."""
    return "${{" in environment and any(
        tell(word).stage == "prod" for word in re.findall(r"[\w-]+", environment)
    )


def _unconditioned(path: KeyPath, what: str, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    if becomes.get("condition") is None and _BRANCH.search(str(was.get("condition") or "")):
        yield Weakening((*path, "condition"), f"{what} deploys from any branch")


def order(old: Mapping[str, Plain], new: Mapping[str, Plain], *, tries: bool = False) -> Iterator[Weakening]:
    """Deployments that no longer wait for a check, an approval or a lower stage. A job that only got another name,
    whose steps another job on the way took over, or that a new check stands in for, is still waited for. One check
    less where others still hold is shown.

    tries: the definition only runs before a merge, where a job may name an environment to plan for it.
    """
    before, after = Waits(old), Waits(new)
    freed: dict[tuple[KeyPath, str], list[str]] = {}
    bare: set[str] = set()
    dropped = _dropped(old, new, before)
    places: dict[str, KeyPath] = {}
    for name, was in old.items():
        if name not in new or not deploys(name, was):
            continue
        if tries and not any(is_deploy(label, step) for label, step in steps_of(was).items()):
            continue
        still, held = after.of(name), before.of(name)
        lost = _lost(held, still, name, old, new)
        if lost and not still_guard(held & still, new):
            bare.add(name)
        for one in lost:
            if one not in places:
                places[one] = at("jobs", one) if one not in new else _where(one, dropped, before)
            freed.setdefault((places[one], one), []).append(name)
    grouped: dict[tuple[KeyPath, str, bool], list[str]] = {}
    for (path, one), names in freed.items():
        shown = only_checks(one, old[one]) and bare.isdisjoint(names)
        grouped.setdefault((path, listed(names), shown), []).append(one)
    for (path, deployments, shown), jobs in grouped.items():
        many = "jobs" if "," in deployments else "job"
        wait = "wait" if many == "jobs" else "waits"
        yield Weakening(path, f"{many} {deployments} no longer {wait} for {listed(jobs)}", shown=shown)


def _lost(
    held: set[str], still: set[str], name: str, old: Mapping[str, Plain], new: Mapping[str, Plain]
) -> list[str]:
    """The jobs of `held` that deployment `name`, which now waits for `still`, misses."""
    gone = sorted(one for one in held - still if guards_something(one, old[one]))
    if not gone:
        return []
    done = {piece for one in still | {name} for piece in work_of(new[one])}
    fresh = sum(one not in old and still_guard([one], new) for one in still)
    lost = []
    for one in gone:
        if work_of(old[one]) <= done:
            continue
        if fresh and one not in new and only_checks(one, old[one]):
            fresh -= 1
            continue
        lost.append(one)
    return lost


def _dropped(old: Mapping[str, Plain], new: Mapping[str, Plain], waits: Waits) -> dict[str, int]:
    """Each job whose ``needs`` became fewer, with all that those led to."""
    return {
        name: waits.led_to(removed(job.get("needs"), new[name].get("needs")))
        for name, job in old.items()
        if name in new
    }


def _where(lost: str, dropped: Mapping[str, int], waits: Waits) -> KeyPath:
    """The ``needs`` that led to `lost` and no longer do."""
    for name, found in dropped.items():
        if waits.holds(found, lost):
            return at("jobs", name, "needs")
    return at("jobs")
