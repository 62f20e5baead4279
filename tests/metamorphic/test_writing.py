"""How files are written changes no finding: layout, comments, line ends, and orders that mean nothing.

By default a share of the cases is tried; ``RISKCHECK_METAMORPHIC_SHARE=1`` tries all.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.metamorphic.judging import PACKS, difference, judged, rewritten, said, sample
from tests.metamorphic.limits import QUERY, limit
from tests.metamorphic.rewriting import LAYOUTS, ORDERS, rewriting

LAWS = {**LAYOUTS, **ORDERS}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("law", LAWS)
def test_writing_changes_no_finding(law: str, pack: str) -> None:
    change = rewriting(LAWS[law])
    wrong = []
    for one in sample(law, pack):
        if limit(law, one.name):
            continue
        case = one.case
        expected = said(judged(case))
        other = rewritten(case, change)
        told = difference(expected, said(judged(other)))
        if told:
            wrong.append(f"{one.name}, both sides: {told}")
        if other.head != case.head:
            told = difference(expected, said(judged(replace(case, head=other.head))))
            if told:
                wrong.append(f"{one.name}, head with its edit: {told}")
        if other.base != case.base:
            alone = judged(replace(case, head=other.base, plans={}))
            wrong += [f"{one.name}, head alone: {found.code} {found.message}" for found in alone.findings]
            wrong += [
                f"{one.name}, head alone: {found} changed"
                for found in alone.changed
                if not (found.resource.startswith(QUERY[0]) and found.fields == QUERY[1])
            ]
    assert wrong == []
