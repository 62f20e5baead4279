"""More risk never scores lower: another risky change, less evidence, criticality, one more dependant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from riskcheck.models import LEVELS
from riskcheck.results import Report
from riskcheck.rules.cases import POLICY, Case
from tests.metamorphic.judging import PACKS, Files, judged, sample
from tests.metamorphic.limits import limit

VERDICTS = ("pass", "warn", "block")
CRITICALITIES = ("tier-4", "tier-3", "tier-2", "tier-1")


def worse_or_alike(less: Report, more: Report) -> str:
    """What is lower in `more` than in `less`, "" where nothing is."""
    one, other = less.assessment, more.assessment
    lower = []
    if VERDICTS.index(other.verdict) < VERDICTS.index(one.verdict):
        lower.append(f"verdict {one.verdict} -> {other.verdict}")
    if _rank(other.level) < _rank(one.level):
        lower.append(f"level {one.level} -> {other.level}")
    if other.score < one.score:
        lower.append(f"score {one.score} -> {other.score}")
    return ", ".join(lower)


def _rank(level: str | None) -> int:
    return -1 if level is None else [str(one) for one in LEVELS].index(level)


def plain(law: str, pack: str) -> list[Case]:
    """Cases of a sample that fire, and have neither a policy nor anything else of the whole repository."""
    return [
        one.case
        for one in sample(law, pack)
        if one.case.fires and not one.case.plans and not one.case.history and not _is_of_the_whole(one.case)
    ]


def _is_of_the_whole(case: Case) -> bool:
    return any(path.startswith(".") or "/" not in path for path in {**case.base, **case.head})


def below(folder: str, files: Files) -> dict[str, bytes]:
    return {f"{folder}/{path}": data for path, data in files.items()}


def pairs(law: str) -> Iterator[tuple[Case, Case]]:
    """Neighbours in one list of plain cases of all packs."""
    return pairwise(case for pack in PACKS for case in plain(law, pack))


def test_a_second_change_never_makes_it_better() -> None:
    wrong = {}
    for first, second in pairs("second change"):
        base = {**below("one", first.base), **below("two", second.base)}
        one = {**below("one", first.head), **below("two", second.base)}
        both = {**below("one", first.head), **below("two", second.head)}
        told = worse_or_alike(
            judged(replace(first, base=base, head=one)), judged(replace(first, base=base, head=both))
        )
        if told:
            wrong[f"{first.name} + {second.name}"] = told
    assert wrong == {}


@pytest.mark.parametrize("pack", PACKS)
def test_a_more_critical_service_never_makes_it_better(pack: str) -> None:
    wrong = []
    for case in plain("criticality", pack):
        names = sorted({one.service for one in judged(case).findings if one.service})
        reports = [judged(with_policy(case, services(names, tier))) for tier in CRITICALITIES]
        told = [worse_or_alike(less, more) for less, more in pairwise(reports)]
        wrong += [f"{case.name}: {one}" for one in told if one]
    assert wrong == []


@pytest.mark.parametrize("pack", PACKS)
def test_one_more_dependant_never_makes_it_better(pack: str) -> None:
    wrong = []
    for case in plain("dependant", pack):
        names = sorted({one.service for one in judged(case).findings if one.service})
        alone = judged(with_policy(case, services(names, "tier-2")))
        one_more = (
            f"{services(names, 'tier-2')}  - {{name: zz-last, criticality: tier-1, depends_on: {names}}}\n"
        )
        told = worse_or_alike(alone, judged(with_policy(case, one_more)))
        if told:
            wrong.append(f"{case.name}: {told}")
    assert wrong == []


def services(names: list[str], criticality: str) -> str:
    lines = [f"  - {{name: {name!r}, criticality: {criticality}}}\n" for name in (*names, "zz-other")]
    return "version: 1\nservices:\n" + "".join(lines)


def with_policy(case: Case, policy: str) -> Case:
    held = {POLICY: policy.encode()}
    return replace(case, base={**case.base, **held}, head={**case.head, **held})


@pytest.mark.parametrize("pack", PACKS)
def test_evidence_that_is_gone_never_makes_it_better(pack: str) -> None:
    """A value that lower environments ran for days, and the same one that got there a minute ago."""
    wrong = []
    for one in sample("evidence", pack):
        case = one.case
        if limit("evidence", one.name):
            continue
        if case.history and not case.plans:
            told = worse_or_alike(judged(case), judged(replace(case, history=((60, case.base),))))
            if told:
                wrong.append(f"{one.name}: {told}")
    assert wrong == []
