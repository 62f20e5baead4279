"""Expressions of Terraform, held against Terraform itself where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from riskcheck.documents.hcl import parse
from riskcheck.documents.scalars import equal_values, plain_value
from riskcheck.nodes import Mapping, Node, Scalar, Source, Value
from riskcheck.platforms.terraform import expressions
from riskcheck.platforms.terraform.evaluate import Scope
from riskcheck.platforms.terraform.evaluation import Evaluation
from riskcheck.platforms.terraform.values import Failure
from tests.platforms.terraform.known_expressions import KNOWN, LOCALS, REFUSED, SYMBOLIC

SOURCE = Source("main.tf", "head")


def scope() -> Scope:
    held = parse(LOCALS, SOURCE)[0].get("locals")
    assert isinstance(held, Mapping)
    known = held.index
    return Scope(lambda of, name: known.get(name) if of == "local" else None)


def evaluated(expression: str, in_: Scope | None = None) -> Node:
    parsed = expressions.expression(expression)
    assert parsed is not None
    return Evaluation(in_ or scope(), parsed, Scalar("x", SOURCE, 0, 0, 0, 1)).of(parsed.root)


@pytest.mark.parametrize(("expression", "meant"), KNOWN, ids=[expression for expression, _ in KNOWN])
def test_what_is_known(expression: str, meant: Value) -> None:
    if meant == REFUSED:
        with pytest.raises(Failure):
            evaluated(expression)
        return
    node = evaluated(expression)
    assert not scope().effort.is_open(node)
    assert equal_values(plain_value(node, "yaml-1.2"), meant)


@pytest.mark.parametrize("expression", SYMBOLIC)
def test_what_stays_an_expression(expression: str) -> None:
    try:
        node = evaluated(expression)
    except Failure:
        # Refused for a name that is declared nowhere.
        assert "nowhere" in expression
    else:
        assert scope().effort.is_open(node)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(LOCALS)
    known = [(expression, meant) for expression, meant in KNOWN if expression != "1 / 0"]
    asked = ", ".join(f"[can({expression}), try({expression}, null)]" for expression, _ in known)
    answer = subprocess.run(
        ["terraform", "console"],
        input=f"jsonencode([{asked}])\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    said = json.loads(json.loads(answer.stdout))
    wrong = [
        (expression, meant, value)
        for (expression, meant), (can, value) in zip(known, said, strict=True)
        if not (equal_values(value, meant) if can else meant == REFUSED)
    ]
    assert wrong == []
