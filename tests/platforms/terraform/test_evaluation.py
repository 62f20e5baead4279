"""What evaluation makes of whole configurations: places, instances, types, modules, policies."""

from __future__ import annotations

import json
from time import process_time

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Resource
from riskcheck.nodes import Mapping, Node, Sequence, Value
from riskcheck.platforms.terraform import effort
from riskcheck.redact import REDACTED, redact_value
from tests.platforms.terraform.test_terraform import bodies, resolved, root


def named(text: str, name: str) -> Resource:
    return next(one for one in resolved({"prod/main.tf": text}).resources if one.name == name)


def at(node: Node | None) -> int:
    assert node is not None
    return node.file_line


def test_values_inside_of_an_expression_stand_on_their_own_lines() -> None:
    text = """\
locals {
  rules = concat(
    [
      { port = 443, from = "10.0.0.0/8" },
      # the office
      {
        port = 22
        from = "10.1.0.0/16"
      },
    ],
    [for port in [80] : {
      port = port
      from = "0.0.0.0/0"
    }],
  )
}
resource "t_x" "a" {
  tags = merge(local.none, {
    Name = "a"
  })
  all = local.rules
  dynamic "rule" {
    for_each = local.rules
    content {
      port = rule.value.port
      from = rule.value["from"]
    }
  }
}
"""
    body = named(text, "a").body
    for field in ("all", "rule"):
        held = body.get(field)
        assert isinstance(held, Sequence)
        found = [item for item in held.items if isinstance(item, Mapping)]
        assert [at(item.get("from")) for item in found] == [4, 8, 13]
        assert [at(item.get("port")) for item in found] == [4, 7, 11]


def test_keys_of_instances_may_come_from_a_loop() -> None:
    text = """\
locals {
  nets = [{ name = "a", cidr = "10.0.0.0/24" }, { name = "b", cidr = "10.0.1.0/24" }]
}
resource "t_net" "n" {
  for_each = { for net in local.nets : net.name => net }
  cidr     = each.value.cidr
}
resource "t_net" "m" {
  for_each = toset([for net in local.nets : upper(net.name)])
  name     = each.key
}
resource "t_net" "c" {
  count = length(local.nets) - 1
  cidr  = cidrsubnet("10.0.0.0/16", 8, count.index)
}
resource "t_net" "open" {
  for_each = { for net in local.nets : "${net.name}-${var.what}" => net }
}
"""
    assert root(text) == {
        't_net.n["a"]': {"cidr": "10.0.0.0/24"},
        't_net.n["b"]': {"cidr": "10.0.1.0/24"},
        't_net.m["A"]': {"name": "A"},
        't_net.m["B"]': {"name": "B"},
        "t_net.c": {"cidr": "10.0.0.0/24"},
        "t_net.open[*]": {},
    }


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        # What is not known stays, next to what is.
        ('[for s in ["x", "y"] : t_net.a[s].id]', ['${t_net.a["x"].id}', '${t_net.a["y"].id}']),
        ("[for s in [1, 2] : t_net.a[s - 1].id]", ["${t_net.a[1 - 1].id}", "${t_net.a[2 - 1].id}"]),
        ("[for s in var.no : s]", "${[for s in var.no : s]}"),
        ("[for s in [var.no] : upper(s)]", ["${upper(var.no)}"]),
        ('{ for s in ["x"] : s => t_net.b.id if s != var.no }', None),
        ("merge({ a = 1 }, { b = t_net.b.id })", {"a": 1, "b": "${t_net.b.id}"}),
        ("[t_net.a, t_net.b][*].id", ["${t_net.a.id}", "${t_net.b.id}"]),
        ("[t_net.a][0].id", "${t_net.a.id}"),
        ('{ "${var.no}-x" = 1, (local.k) = 2 }', {"${var.no}-x": 1, "K": 2}),
        ('merge({ a = 1 }, { "${var.no}" = 2 }).a', None),
        ("length([var.no, 1])", 2),
        ('contains([var.no, "a"], "a")', True),
        ('contains([var.no, "a"], "b")', None),
        ('coalesce(var.no, "a")', None),
        ("false && var.no", False),
        ("true || var.no", True),
        ("true && var.no", None),
        ("try(var.no.x, 1)", None),
        ("flatten([var.no, [1]])", None),
        ('keys({ a = var.no, "b" = 1 })', ["a", "b"]),
        ("local.k == var.no", None),
        ('join("-", [local.k, t_net.b.id])', None),
        ("path.module", None),
        ('"${path.module}/${local.k}"', "${path.module}/K"),
        ("terraform.workspace == local.k ? 1 : 2", None),
        ('"%{ if var.no }a%{ endif }${local.k}"', None),
        ('"%{ if local.k == "K" }a%{ endif }${var.no}"', "a${var.no}"),
        ("jsonencode({ a = local.k })", {"a": "K"}),
        ("jsondecode(jsonencode({ a = local.k })).a", "K"),
    ],
)
def test_what_is_known_in_part(expression: str, meant: Value) -> None:
    text = f'locals {{ k = "K" }}\nresource "t_x" "a" {{ v = {expression} }}\n'
    stays = expression if expression.startswith('"') else "${" + expression + "}"
    assert root(text) == {"t_x.a": {"v": stays.strip('"') if meant is None else meant}}


