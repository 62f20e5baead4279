"""Configuration that means harm: little text that would come to much."""

from __future__ import annotations

from time import process_time

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.problems import problem_of
from riskcheck.platforms.terraform import effort
from riskcheck.platforms.terraform.discovery import Layout
from riskcheck.redact import REDACTED, redact_value
from tests.platforms.terraform.test_terraform import resolved
from tests.support import MemoryTree

DOUBLED = {
    "texts": ('"0123456789"', '"${%s}${%s}"'),
    "formats": ('"0123456789"', 'format("%%s%%s", %s, %s)'),
    "joined": ('"0123456789"', 'join("", [%s, %s])'),
    "lists": ("[1]", "[%s, %s]"),
    "concatenated": ("[1]", "concat(%s, %s)"),
    "objects": ("{ x = 1 }", "{ a = %s, b = %s }"),
}


@pytest.mark.parametrize("kind", DOUBLED)
def test_what_doubles_forty_times_stays_an_expression(kind: str) -> None:
    first, doubled = DOUBLED[kind]
    steps = [f"a{number + 1} = {doubled % (f'local.a{number}', f'local.a{number}')}" for number in range(40)]
    text = "\n".join(["locals {", f"a0 = {first}", *steps, "}"])
    text += '\nresource "aws_route" "main" {\n  all = local.a40\n  few = local.a1\n}\n'
    found = resolved({"prod/main.tf": text})
    (one,) = found.resources
    assert len(str(one.body.get("all"))) < 1_000
    assert one.body.get("few") is not None
    assert [(each.kind, each.failed) for each in found.limitations] == [("too-large", False)]


@pytest.mark.parametrize("link", ["local.a{}", '"${{local.a{}}}"', "upper(local.a{})", "[local.a{}]"])
def test_chains_of_references_end(link: str) -> None:
    steps = "\n".join(f"a{number + 1} = {link.format(number)}" for number in range(3_000))
    text = 'resource "aws_route" "main" {\n  to = local.a3000\n}\n' + f'locals {{\na0 = "x"\n{steps}\n}}\n'
    found = resolved({"prod/main.tf": text})
    assert len(found.resources) == 1
    assert [one.kind for one in found.limitations] == ["too-large"]


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 5_000 + "1" + ")" * 5_000,
        "!" * 5_000 + "true",
        "var.a ? var.b : " * 3_000 + "1",
        "true" + " && true" * 3_000,
        "upper(" * 2_000 + '"x"' + ")" * 2_000,
        "var.x" + "[0]" * 3_000,
        "1" + " + 1" * 20_000,
    ],
)
def test_expressions_may_nest_as_they_like(expression: str) -> None:
    found = resolved({"prod/main.tf": f'resource "aws_route" "main" {{\n  to = {expression}\n}}\n'})
    assert len(found.resources) == 1
    assert not any(one.failed for one in found.limitations)


def test_modules_that_double_at_each_level_end_in_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MAX_CALLS", 100)
    both = 'module "a" {{ source = "../m{0}" }}\nmodule "b" {{ source = "../m{0}" }}\n'
    files = {f"m{level}/main.tf": both.format(level + 1) for level in range(18)}
    files["m18/main.tf"] = 'resource "aws_route" "main" {}\n'
    found = resolved(files | {"prod/main.tf": 'module "all" { source = "../m0" }\n'})
    assert ("too-large", True) in {(one.kind, one.failed) for one in found.limitations}
    assert len(found.resources) <= 100


def test_modules_that_call_each_other_end_at_once() -> None:
    files = {
        "a/main.tf": 'module "b" { source = "../b" }\nmodule "again" { source = "../b" }\n',
        "b/main.tf": 'module "a" { source = "../a" }\nresource "aws_route" "main" {}\n',
        "prod/main.tf": 'module "a" { source = "../a" }\n',
    }
    found = resolved(files, "prod/main.tf")
    assert sorted(one.name for one in found.resources) == [
        "module.a.module.again.main",
        "module.a.module.b.main",
    ]


def test_resources_without_number_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MAX_RESOURCES", 700)
    text = "".join(f'resource "aws_route" "r{number}" {{ count = 500 }}\n' for number in range(50))
    found = resolved({"prod/main.tf": text})
    assert len(found.resources) == 700
    assert [(one.kind, one.failed) for one in found.limitations] == [("too-large", True)]


def test_values_in_all_resources_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MAX_VALUES", 5_000)
    text = 'resource "aws_route" "r" {\n  count = 400\n  many = [' + "1, " * 100 + "]\n}\n"
    found = resolved({"prod/main.tf": text})
    assert len(found.resources) < 100
    assert [(one.kind, one.failed) for one in found.limitations] == [("too-large", True)]


def test_lines_that_are_blank_or_long_cost_no_more_than_others() -> None:
    begun = process_time()
    blank = "\n" * 300_000
    files = {"a/main.tf": 'module "b" { source = "../b" }\n', "b/main.tf": blank + "x = 1\n"}
    assert not Layout(MemoryTree(files)).is_root("b")
    line = "x = [" + ", ".join(f'"é{number}"' for number in range(20_000)) + "]\n"
    document = DocumentStore(MemoryTree({"main.tf": line})).get("main.tf")
    assert document.root is not None
    assert process_time() - begun < 20


@pytest.mark.parametrize("broken", ['a = "${var.x}" b', 'a = "%{ if var.x }" }', "b = [${var.x}"])
def test_its_own_templates_excuse_no_broken_file(broken: str) -> None:
    base = DocumentStore(MemoryTree({"main.tf": "a = 1\n"}, side="base"))
    head = DocumentStore(MemoryTree({"main.tf": broken}))
    problem = problem_of(head.get("main.tf"), base)
    assert problem is not None
    assert (problem.kind, problem.failed) == ("parse-error", True)


@pytest.mark.parametrize(
    "use",
    [
        "var.plain",
        '"x-${var.plain}"',
        "upper(var.plain)",
        "local.copy",
        'join("-", ["a", var.plain])',
        "var.all.inner",
    ],
)
def test_what_a_sensitive_variable_says_is_shown_nowhere(use: str) -> None:
    text = (
        'variable "plain" {\n  default = "hunter2"\n  sensitive = true\n}\n'
        'variable "all" {\n  default = { inner = "hunter2" }\n  sensitive = true\n}\n'
        "locals {\n  copy = var.plain\n}\n"
        f'resource "aws_route" "main" {{\n  to = {use}\n}}\n'
    )
    (one,) = resolved({"prod/main.tf": text}).resources
    node = one.body.get("to")
    assert node is not None
    value = plain_value(node, one.reading)
    assert "hunter2" in str(value).lower()
    assert redact_value(("to",), one.kind, value, node) == REDACTED


def test_dynamic_blocks_inside_of_each_other_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MAX_ROUNDS", 500)
    inner = ""
    for level in range(5):
        inner = f'dynamic "b{level}" {{\n  for_each = local.all\n  content {{\n    x = 1\n{inner}  }}\n}}\n'
    text = f'locals {{ all = {list(range(100))} }}\nresource "aws_route" "main" {{\n{inner}}}\n'
    found = resolved({"prod/main.tf": text})
    assert len(found.resources) == 1
    assert [(one.kind, one.failed) for one in found.limitations] == [("too-large", False)]
