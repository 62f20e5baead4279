"""Objects of every kind that a rule of the pack looks at, with wrong types anywhere: no rule breaks."""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.rules.cases import read_cases
from riskcheck.rules.testing import suite_of

PACK = Path(data_dir("rules")) / "kubernetes"
RULES = suite_of([PACK]).everything
STEADY = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e400, "", "x", "a/b/c", "${NAME}", "{{ .Values.x }}", "5%", "1.29"),
    *([], {}, [None], [[1]], {"a": [1]}, [{"name": "a"}, {"name": "a"}], {"name": {"name": []}}),
)
KINDS = sorted(kind for rule in RULES if "kubernetes" in rule.match.platforms for kind in rule.match.kinds)
APIS = (
    "v1",
    "apps/v1",
    "batch/v1",
    "policy/v1beta1",
    "storage.k8s.io/v1",
    "cert-manager.io/v1",
    "argoproj.io/v1alpha1",
)
TOGETHER = 6
"""Objects in one file: some rules look at what stands around."""


@cache
def objects() -> tuple[dict[str, Any], ...]:
    """All objects of all cases, one of each shape."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(PACK.glob("*.test.yaml")):
        for case in read_cases(path.name, path.read_bytes()).cases:
            for tree in (case.base, case.head):
                for name, data in tree.items():
                    if name.endswith((".yaml", ".yml")) and b"apiVersion" in data:
                        found.update((repr(one), one) for one in documents(data))
    return tuple(found.values())


def documents(data: bytes) -> Iterator[dict[str, Any]]:
    try:
        roots = list(YAML(typ="safe", pure=True).load_all(data.decode()))
    except YAMLError:
        return
    for root in roots:
        if isinstance(root, dict) and "kind" in root and "apiVersion" in root:
            yield root


def renamed(root: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """`root`, now and then as if it were of another kind: not every kind has a case."""
    if chance.random() < 0.7:
        return root
    return {**root, "apiVersion": chance.choice((root["apiVersion"], *APIS)), "kind": chance.choice(KINDS)}


def spoiled(root: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """`root` with up to three values replaced by odd ones; what makes it an object stays."""
    other: dict[str, Any] = copy.deepcopy(root)
    for _ in range(chance.randrange(4)):
        places = [place for place in places_of(other) if place[1] not in ("apiVersion", "kind")]
        holder, key = chance.choice(places)
        holder[key] = copy.deepcopy(chance.choice(ODD))
    return other


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places_of(value[key])


def written(roots: list[dict[str, Any]]) -> bytes:
    yaml = YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda _: True
    out = io.StringIO()
    yaml.dump_all(roots, out)
    return out.getvalue().encode()


@STEADY
@given(st.randoms(use_true_random=False))
def test_no_rule_breaks_on_objects_of_wrong_types(chance: random.Random) -> None:
    held = [renamed(chance.choice(objects()), chance) for _ in range(TOGETHER)]
    base = [spoiled(one, chance) for one in held]
    head = [spoiled(one, chance) for one in base if chance.random() < 0.8]
    envelope = chance.choice(("", "List", "SelectorSyncSet", "Template"))
    trees = [{"clusters/prod/x.yaml": written(wrapped(roots, envelope))} for roots in (base, head)]
    report = analyze_trees(trees[0], trees[1], RULES, now=NOW)
    broken = [one.message for one in report.limitations if one.kind == "rule-failed"]
    assert not broken, (broken, trees)


def wrapped(roots: list[dict[str, Any]], envelope: str) -> list[dict[str, Any]]:
    if envelope == "List":
        return [{"apiVersion": "v1", "kind": "List", "items": roots}]
    name = {"metadata": {"name": "x"}}
    if envelope == "SelectorSyncSet":
        return [
            {"apiVersion": "hive.openshift.io/v1", "kind": envelope, **name, "spec": {"resources": roots}}
        ]
    if envelope == "Template":
        parameters = [{"name": "NAME", "value": "x"}]
        return [{"apiVersion": "v1", "kind": envelope, **name, "parameters": parameters, "objects": roots}]
    return roots
