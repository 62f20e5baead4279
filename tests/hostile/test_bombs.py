"""Little text that comes to much: each has an answer within bounds, which names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import Done, riskcheck
from tests.manifests import VOLUME, WEB

MEBIBYTE = 1 << 20
WEB_FILE = "clusters/prod/web.yaml"
Files = dict[str, str | bytes | None]


def judged(tmp_path: Path, base: Files, head: Files) -> Done:
    repo = GitRepo(tmp_path / "repo")
    repo.commit(base)
    repo.commit(head)
    return riskcheck(repo.path, "diff", "HEAD~1..HEAD")


LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{one}: &a{one} [{','.join([f'*a{one - 1}'] * 10)}]\n" for one in range(1, 12)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{one}: &a{one}\n  <<: [{','.join([f'*a{one - 1}'] * 10)}]\n  k{one}: {{<<: *a{one - 1}, x: *a{one - 1}}}\n"
    for one in range(1, 14)
)
LONG = "x" * 60_000
KEYS = "---\n" + "".join(f"k{number}: 1\n" for number in range(700_000))

BROKEN: dict[str, tuple[str, str, str]] = {
    "aliases": (WEB_FILE, WEB, f"{WEB}---\n{LAUGHS}"),
    "merge keys": (WEB_FILE, WEB, f"{WEB}---\n{MERGES}"),
    "aliases in a bundle": ("databricks.yml", VOLUME, VOLUME + LAUGHS),
    "flow lists in each other": (WEB_FILE, WEB, f"{WEB}---\nx: {'[' * 2_000_000}"),
    "blocks in each other": (WEB_FILE, WEB, f"{WEB}---\n" + "".join(f"{' ' * n}a:\n" for n in range(3_000))),
    "keys in each other": (WEB_FILE, WEB, f"{WEB}---\n{'? ' * 100_000}a\n"),
    "JSON in each other": ("conf/prod/a.json", "{}", "[" * 3_000_000),
    "HCL lists in each other": ("prod/main.tf", "a {}\n", f"locals {{\n a = {'[' * 500_000}\n}}\n"),
    "HCL blocks in each other": ("prod/main.tf", "a {}\n", "a {\n" * 200_000),
    "HCL templates in each other": ("prod/main.tf", "a {}\n", 'locals {\n a = "' + '${"' * 200_000),
    "TOML in each other": ("conf/prod/a.toml", "a = 1\n", "a = " + "[" * 3_000_000),
    "TOML keys": ("conf/prod/a.toml", "a = 1\n", ".".join(["a"] * 300_000) + " = 1\n"),
    "a million keys": (WEB_FILE, WEB, WEB + KEYS),
    "a million documents": (WEB_FILE, WEB, WEB + "---\n" * 1_000_000),
    "comments that open": ("migrations/prod/a.sql", "select 1;", "/*" * 500_000),
    "expressions in each other": ("migrations/prod/a.sql", "select 1;", "select " + "(" * 300_000),
    "100 MB of YAML": (WEB_FILE, WEB, WEB + "a: 1\n" * (20 * MEBIBYTE)),
    "100 MB of JSON": ("conf/prod/a.json", "{}", "[" + "1," * (50 * MEBIBYTE)),
    "100 MB of HCL": ("prod/main.tf", "a {}\n", "a {}\n" * (20 * MEBIBYTE)),
    "100 MB of SQL": ("migrations/prod/a.sql", "select 1;", "select 1;\n" * (10 * MEBIBYTE)),
    "a line of 50 MB": (WEB_FILE, WEB, WEB + "x: " + "a" * (50 * MEBIBYTE)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_no_pass(tmp_path: Path, name: str) -> None:
    path, base, head = BROKEN[name]
    done = judged(tmp_path, {path: base}, {path: head})
    assert done.code == 1
    assert "GOV-010" in done.out and path in done.out


RISKY = WEB.replace("replicas: 3", "replicas: 1")
READ: dict[str, tuple[Files, Files]] = {
    "100 MB beside": (
        {WEB_FILE: WEB, "clusters/prod/big.yaml": "a: 1\n" * (20 * MEBIBYTE)},
        {WEB_FILE: RISKY},
    ),
    "aliases that were there": ({WEB_FILE: f"{WEB}---\n{LAUGHS}"}, {WEB_FILE: f"{RISKY}---\n{LAUGHS}"}),
    "a value of 7 MB": ({WEB_FILE: WEB}, {WEB_FILE: RISKY.replace("1.4.2", "a" * (7 * MEBIBYTE))}),
    "space of 7 MB": ({WEB_FILE: WEB}, {WEB_FILE: WEB.replace("s: 3", "s: " + " " * (7 * MEBIBYTE) + "1")}),
    "20,000 documents": ({WEB_FILE: WEB}, {WEB_FILE: RISKY + "---\na: 1\n" * 19_990}),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_large_beside_a_risk_does_not_hide_it(tmp_path: Path, name: str) -> None:
    base, head = READ[name]
    assert "K8S-001" in judged(tmp_path, base, head).out


CONFIGMAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\n"


@pytest.mark.parametrize(
    ("path", "base", "unit"),
    [
        (WEB_FILE, WEB, CONFIGMAP),
        ("prod/main.tf", "", 'resource "aws_route" "r{number}" {{}}\n'),
        ("prod/main.tf", "", 'resource "aws_security_group_rule" "r{number}" {{}}\n'),
    ],
)
def test_thousands_of_new_resources_are_not_compared_each_with_each(
    tmp_path: Path, path: str, base: str, unit: str
) -> None:
    many = "".join(unit.format(number=number) for number in range(6_000))
    judged(tmp_path, {path: base}, {path: base + many})


SUBS = "!Sub '${A}y'," * 60_000
TEMPLATES = "[" + '"${local.v}-",' * 60_000 + "1]"
STACK = (
    "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
    "  T: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: "
)
BUNDLE = (
    f'bundle: {{name: lake}}\nvariables: {{v: {{default: "{LONG}"}}}}\n'
    "resources: {jobs: {j: {name: j, tags: {TAGS}}}}\ntargets: {prod: {mode: production}}\n"
)
ROUTE = 'resource "aws_route" "main" { n = 1 }\n'
FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: flux-system}\n"
    "spec: {path: ./x, sourceRef: {kind: GitRepository, name: this}, postBuild: {substitute: {v: "
    f'"{"x" * 900_000}"'
    "}}}\n"
)
DATA = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
VARS = (
    "resources: [web.yaml]\nvars: [{name: V, objref: {kind: Deployment, name: web, apiVersion: apps/v1}, "
    "fieldref: {fieldpath: metadata.annotations.x}}]\n"
)
NOTED = WEB.replace("namespace: shop}", f'namespace: shop, annotations: {{x: "{LONG}"}}}}')
TEXTS: dict[str, tuple[Files, Files]] = {
    "Fn::Sub": (
        {"stacks/prod/a.yaml": f"{STACK}a}}}}\n"},
        {"stacks/prod/a.yaml": f'{STACK}!Sub ["{"${a}" * 1_500_000}", {{a: "{LONG}"}}]}}}}\n'},
    ),
    "Fn::Join": (
        {"stacks/prod/a.yaml": f"{STACK}a}}}}\n"},
        {"stacks/prod/a.yaml": f'{STACK}!Join ["{LONG}", [{"a," * 200_000}a]]}}}}\n'},
    ),
    "many Fn::Sub": (
        {"stacks/prod/a.yaml": f"{STACK}a}}}}\n"},
        {
            "stacks/prod/a.yaml": f'Parameters: {{A: {{Type: String, Default: "{LONG}"}}}}\n'
            f"{STACK}[{SUBS}a]}}}}\n"
        },
    ),
    "bundle variables": (
        {"databricks.yml": BUNDLE.replace("TAGS", "")},
        {
            "databricks.yml": BUNDLE.replace(
                "TAGS", ",".join(f'a{n}: "${{var.v}}-{n}"' for n in range(40_000))
            )
        },
    ),
    "Terraform templates": (
        {"prod/main.tf": ROUTE},
        {"prod/main.tf": f'locals {{ v = "{LONG}" }}\n{ROUTE.replace("1", TEMPLATES)}'},
    ),
    "Terraform loops": (
        {"prod/main.tf": ROUTE},
        {
            "prod/main.tf": f'locals {{ v = "{LONG}" }}\n'
            + ROUTE.replace("1", '[for i in range(1000): [for j in range(200): "${local.v}-${i}-${j}"]]')
        },
    ),
    "Flux variables": (
        {"clusters/prod/a.yaml": FLUX, "x/w.yaml": WEB},
        {"x/w.yaml": RISKY + DATA + "".join(f'  k{n}: "${{v}}"\n' for n in range(40_000))},
    ),
    "Flux variables in one text": (
        {"clusters/prod/a.yaml": FLUX, "x/w.yaml": WEB},
        {"x/w.yaml": f'{RISKY}{DATA}  k: "{"${v}" * 400_000}"\n'},
    ),
    "kustomize variables": (
        {"a/kustomization.yaml": "resources: [web.yaml]\n", "a/web.yaml": WEB},
        {
            "a/kustomization.yaml": VARS,
            "a/web.yaml": NOTED.replace(", image:", f', args: ["{"$(V)" * 100_000}"], image:'),
        },
    ),
    "Terraform lists": (
        {"prod/main.tf": ROUTE},
        {
            "prod/main.tf": "locals {\n"
            + "".join(f" a{n} = [local.a{n + 1}, local.a{n + 1}, local.a{n + 1}]\n" for n in range(40))
            + f" a40 = 1\n}}\n{ROUTE.replace('1', 'local.a0')}"
        },
    ),
    "a pattern over a long name": (
        {"a/kustomization.yaml": "resources: [web.yaml]\n", "a/web.yaml": WEB},
        {
            "a/kustomization.yaml": "resources: [web.yaml]\nimages: [{name: 'a*.*b', newTag: '2'}]\n"
            "patches: [{target: {name: 'a*a*b'}, patch: '[{op: remove, path: /spec}]'}]\n",
            "a/web.yaml": WEB.replace("registry.example/web:1.4.2", "a" * 300_000),
        },
    ),
}


SAID = {
    "Fn::Sub": "more than 65,536 characters",
    "Fn::Join": "more than 65,536 characters",
    "many Fn::Sub": "all texts more than 16,777,216",
    "bundle variables": "all texts are longer than 16,777,216 characters",
    "Terraform templates": "texts of more than 16,777,216 characters",
    "Terraform loops": "texts of more than 16,777,216 characters",
    "Flux variables": "texts of more than 16,777,216",
    "Flux variables in one text": "a text of more than 1,000,000 characters",
    "kustomize variables": "variables bring more than 1,000,000 characters into Deployment web",
}


@pytest.mark.parametrize("name", TEXTS)
def test_references_do_not_multiply_texts_without_end(tmp_path: Path, name: str) -> None:
    base, head = TEXTS[name]
    done = judged(tmp_path, base, head)
    assert done.code in (0, 1)
    assert SAID.get(name, "") in " ".join(done.out.split())


@pytest.mark.parametrize("bomb", [LAUGHS, MERGES], ids=["aliases", "merge keys"])
def test_a_bomb_in_the_policy_is_an_error_with_its_line(tmp_path: Path, bomb: str) -> None:
    done = judged(tmp_path, {"riskcheck.yaml": f"version: 1\n{bomb}"}, {WEB_FILE: WEB})
    assert done.code == 2 and "riskcheck.yaml:" in done.err
