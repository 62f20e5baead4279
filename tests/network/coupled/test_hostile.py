"""Values that no configuration has, in the cases of the rules about networks: no rule breaks on them."""

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
RULES = suite_of([PACK]).everything
CODES = ("coupled-set-incomplete", "environment-parity-gap")
ODD = (
    "null",
    "true",
    "-1",
    '""',
    '"x"',
    "[]",
    "{}",
    "[null]",
    "[[1]]",
    "{ a = [1] }",
    "var.none",
    '"${a.b.c}"',
)
ATTEMPTS = 40
VALUE = re.compile(r"(?m)= (\S.*)$")


@pytest.mark.parametrize("name", CODES)
def test_no_rule_breaks_on_an_odd_value(name: str) -> None:
    chance = random.Random(name)
    path = PACK / f"{name}.test.yaml"
    cases = read_cases(path.name, path.read_bytes()).cases
    for _ in range(ATTEMPTS):
        case = chance.choice(cases)
        side = chance.choice((case.base, case.head))
        file = chance.choice([one for one in sorted(side) if one.endswith(".tf")])
        text = side[file].decode()
        found = chance.choice(list(VALUE.finditer(text)) or [None])
        if found is None:
            continue
        spoiled = text[: found.start(1)] + chance.choice(ODD) + text[found.end(1) :]
        changed = {**side, file: spoiled.encode()}
        base, head = (changed, case.head) if side is case.base else (case.base, changed)
        report = analyze_trees(base, head, RULES, now=NOW)
        broken = [one.message for one in report.limitations if one.kind == "rule-failed"]
        assert not broken, (broken, case.name, spoiled)
