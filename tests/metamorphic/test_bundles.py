"""A bundle in one file, and the same bundle whose resources are in a file that it includes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import pytest

from riskcheck.rules.cases import Case
from tests.metamorphic.judging import (
    PACKS,
    Files,
    Named,
    difference,
    every_case,
    judged,
    rewritten,
    said,
    sample,
)
from tests.metamorphic.limits import limit

BUNDLE: Final = "databricks.yml"
PART: Final = "zz-resources.yml"
_BLOCK: Final = re.compile(r"^resources:[^\n]*\n(?:(?:[ \t#][^\n]*)?\n)*", re.MULTILINE)
_BARRED: Final = re.compile(r"^include:|[&*]\w|^\{", re.MULTILINE)
"""Includes that may match the part, aliases that do not reach over files, flow style."""


def split(files: Files) -> dict[str, bytes]:
    """`files`, the resources of each bundle beside it in a file of their own."""
    found = dict(files)
    for path, data in files.items():
        directory, _, name = path.rpartition("/")
        text = data.decode("utf-8", "replace")
        block = _BLOCK.search(f"{text}\n") if name == BUNDLE else None
        if block is None or _BARRED.search(text):
            continue
        left = text.replace(block.group().rstrip("\n"), "", 1)
        found[path] = f"include: [{PART}]\n{left}".encode()
        found[f"{directory}/{PART}".lstrip("/")] = block.group().encode()
    return found


def _told(case: Case) -> str:
    other = rewritten(case, split)
    if dict(other.base) == dict(case.base) and dict(other.head) == dict(case.head):
        return ""
    expected = said(judged(case))
    parts = [f"both sides: {difference(expected, said(judged(other)))}"]
    if dict(other.head) != dict(case.head):
        parts.append(f"with its edit: {difference(expected, said(judged(replace(case, head=other.head))))}")
    if dict(other.base) != dict(case.base):
        alone = judged(replace(case, head=other.base, plans={}))
        parts.append(
            "alone: "
            + "; ".join([one.message for one in alone.findings] + [one.resource for one in alone.changed])
        )
    return "; ".join(one for one in parts if not one.endswith(": "))


@pytest.mark.parametrize(
    "pack", [pack for pack in PACKS if any(BUNDLE in one.case.base for one in every_case(pack))]
)
def test_resources_in_an_included_file_are_those_of_the_bundle(pack: str) -> None:
    taken: list[Named] = list(sample("includes", pack))
    wrong = {
        one.name: told for one in taken if limit("includes", one.name) is None and (told := _told(one.case))
    }
    assert wrong == {}
