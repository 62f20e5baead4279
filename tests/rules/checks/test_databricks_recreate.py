"""A rule about recreated resources must look at all fields that recreate them."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.bundles.lifecycles import LIFECYCLES
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Scalar, walk
from tests.support import MemoryTree

RULES = Path(__file__).parents[3] / "rules" / "databricks"


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("pipeline-recreated", "pipelines"), ("serving-endpoint-recreated", "model_serving_endpoints")],
)
def test_the_rule_looks_at_all_fields_that_recreate(rule: str, kind: str) -> None:
    text = (RULES / f"{rule}.yaml").read_text("utf-8")
    root = DocumentStore(MemoryTree({"rule.yaml": text})).get("rule.yaml").root
    assert isinstance(root, Mapping)
    match = root.at("match", "path")
    assert match is not None
    patterns = [node.raw for _, node in walk(match) if isinstance(node, Scalar)]
    missing = [path for path in LIFECYCLES[kind].recreate if not any(_covers(one, path) for one in patterns)]
    assert missing == []


def _covers(pattern: str, path: tuple[str, ...]) -> bool:
    *above, last = pattern.split(".")
    return tuple(above) == path[:-1] and path[-1] in last.strip("{}").split(",")
