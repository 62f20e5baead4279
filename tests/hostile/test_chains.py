"""Files that include each other, themselves, or twice as many at each step: each ends, and says where it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import riskcheck
from tests.manifests import WEB

Files = dict[str, str | bytes | None]
RISKY = WEB.replace("replicas: 3", "replicas: 1")
BUNDLE = (
    "bundle: {name: lake}\ninclude: INCLUDE\nresources: {jobs: {j: {name: j}}}\n"
    "targets: {prod: {mode: production}}\n"
)
ROUTE = 'resource "aws_route" "main" {}\n'
SET = (
    "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a, namespace: argocd}\nspec:\n"
    "  goTemplate: true\n  generators: [GENERATOR]\n  template:\n    metadata: {name: '{{.a}}-{{.b}}'}\n"
    "    spec: {project: default, source: {repoURL: 'https://git.example/x', path: 'apps/{{.a}}', "
    "targetRevision: HEAD}, destination: {namespace: '{{.b}}', name: '{{.a}}'}}\n"
)
STACK = (
    "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  T: {Type: 'AWS::DynamoDB::Table', Condition: C0}\n"
)
CHART = (
    "apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n"
    "  - {name: x, version: 1.0.0, repository: 'file://.'}\n"
    "  - {name: x, alias: y, version: 1.0.0, repository: 'file://../x'}\n"
)


def elements(key: str, count: int) -> str:
    return f"{{list: {{elements: [{', '.join(f'{{{key}: {key}{number}}}' for number in range(count))}]}}}}"


def matrix(*generators: str) -> str:
    return f"{{matrix: {{generators: [{', '.join(generators)}]}}}}"


def application(name: str, path: str) -> str:
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\n"
        f"spec: {{project: default, source: {{repoURL: 'https://git.example/x', path: {path}, "
        "targetRevision: HEAD}, destination: {namespace: argocd, server: 'https://kubernetes.default.svc'}}\n"
    )


def deployment(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: f}}\n"
        f"spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: this}}, "
        "dependsOn: [{name: a}, {name: b}], postBuild: {substitute: {a: '${b}', b: '${a}'}}}\n"
    )


def overlays(levels: int) -> Files:
    """Each level takes the one below twice."""
    files: Files = {}
    for level in range(levels):
        files[f"k{level}/kustomization.yaml"] = f"resources: [../l{level}, ../r{level}]\n"
        for side in "lr":
            files[f"{side}{level}/kustomization.yaml"] = f"namePrefix: {side}\nresources: [../k{level + 1}]\n"
    return files | {f"k{levels}/kustomization.yaml": "resources: [web.yaml]\n", f"k{levels}/web.yaml": WEB}


def modules(levels: int) -> Files:
    call = 'module "NAME" {{ source = "../m{}" }}\n'
    files: Files = {
        f"m{level}/main.tf": (call.replace("NAME", "a") + call.replace("NAME", "b")).format(
            level + 1, level + 1
        )
        for level in range(levels)
    }
    return files | {"prod/main.tf": 'module "x" { source = "../m0" }\n', f"m{levels}/main.tf": ROUTE}


CHAIN: Files = {f"k{n}/kustomization.yaml": f"resources: [../k{n + 1}]\n" for n in range(1_000)}
CASES: dict[str, tuple[Files, Files]] = {
    "bundle that includes itself": (
        {"databricks.yml": BUNDLE.replace("INCLUDE", "['*.yml']"), "a.yml": "resources: {}\n"},
        {
            "databricks.yml": BUNDLE.replace("INCLUDE", "['*.yml', '**/*.yml']"),
            "a.yml": "include: ['*.yml']\n",
        },
    ),
    "bundle variables in a circle": (
        {"databricks.yml": BUNDLE.replace("INCLUDE", "[]")},
        {
            "databricks.yml": BUNDLE.replace("INCLUDE", "[]").replace("name: j}", "name: '${var.a}'}")
            + "variables: {a: {default: '${var.b}'}, b: {default: '${var.a}'}}\n"
        },
    ),
    "kustomizations in a circle": (
        {
            "a/kustomization.yaml": "resources: [web.yaml]\n",
            "a/web.yaml": WEB,
            "b/kustomization.yaml": "resources: [../a]\n",
        },
        {"a/kustomization.yaml": "resources: [web.yaml, ../b, ., ../a]\ncomponents: [../a]\n"},
    ),
    "1,000 kustomizations in a row": (
        {**CHAIN, "k1000/kustomization.yaml": "resources: [web.yaml]\n", "k1000/web.yaml": WEB},
        {"k1000/web.yaml": RISKY},
    ),
    "kustomizations that double": (overlays(25), {"k25/web.yaml": RISKY}),
    "module that calls itself": (
        {"prod/main.tf": ROUTE},
        {"prod/main.tf": f'module "m" {{ source = "./" }}\nmodule "n" {{ source = "../prod" }}\n{ROUTE}'},
    ),
    "modules in a circle": (
        {"prod/main.tf": 'module "a" { source = "../a" }\n', "a/main.tf": ROUTE},
        {"a/main.tf": 'module "b" { source = "../b" }\n', "b/main.tf": 'module "a" { source = "../a" }\n'},
    ),
    "modules that double": (modules(18), {"m18/main.tf": ROUTE.replace("{}", "{ a = 1 }")}),
    "locals in a circle": (
        {"prod/main.tf": ROUTE},
        {"prod/main.tf": f"locals {{ a = local.b\n b = local.a }}\n{ROUTE.replace('{}', '{ a = local.a }')}"},
    ),
    "loops in loops": (
        {"prod/main.tf": ROUTE},
        {"prod/main.tf": ROUTE.replace("{}", "{ a = [for i in range(999): [for j in range(999): [i, j]]] }")},
    ),
    "a count of a billion": (
        {"prod/main.tf": ROUTE},
        {"prod/main.tf": ROUTE.replace("{}", "{ count = 1000000000 }")},
    ),
    "units in a circle": (
        {"prod/terragrunt.hcl": 'terraform { source = "../m" }\n', "m/main.tf": ROUTE, "terragrunt.hcl": ""},
        {
            "prod/terragrunt.hcl": 'include "r" { path = "../terragrunt.hcl" }\nterraform { source = "../prod" }\n',
            "terragrunt.hcl": 'include "r" { path = "./prod/terragrunt.hcl" }\n'
            'locals { x = read_terragrunt_config("terragrunt.hcl") }\ndependency "a" { config_path = "./prod" }\n',
        },
    ),
    "matrix of a million": (
        {"argo/set.yaml": SET.replace("GENERATOR", elements("a", 1)), "apps/a1/web.yaml": WEB},
        {
            "argo/set.yaml": SET.replace("GENERATOR", matrix(elements("a", 1_000), elements("b", 1_000))),
            "apps/a1/web.yaml": RISKY,
        },
    ),
    "matrix in a matrix": (
        {"argo/set.yaml": SET.replace("GENERATOR", elements("a", 1)), "apps/a1/web.yaml": WEB},
        {
            "argo/set.yaml": SET.replace(
                "GENERATOR", matrix(elements("a", 999), matrix(elements("b", 999), elements("c", 999)))
            )
        },
    ),
    "apps of apps in a circle": (
        {"a/app.yaml": application("a", "b"), "b/app.yaml": application("b", "a"), "b/web.yaml": WEB},
        {"a/app.yaml": application("a", "b") + "---\n" + application("c", "."), "b/web.yaml": RISKY},
    ),
    "Flux in a circle": (
        {
            "clusters/prod/a.yaml": deployment("a", "./clusters"),
            "x/c.yaml": deployment("c", "./x"),
            "x/web.yaml": WEB,
        },
        {"x/c.yaml": deployment("c", "./clusters") + "---\n" + deployment("d", "./"), "x/web.yaml": RISKY},
    ),
    "services that extend each other": (
        {"compose.yaml": "services: {web: {image: 'x:1'}}\n"},
        {
            "compose.yaml": "include: [compose.yaml, x/compose.yaml]\nservices:\n  web: {extends: {service: b}}\n"
            "  b: {extends: {service: web}}\n  c: {extends: {file: compose.yaml, service: c}}\n",
            "x/compose.yaml": "include: [../compose.yaml]\nservices: {z: {image: a}}\n",
        },
    ),
    "conditions that double": (
        {"stacks/prod/a.yaml": STACK.replace(", Condition: C0", "")},
        {
            "stacks/prod/a.yaml": "Conditions:\n  C60: {'Fn::Equals': [a, b]}\n  Z: {Condition: Z}\n"
            + "".join(
                f"  C{n}: {{'Fn::And': [{{Condition: C{n + 1}}}, {{Condition: C{n + 1}}}]}}\n"
                for n in range(60)
            )
            + STACK
        },
    ),
    "a stack in itself": (
        {"stacks/prod/a.yaml": STACK},
        {
            "stacks/prod/a.yaml": STACK
            + "  N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ./a.yaml}}\n"
        },
    ),
    "a chart in itself": (
        {
            "charts/x/Chart.yaml": CHART,
            "charts/x/values.yaml": "a: 1\n",
            "charts/x/templates/a.yaml": "a: {{ .Values.a }}\n",
        },
        {"charts/x/values.yaml": "a: 2\nx: {a: 3}\ny: {x: {x: {a: 1}}}\n"},
    ),
    "helmfiles in a circle": (
        {
            "helmfile.yaml": "helmfiles: [helmfile.yaml, x/helmfile.yaml]\nbases: [helmfile.yaml]\nreleases: []\n"
        },
        {"x/helmfile.yaml": "helmfiles: [../helmfile.yaml]\n"},
    ),
    "jobs of GitLab in a circle": (
        {
            ".gitlab-ci.yml": "include: [a.yml]\nd: {script: [riskcheck diff]}\n",
            "a.yml": "include: [.gitlab-ci.yml]\n",
        },
        {".gitlab-ci.yml": "include: [a.yml]\nd: {extends: .a}\n.a: {extends: .b}\n.b: {extends: .a}\n"},
    ),
    "workflows in a circle": (
        {".github/workflows/d.yml": "on: push\njobs: {d: {uses: ./.github/workflows/d.yml}}\n"},
        {
            ".github/workflows/d.yml": "on: push\njobs: {d: {needs: [d], uses: ./.github/workflows/e.yml}}\n",
            ".github/workflows/e.yml": "on: workflow_call\njobs: {d: {uses: ./.github/workflows/d.yml}}\n",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_ends(tmp_path: Path, name: str) -> None:
    base, head = CASES[name]
    repo = GitRepo(tmp_path / "repo")
    repo.commit(base)
    repo.commit(head)
    riskcheck(repo.path, "diff", "HEAD~1..HEAD", codes=(0, 1))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kustomizations in a circle", "includes itself"),
        ("1,000 kustomizations in a row", "nested deeper than 64"),
        ("kustomizations that double", "GOV-010"),
        ("matrix of a million", "more than 2,000 Applications"),
        ("loops in loops", "steps of evaluation"),
        ("modules that double", "GOV-010"),
        ("bundle variables in a circle", "GOV-010"),
    ],
)
def test_it_says_where_it_ended(tmp_path: Path, name: str, said: str) -> None:
    base, head = CASES[name]
    repo = GitRepo(tmp_path / "repo")
    repo.commit(base)
    repo.commit(head)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD")
    assert said in " ".join(done.out.split())
