"""Where files are, what else there is, and which side is which: nothing of it changes what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from riskcheck.report.json import render
from riskcheck.results import Report
from riskcheck.rules.cases import Case
from tests.metamorphic.judging import PACKS, Named, difference, judged, rewritten, said, sample
from tests.metamorphic.limits import limit
from tests.metamorphic.moving import OTHER_SERVICE, UNRELATED, beside, renamed, split, with_files, with_names

Law = Callable[[Case], str]
"""What is wrong with a case, in words; "" where the law holds."""


def _alike(case: Case, other: Case) -> str:
    return difference(said(judged(case)), said(judged(other)))


def _told(report: Report) -> str:
    return "; ".join(
        [f"{one.code} {one.resource}: {one.message}" for one in report.findings]
        + [f"{one.resource} {one.change} {one.fields}" for one in report.changed]
    )


def unrelated_files(case: Case) -> str:
    """Documents and programs that come with the change."""
    return _alike(case, replace(case, head=with_files(case.head, UNRELATED)))


def another_service(case: Case) -> str:
    """A service in another directory, on both sides."""
    return _alike(case, beside(case, OTHER_SERVICE))


def renamed_on_both_sides(case: Case) -> str:
    names = renamed(case)
    return _alike(case, rewritten(case, lambda files: with_names(files, names))) if names else ""


def renamed_alone(case: Case) -> str:
    """A file gets another name and nothing else happens."""
    head = with_names(case.base, renamed(case))
    return _told(judged(replace(case, head=head, plans={}))) if head != case.base else ""


def renamed_with_its_edit(case: Case) -> str:
    names = renamed(case)
    return _alike(case, replace(case, head=with_names(case.head, names))) if names else ""


def split_alone(case: Case) -> str:
    """Objects and blocks move to files of their own and nothing else happens."""
    head = split(case.base, renamed(case))
    return _told(judged(replace(case, head=head, plans={}))) if head != case.base else ""


def split_with_its_edit(case: Case) -> str:
    head = split(case.head, renamed(case))
    return _alike(case, replace(case, head=head)) if head != case.head else ""


def files_in_another_order(case: Case) -> str:
    """Byte for byte."""
    other = rewritten(case, lambda files: dict(reversed(list(files.items()))))
    return "" if render(judged(case)) == render(judged(other)) else "the JSON report is another one"


def swapped(case: Case) -> str:
    """Base and head the other way round: the same keys of the same resources, what came has gone."""
    if case.history or case.plans or any("riskcheck" in path for path in case.base):
        return ""
    mirror = {"added": "removed", "removed": "added"}
    there = {
        (one.resource, mirror.get(one.change, one.change), one.environments, frozenset(one.fields))
        for one in judged(case).changed
    }
    back = {
        (one.resource, one.change, one.environments, frozenset(one.fields))
        for one in judged(replace(case, base=case.head, head=case.base)).changed
    }
    return f"only there: {there - back}; only back: {back - there}" if there != back else ""


LAWS: dict[str, Law] = {
    law.__name__.replace("_", " "): law
    for law in (
        unrelated_files,
        another_service,
        renamed_on_both_sides,
        renamed_alone,
        renamed_with_its_edit,
        split_alone,
        split_with_its_edit,
        files_in_another_order,
        swapped,
    )
}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("law", LAWS)
def test_places_change_no_finding(law: str, pack: str) -> None:
    taken: list[Named] = [one for one in sample(law, pack) if limit(law, one.name) is None]
    wrong = {one.name: told for one in taken if (told := LAWS[law](one.case))}
    assert wrong == {}
