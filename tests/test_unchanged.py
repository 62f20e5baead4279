"""Where nothing changed, the short way says what the long way would."""

from __future__ import annotations

import pytest

from riskcheck.engine import Options, analyze
from riskcheck.in_memory import NOW
from riskcheck.policy.load import load_policy
from riskcheck.trees import Comparison, MemoryTree
from riskcheck.unchanged import unchanged
from tests.manifests import WEB

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: [clusters/staging/**]}
  - {name: prod, stage: prod, paths: [clusters/prod/**]}
services:
  - {name: shop, owner: team-shop, criticality: tier-1, paths: [clusters/**]}
freezes:
  - {name: winter, from: "2026-12-01", to: "2027-02-01"}
waivers:
  - {rule: K8S-001, where: clusters/prod/web.yaml, owner: team-shop, reason: drill, until: "2026-01-31"}
"""


@pytest.mark.parametrize("policy", ["", POLICY])
@pytest.mark.parametrize("waivers", [True, False])
def test_the_report_is_the_engines(policy: str, waivers: bool) -> None:
    files = {"clusters/prod/web.yaml": WEB.encode()}
    if policy:
        files["riskcheck.yaml"] = policy.encode()
    base, head = MemoryTree(files, "base", "BASE"), MemoryTree(files, "head", "HEAD")
    comparison = Comparison(base, head, base, (), NOW, notes=("a remark",))
    loaded = load_policy(base, None)
    short = unchanged(comparison, loaded, "sha256:0", waivers=waivers)
    long = analyze(comparison, loaded, (), "sha256:0", Options(waivers=waivers))
    assert short._replace(excerpts=None) == long._replace(excerpts=None)
    assert not short.excerpts and not long.excerpts
    assert any("lapsed" in note for note in short.notes) == (bool(policy) and waivers)
