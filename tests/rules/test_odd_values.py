"""Rules on values that no configuration has: one of a realistic file is replaced, and no rule breaks."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.rules.cases import read_cases
from riskcheck.rules.testing import suite_of

PACKS = Path(data_dir("rules"))
NAMES = ("databricks", "unity-catalog", "spark", "kubernetes")
PATHS = [path for name in NAMES for path in sorted(PACKS.glob(f"{name}/*.test.yaml"))]
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e400, "", "x", "${var.none}", "0 0 * *"),
    *([], {}, [None], [[1]], {"a": [1]}),
)
ATTEMPTS = 12
"""Replacements tried for each rule: each runs the whole pipeline."""

RULES = suite_of([PACKS / name for name in NAMES]).everything


def _spoiled(text: bytes, chance: random.Random) -> bytes | None:
    """`text` with one value, anywhere in its documents, replaced by an odd one."""
    yaml = YAML(typ="safe", pure=True)
    try:
        roots = list(yaml.load_all(text.decode()))
    except YAMLError:
        return None
    places = [place for root in roots for place in _places(root)]
    if not places:
        return None
    holder, key = chance.choice(places)
    holder[key] = chance.choice(ODD)
    out = io.StringIO()
    yaml.dump_all(roots, out)
    return out.getvalue().encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.partition(".")[0])
def test_no_rule_breaks_on_an_odd_value(path: Path) -> None:
    chance = random.Random(path.name)
    cases = read_cases(path.name, path.read_bytes()).cases
    for _ in range(ATTEMPTS):
        case = chance.choice(cases)
        side = chance.choice((case.base, case.head))
        names = [one for one in sorted(side) if one.endswith((".yaml", ".yml")) and one != "riskcheck.yaml"]
        name = chance.choice(names) if names else ""
        spoiled = _spoiled(side[name], chance) if names else None
        if spoiled is None:
            continue
        changed = {**side, name: spoiled}
        base, head = (changed, case.head) if side is case.base else (case.base, changed)
        report = analyze_trees(base, head, RULES, now=NOW)
        broken = [one.message for one in report.limitations if one.kind == "rule-failed"]
        assert not broken, (broken, case.name, spoiled.decode())
