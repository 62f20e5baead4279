"""Rules of private connectivity on values that no configuration has."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.rules.cases import read_cases
from riskcheck.rules.testing import suite_of

PACK = Path(data_dir("rules")) / "network"
NAMES = (
    "address-space-changed",
    "egress-cut",
    "name-resolution-changed",
    "private-endpoint-lost",
    "public-access-closed",
    "route-changed",
    "workspace-replaced",
)
ODD = (
    *("null", "true", "0", "-1", '""', '"x"', "{}", "[]", "[null]", "[[1]]"),
    *("{ a = [1] }", "var.none", "{ name = {} }"),
)
ATTEMPTS = 40
RULES = suite_of([PACK]).everything

_ATTRIBUTE = re.compile(r"^(\s*\w+\s*=\s*)([^\s{\[].*|\[.*\]|\{.*\})$", re.MULTILINE)
_BLOCK = re.compile(r"^(\s+)(\w+) \{$(?:.|\n)*?^\1\}$", re.MULTILINE)


def _spoiled(text: str, chance: random.Random) -> str:
    """`text` with one attribute, or one nested block, replaced by an odd value."""
    pattern = chance.choice((_ATTRIBUTE, _ATTRIBUTE, _BLOCK))
    places = list(pattern.finditer(text)) or list(_ATTRIBUTE.finditer(text))
    if not places:
        return text
    place = chance.choice(places)
    start = place[1] if place.re is _ATTRIBUTE else f"{place[1]}{place[2]} = "
    return f"{text[: place.start()]}{start}{chance.choice(ODD)}{text[place.end() :]}"


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_breaks_on_an_odd_value(name: str) -> None:
    chance = random.Random(name)
    path = PACK / f"{name}.test.yaml"
    cases = read_cases(path.name, path.read_bytes()).cases
    for _ in range(ATTEMPTS):
        case = chance.choice(cases)
        sides = [case.base, case.head]
        at = chance.randrange(2)
        files = [one for one in sorted(sides[at]) if one.endswith(".tf")]
        if not files:
            continue
        file = chance.choice(files)
        spoiled = _spoiled(sides[at][file].decode(), chance)
        sides[at] = {**sides[at], file: spoiled.encode()}
        report = analyze_trees(sides[0], sides[1], RULES, now=NOW)
        broken = [one.message for one in report.limitations if one.kind == "rule-failed"]
        assert not broken, (broken, case.name, spoiled)
