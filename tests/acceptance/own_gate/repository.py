"""A guarded repository, a branch that attacks its guards, and what riskcheck says of it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any, NamedTuple

from riskcheck.commands.running import RunRequest, perform
from riskcheck.sources.spec import RangeSpec
from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB


class Link(NamedTuple):
    """A symbolic link takes the place of the file."""

    target: str


class Moved(NamedTuple):
    """The file goes elsewhere as it is."""

    to: str


Edit = str | bytes | None | tuple[str, str] | Link | Moved
"""What becomes of a file: all of its new text, None where it goes, what stands for which words."""

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h, paths: ["staging/**"]}
  - {name: prod-eu, stage: prod, tier: premium, region: westeurope, paths: ["prod/**"]}
services:
  - {name: shop, owner: team-shop, criticality: tier-1, rto: 30m, rpo: 15m, scopes: [sox], support: premium,
     runbook: {url: "https://wiki.example/shop", exercised: 2026-10-01, duration: 45m},
     paths: ["prod/**", "staging/**"]}
  - {name: mailer, owner: team-mail, criticality: tier-3, paths: ["mail/**"]}
catalogs: [catalog/shop.yaml]
known_addresses: [network/in-use.csv]
files: {include: ["settings/**"], exclude: ["**/testdata/**"]}
gate: {require_canary: risky, incomplete: block}
freezes:
  - {name: long, from: 2020-01-01, to: 2099-12-31, services: [shop]}
windows:
  - {name: monday, days: [mon], from: "09:00", to: "09:01", services: [shop]}
approvals:
  - {scope: sox, teams: [team-controls]}
budget: {max_increase: 15%, monthly: 40000, prices: finance/prices.yaml}
response: {P1: {to: team-shop-on-call}}
rules:
  packs: [policies/rules]
  coupled: [policies/coupled]
  learned: [policies/learned.yaml]
  ignore: []
  severity: {K8S-001: P1}
  options: {GOV-004: {detection_minutes: 10}}
waivers:
  - {rule: K8S-002, where: "kubernetes:Deployment.shop/web", environments: [prod-eu], max_level: P2,
     owner: team-shop, reason: agreed, until: 2099-01-31}
"""

OWN_RULE = """\
id: replicas-at-least-two
code: OWN-001
title: Fewer than four replicas
severity: P2
confidence: high
reversibility: reversible
category: platform
match: {platform: kubernetes, kind: [Deployment], path: spec.replicas, change: modified}
when: after < 4
message: "{after} replicas are too few here"
why: Four are agreed.
fix: Keep four.
since: "0.1"
"""

OWN_SET = """\
id: partner
title: a tunnel to a partner
anchor:
  kinds: [aws_customer_gateway]
  fields: [ip_address]
members:
  - id: connection
    label: VPN connection
    requirement: required
    ways:
      - {kinds: [aws_vpn_connection], path: customer_gateway_id, to: anchor}
    missing: no tunnel uses the gateway
"""

PRICES = "currency: USD\nmachines: {i3.xlarge: 0.312}\n"

WORKFLOW = """\
name: ci
on: {pull_request: {}, push: {branches: [main]}}
permissions: {contents: read}
jobs:
  risk:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Judge the change
        run: riskcheck diff origin/main
"""

OWNERS = """\
* @org/all
/prod/ @org/team-shop
/riskcheck.yaml @org/team-controls
"""

PRE_COMMIT = """\
repos:
  - repo: https://git.example/riskcheck
    rev: v0.1.0
    hooks:
      - id: riskcheck
"""

HUSKY = "#!/usr/bin/env sh\nriskcheck diff --hook\nnpx lint-staged\n"

LEFTHOOK = """\
pre-commit:
  parallel: true
  jobs:
    - name: riskcheck
      run: riskcheck diff --hook
    - name: eslint
      run: npx eslint {staged_files}
"""

SETTINGS = """\
repository: {default_branch: main}
branches:
  - name: main
    protection:
      required_pull_request_reviews: {required_approving_review_count: 2, require_code_owner_reviews: true}
      required_status_checks: {strict: true, contexts: [risk, test]}
      enforce_admins: true
"""

RULESET = """\
{
  "name": "main", "target": "branch", "enforcement": "active",
  "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
  "rules": [
    {"type": "deletion"},
    {"type": "pull_request",
     "parameters": {"required_approving_review_count": 2, "require_code_owner_review": true}},
    {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "risk"}]}}
  ],
  "bypass_actors": []
}
"""

LEARNED = """\
version: 1
rules:
  - {edited: mail/relay.yaml, expect: mail/rules.yaml, level: warn}
"""

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop, labels: {example.com/criticality: tier-1}}
spec: {type: service, lifecycle: production, owner: team-shop}
"""

GUARDED: Mapping[str, str] = {
    "riskcheck.yaml": POLICY,
    "policies/rules/replicas-at-least-two.yaml": OWN_RULE,
    "policies/coupled/partner.yaml": OWN_SET,
    "policies/learned.yaml": LEARNED,
    "finance/prices.yaml": PRICES,
    "network/in-use.csv": "address\n10.1.2.3\n10.1.2.4\n",
    "catalog/shop.yaml": CATALOG,
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/CODEOWNERS": OWNERS,
    ".github/settings.yml": SETTINGS,
    ".github/rulesets/main.json": RULESET,
    ".pre-commit-config.yaml": PRE_COMMIT,
    ".husky/pre-commit": HUSKY,
    "lefthook.yml": LEFTHOOK,
    "prod/data.yaml": CLAIM,
    "prod/web.yaml": WEB,
    "staging/web.yaml": WEB,
}

RISK: Mapping[str, Edit] = {"prod/data.yaml": None, "prod/web.yaml": ("replicas: 3", "replicas: 2")}
"""Data that goes, and a tier-1 service on two thirds of its feet."""

FRIDAY = 1_795_176_000
"""2026-11-20T12:00:00Z."""


class Said(NamedTuple):
    """What a run came to."""

    code: int
    report: dict[str, Any]

    def findings(self, code: str = "") -> list[dict[str, Any]]:
        """The findings of one rule, or all but those of the gate."""
        return [
            one
            for one in self.report["findings"]
            if (one["code"] == code if code else one["code"] != "GOV-006")
        ]


def apply(repo: GitRepo, edits: Mapping[str, Edit]) -> None:
    """Makes `edits` in the working tree."""
    for path, edit in edits.items():
        if isinstance(edit, Link):
            (repo.path / path).unlink(missing_ok=True)
            repo.symlink(path, edit.target)
        elif isinstance(edit, Moved):
            target = repo.path / edit.to
            target.parent.mkdir(parents=True, exist_ok=True)
            (repo.path / path).rename(target)
        elif isinstance(edit, tuple):
            old, new = edit
            text = (repo.path / path).read_text()
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
            repo.write({path: text.replace(old, new)})
        else:
            repo.write({path: edit})


def judged(repo: GitRepo, *, clock: int = FRIDAY, **request: Any) -> Said:
    """`riskcheck diff main` as CI runs it, in this process."""
    out = io.StringIO()
    spec = RangeSpec(root=repo.path, revision="main", environ=repo.environ, clock=clock)
    with redirect_stdout(out):
        code = perform(RunRequest(spec=spec, format="json", cache=False, **request))
    return Said(code, json.loads(out.getvalue()))
