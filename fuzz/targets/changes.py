"""The whole of riskcheck on two trees: every platform, every rule, the policy and plans of the input."""

from __future__ import annotations

import zlib
from functools import cache, partial

from fuzz import seeds
from fuzz.archive import sides
from fuzz.model import Target
from fuzz.reports import check
from riskcheck.errors import RunError
from riskcheck.in_memory import analyze_trees
from riskcheck.models import Rule
from riskcheck.report.json import render
from riskcheck.rules.load import load_rules


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules(use_cache=False).rules)


def judge(data: bytes) -> object:
    """Judges the change; now and then the state of its head, too. What cannot be run says so in lines."""
    base, head, plans = sides(data)
    try:
        report = analyze_trees(base, head, rules(), plans=plans)
        if zlib.crc32(data) % 8 == 3:
            check(analyze_trees(head, head, rules(), state=True))
    except RunError as error:
        assert str(error).strip(), "an error without words"
        return str(error)
    check(report)
    return render(report)


WORDS = (
    *("-- base/", "-- head/", " --\n", "riskcheck.yaml", "databricks.yml", "Chart.yaml", "values.yaml"),
    *(
        "kustomization.yaml",
        "compose.yaml",
        "main.tf",
        "terragrunt.hcl",
        "template.json",
        ".github/workflows/a.yml",
    ),
    *("resources:", "targets:", "variables:", "include:", "spec:", "metadata:", "kind: ", "apiVersion: "),
)

_BY_WORD = {
    "bundles": (b"bundle:", "Databricks bundles with includes, variables and targets"),
    "kustomizations": (b"kustomization.yaml", "kustomizations and the objects that they shape"),
    "charts": (b"Chart.yaml", "charts, values and what deploys them"),
    "stacks": (b"AWS::", "CloudFormation templates"),
    "compose": (b"compose.yaml", "Compose projects"),
    "gitops": (b"toolkit.fluxcd.io", "definitions of Flux"),
    "argocd": (b"argoproj.io", "definitions of Argo CD and Argo Rollouts"),
    "terraform": (b".tf --", "Terraform, roots, modules, variable files"),
    "terragrunt": (b"terragrunt.hcl", "units of Terragrunt"),
    "statements": (b".sql --", "SQL scripts"),
    "gates": (b".github/", "pipelines, code owners and what else guards merges"),
    "plans": (b"-- plan/", "a change with the plan of a deployment tool"),
    "policies": (b"riskcheck.yaml --", "policies, and what they decide about"),
}

TARGETS = (
    Target("changes", "two trees of any kind", judge, seeds.changes, WORDS),
    *(
        Target(name, about, judge, partial(seeds.containing, word), WORDS)
        for name, (word, about) in _BY_WORD.items()
    ),
)