@pytest.mark.parametrize(
    ("declared", "given", "meant"),
    [
        ("number", '"5"', 5),
        ("string", "5", "5"),
        ("bool", '"true"', True),
        ('"string"', "5", "5"),
        ("any", '"5"', "5"),
        ("list(string)", "[1, true]", ["1", "true"]),
        ("set(string)", '["b", "a", "b"]', ["a", "b"]),
        ("map(number)", '{ a = "1" }', {"a": 1}),
        ("object({ a = optional(number, 3), b = optional(string) })", "{}", {"a": 3, "b": None}),
        ("object({ a = optional(number, 3) })", "{ a = null, z = 1 }", {"a": 3}),
        ("object({ a = string })", "{ z = 1 }", {"z": 1}),
        (
            "list(object({\n a = string\n l = optional(list(string), [])\n}))",
            "[{ a = 1 }]",
            [{"a": "1", "l": []}],
        ),
        ("number", '"five"', "five"),
        ("tuple([string])", "[1]", [1]),
    ],
)
def test_variables_have_their_type(declared: str, given: str, meant: Value) -> None:
    text = f'variable "v" {{\n type = {declared}\n}}\nresource "t_x" "a" {{ v = var.v }}\n'
    files = {"prod/main.tf": text, "prod/terraform.tfvars": f"v = {given}\n"}
    assert bodies(files) == {("prod", "terraform:t_x.a"): {"v": meant}}


@pytest.mark.parametrize(
    ("argument", "more", "meant"),
    [
        ("cidr", "", "10.0.0.0/16"),
        ("prefixes", "", ["10.0.0.0/24", "K"]),
        ("id", "", None),
        ("arn", "", None),
        ("computed", "", None),
        ("admin_password", "", None),
        ("cidr", "lifecycle {\n ignore_changes = [cidr]\n}", None),
        ("cidr", "lifecycle {\n ignore_changes = all\n}", None),
        ("cidr", "lifecycle {\n ignore_changes = [tags]\n}", "10.0.0.0/16"),
        ("open", "", None),
        ("itself", "", None),
    ],
)
def test_arguments_of_other_resources(argument: str, more: str, meant: Value) -> None:
    text = (
        'locals { k = "K" }\nresource "t_net" "a" {\n  cidr = "10.0.0.0/16"\n  arn = "arn:x"\n  id = 1\n'
        '  prefixes = ["10.0.0.0/24", local.k]\n  admin_password = "x"\n  open = var.no\n'
        f"  itself = t_net.a.itself\n{more}\n}}\n"
        f'resource "t_x" "a" {{\n  v = t_net.a.{argument}\n}}\n'
    )
    stays = f"${{t_net.a.{argument}}}"
    assert root(text)["t_x.a"] == {"v": stays if meant is None else meant}


def test_outputs_of_module_instances() -> None:
    module = 'variable "n" {}\noutput "o" { value = "x-${var.n}" }\n'
    text = """\
module "one" {
  source = "../m"
  count  = 1
  n      = 1
}
module "each" {
  source   = "../m"
  for_each = { p = 1, q = 2 }
  n        = each.key
}
resource "t_x" "a" {
  one  = module.one[0].o
  all  = module.one[*].o
  q    = module.each["q"].o
  gone = module.each["z"].o
  none = try(module.one[0].unheard, "default")
}
"""
    found = bodies({"prod/main.tf": text, "m/main.tf": module}, "prod/main.tf")
    assert found["prod", "terraform:t_x.a"] == {
        "one": "x-1",
        "all": ["x-1"],
        "q": "x-q",
        "gone": '${module.each["z"].o}',
        "none": '${try(module.one[0].unheard, "default")}',
    }


POLICY = """\
locals {
  buckets = ["a", "b"]
}
data "aws_iam_policy_document" "p" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = [for b in local.buckets : "arn:aws:s3:::${b}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1"]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.p.json
}
"""


