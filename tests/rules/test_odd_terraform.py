"""Rules for Terraform on values that no configuration has: one of a realistic file is replaced, and none breaks."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.rules.cases import read_cases
from riskcheck.rules.testing import suite_of

PACK = Path(data_dir("rules")) / "terraform"
PATHS = sorted(PACK.glob("*.test.yaml"))
ODD = (
    "null",
    "true",
    "-1",
    "1e400",
    '""',
    '"x"',
    "var.none",
    "[]",
    "{}",
    "[null]",
    "[[1]]",
    "{ a = [1] }",
    '"\\u0000"',
)
VALUE = re.compile(r"(?<== )[^\s{\[][^\n]*|(?<== )\[[^\n]*\]$", re.MULTILINE)
ATTEMPTS = 25
RULES = suite_of([PACK]).everything


def _spoiled(text: bytes, chance: random.Random) -> bytes | None:
    found = list(VALUE.finditer(text.decode()))
    if not found:
        return None
    place = chance.choice(found)
    decoded = text.decode()
    return f"{decoded[: place.start()]}{chance.choice(ODD)}{decoded[place.end() :]}".encode()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.partition(".")[0])
def test_no_rule_breaks_on_an_odd_value(path: Path) -> None:
    chance = random.Random(path.name)
    cases = read_cases(path.name, path.read_bytes()).cases
    for _ in range(ATTEMPTS):
        case = chance.choice(cases)
        side = chance.choice((case.base, case.head))
        names = [one for one in sorted(side) if one.endswith((".tf", ".hcl", ".tfvars"))]
        name = chance.choice(names) if names else ""
        spoiled = _spoiled(side[name], chance) if names else None
        if spoiled is None:
            continue
        changed = {**side, name: spoiled}
        base, head = (changed, case.head) if side is case.base else (case.base, changed)
        report = analyze_trees(base, head, RULES, now=NOW)
        broken = [one.message for one in report.limitations if one.kind == "rule-failed"]
        assert not broken, (broken, case.name, spoiled.decode())