def test_policy_documents_are_policies() -> None:
    body = named(POLICY, "p").body
    assert plain_value(body, "yaml-1.2") == {
        "policy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Read",
                    "Effect": "Allow",
                    "Action": ["s3:GetObject"],
                    "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
                    "Principal": {"AWS": ["*"]},
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
                },
                {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Principal": "*"},
            ],
        }
    }
    policy = body.get("policy")
    assert isinstance(policy, Mapping)
    statements = policy.get("Statement")
    assert isinstance(statements, Sequence)
    assert [at(one) for one in statements.items] == [5, 19]
    assert isinstance(statements.items[1], Mapping)
    assert at(statements.items[1].get("Effect")) == 20


@pytest.mark.parametrize(
    "more",
    [
        "source_policy_documents = [var.other]",
        'dynamic "statement" {\n for_each = var.no\n content {}\n}',
        'statement {\n condition {\n test = var.no\n variable = "a"\n values = []\n}\n}',
    ],
)
def test_policies_that_are_not_known_stay_references(more: str) -> None:
    text = POLICY.replace('"p" {\n  statement', f'"p" {{\n{more}\n  statement', 1)
    assert root(text)["aws_iam_policy.p"] == {"policy": "${data.aws_iam_policy_document.p.json}"}


def test_json_syntax_is_read_like_the_native_one() -> None:
    written = {
        "//": "made by a tool",
        "locals": {"a": "x"},
        "variable": {"s": {"type": "set(string)", "default": ["b", "a"]}},
        "resource": [
            {
                "t_x": {
                    "y": {
                        "//": "a comment",
                        "n": "${local.a}-1",
                        "for_each": '${toset(["k"])}',
                        "lifecycle": {"prevent_destroy": True},
                        "dynamic": {"block": {"for_each": "${var.s}", "content": {"v": "${block.value}"}}},
                    }
                }
            },
            {"t_x": {"z": {"m": '${t_x.y["k"].n}', "plain": "$5"}}},
        ],
        "moved": {"from": "t_x.q", "to": "t_x.z"},
    }
    found = resolved({"prod/main.tf.json": json.dumps(written)})
    assert {one.name: plain_value(one.body, "yaml-1.2") for one in found.resources} == {
        'y["k"]': {"n": "x-1", "lifecycle": {"prevent_destroy": True}, "block": [{"v": "a"}, {"v": "b"}]},
        "z": {"m": "x-1", "plain": "$5"},
    }
    last = next(one for one in found.resources if one.name == "z")
    assert last.identity == "t_x.q"
    assert [one.target for one in last.references] == ["terraform:t_x.y"]


@pytest.mark.parametrize(
    "use",
    [
        "[for x in [var.plain] : x][0]",
        "[var.plain][0]",
        '"%{ if true }${var.plain}%{ endif }"',
        'split("-", var.plain)[0]',
    ],
)
def test_what_is_sensitive_stays_so(use: str) -> None:
    text = (
        'variable "plain" {\n  default = "hunter2"\n  sensitive = true\n}\n'
        f'resource "t_x" "a" {{\n  to = {use}\n}}\n'
    )
    one = named(text, "a")
    node = one.body.get("to")
    assert node is not None
    value = plain_value(node, one.reading)
    assert value == "hunter2"
    assert redact_value(("to",), one.kind, value, node) == REDACTED


@pytest.mark.parametrize(
    "expression",
    [
        "[for a in local.many : [for b in local.many : [for c in local.many : 1]]]",
        "length(setproduct(local.many, local.many, local.many))",
        '"' + "%{ for a in local.many }" * 3 + "xxxxxxxxxx" + "%{ endfor }" * 3 + '"',
        "9" * 300 + " * 9",
        "range(0, 1000000000)",
        "1e20 * 1e20 * 1e20",
        "{" * 500 + "}" * 500,
        "[for x in " * 200 + "[]" + " : x]" * 200,
        "a" + ".b" * 5_000,
        "local.many" + "[*]" * 3_000,
        '"' + "${" * 300 + "1" + "}" * 300 + '"',
        '"' + "%{ if true }" * 300 + "%{ endif }" * 300 + '"',
        "/* " * 5_000 + "*/ 1",
    ],
)
def test_expressions_end(monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setattr(effort, "MAX_STEPS", 50_000)
    text = f'locals {{ many = range(300) }}\nresource "t_x" "a" {{\n  v = {expression}\n}}\n'
    begun = process_time()
    found = resolved({"prod/main.tf": text})
    assert process_time() - begun < 5
    assert not any(one.kind == "too-large" and one.failed for one in found.limitations)
