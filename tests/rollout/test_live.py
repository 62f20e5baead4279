"""Progressive delivery as canary evidence, through the command line on real repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck.in_memory import analyze_trees
from riskcheck.judged import CanaryStrength
from riskcheck.rules.load import load_rules
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
gate: {require_canary: all}
"""
ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 20
  selector: {matchLabels: {app: web}}
  strategy:
    canary:
      trafficRouting: {istio: {virtualService: {name: web}}}
      steps:
        - setWeight: 5
        - pause: {duration: 30m}
        - analysis: {templates: [{templateName: errors}]}
        - setWeight: 50
        - pause: {duration: 1h}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: "registry.example/web:1.4.2"
          readinessProbe: {httpGet: {path: /ready, port: 80}}
          env:
            - name: LIMIT
              valueFrom: {configMapKeyRef: {name: web-config, key: limit}}
"""
TEMPLATE = """\
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors, namespace: shop}
spec:
  metrics:
    - name: error-rate
      interval: 1m
      count: 10
      failureLimit: 1
      failureCondition: result[0] > 0.01
      provider: {prometheus: {query: rate}}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web-config, namespace: shop}
data: {limit: "100"}
"""
FILES = {
    "riskcheck.yaml": POLICY,
    "clusters/prod/web.yaml": ROLLOUT,
    "clusters/prod/errors.yaml": TEMPLATE,
    "clusters/prod/config.yaml": CONFIG,
    "clusters/staging/config.yaml": CONFIG,
}
WEB = "clusters/prod/web.yaml"
PROBE = "          readinessProbe: {httpGet: {path: /ready, port: 80}}\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


def judged(repo: GitRepo, base: dict[str, str], head: dict[str, str]) -> dict[str, object]:
    """The report on two commits; `base` and `head` are laid over `FILES`."""
    first = repo.commit({**FILES, **base})
    second = repo.commit(head)
    result = riskcheck(repo.path, "diff", f"{first}..{second}", "--format", "json", "--no-cache")
    assert result.stderr == ""
    report = json.loads(result.stdout)
    assert isinstance(report, dict)
    return report


def evidence(report: dict[str, object], kind: str, code: str | None = None) -> dict[str, object]:
    """Evidence of one kind in the first finding (of `code`)."""
    findings = report["findings"]
    assert isinstance(findings, list)
    of_code = [one for one in findings if code is None or one["code"] == code]
    return next(one for one in of_code[0]["canary"]["evidence"] if one["kind"] == kind)


def codes(report: dict[str, object]) -> list[str]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return sorted(one["code"] for one in findings)


def test_an_image_that_goes_through_a_good_canary_passes_in_silence(repo: GitRepo) -> None:
    report = judged(repo, {}, {WEB: ROLLOUT.replace("web:1.4.2", "web:1.5.0")})
    assert codes(report) == []
    assert report["verdict"] == "pass"


def test_without_the_canary_the_same_image_is_asked_for_evidence(repo: GitRepo) -> None:
    plain = ROLLOUT[: ROLLOUT.index("      trafficRouting")] + ROLLOUT[ROLLOUT.index("  template:") :]
    report = judged(repo, {WEB: plain}, {WEB: plain.replace("web:1.4.2", "web:1.5.0")})
    assert codes(report) == ["CAN-001"]


def test_a_metric_that_can_stop_it_lowers_the_level_of_a_removed_probe(repo: GitRepo) -> None:
    report = judged(repo, {}, {WEB: ROLLOUT.replace(PROBE, "")})
    found = evidence(report, "metric")
    assert found["found"] is True
    assert found["detail"] == (
        "Rollout shop/web steps 5, 50, 100 % over 1h39m with metric error-rate, which aborts by itself"
    )
    assert evidence(report, "split")["detail"] == (
        "Rollout shop/web steps 5, 50, 100 % over 1h39m with metric error-rate; to see 1 % errors it needs 1,153 "
        "requests per arm"
    )
    assert not [code for code in codes(report) if code.startswith("CAN-")]


def test_a_configmap_is_told_that_the_canary_does_not_see_it(repo: GitRepo) -> None:
    path = "clusters/prod/config.yaml"
    report = judged(repo, {}, {path: CONFIG.replace("100", "5")})
    found = evidence(report, "split", "K8S-016")
    assert found["found"] is False
    assert found["detail"] == (
        "Rollout shop/web steps 5, 50, 100 % over 1h39m with metric error-rate, but this does not go through it: "
        "Rollout web reacts to spec.template; an edited ConfigMap does not change it"
    )
    assert "CAN-001" in codes(report)


def canaried(old: str, new: str) -> dict[str, str]:
    assert old in ROLLOUT
    return {WEB: ROLLOUT.replace(old, new)}


STEP = "        - analysis: {templates: [{templateName: errors}]}\n"
BACKGROUND = canaried(STEP, "")[WEB].replace(
    "      steps:\n", "      analysis: {templates: [{templateName: errors}]}\n      steps:\n"
)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            BACKGROUND.replace("duration: 30m}", "duration: 0}").replace("duration: 1h}", "duration: 0}"),
            "Rollout shop/web: its steps hold for no time, so nothing can be seen in between",
        ),
        (
            canaried("setWeight: 5\n", "setWeight: 45\n")[WEB],
            "Rollout shop/web: its first step exposes 45 %, and at most 20 % counts",
        ),
        (
            canaried("setWeight: 50\n", "setWeight: 25\n")[WEB],
            "Rollout shop/web: it goes from 25 % to 100 % in one step, and at most 50 points count",
        ),
        (
            canaried("  replicas: 20", "  paused: true\n  replicas: 20")[WEB],
            "Rollout web is switched off: it is paused as a whole",
        ),
        (
            canaried(STEP, "")[WEB],
            "Rollout shop/web: no metric can fail: no analysis decides whether it goes on",
        ),
        (
            canaried("templateName: errors", "templateName: elsewhere")[WEB],
            "Rollout shop/web: AnalysisTemplate elsewhere is out of reach, so whether it can fail is unknown",
        ),
    ],
)
def test_a_canary_that_proves_nothing_says_why(repo: GitRepo, files: str, reason: str) -> None:
    report = judged(repo, {WEB: files}, {WEB: files.replace("web:1.4.2", "web:1.5.0")})
    assert codes(report) == ["CAN-001"]
    assert reason in str(evidence(report, "split")["detail"])


def test_a_metric_that_cannot_fail_is_no_gate(repo: GitRepo) -> None:
    dry = {
        "clusters/prod/errors.yaml": TEMPLATE.replace(
            "spec:\n", "spec:\n  dryRun: [{metricName: error-rate}]\n"
        )
    }
    report = judged(repo, dry, {WEB: ROLLOUT.replace("web:1.4.2", "web:1.5.0")})
    assert evidence(report, "split")["detail"] == (
        "Rollout shop/web: no metric can fail: metric error-rate is a dry run"
    )


def test_a_canary_that_comes_with_the_change_proves_nothing(repo: GitRepo) -> None:
    plain = ROLLOUT[: ROLLOUT.index("      trafficRouting")] + ROLLOUT[ROLLOUT.index("  template:") :]
    report = judged(repo, {WEB: plain}, {WEB: ROLLOUT.replace("web:1.4.2", "web:1.5.0")})
    assert "CAN-001" in codes(report)
    details = [str(evidence(report, "split")["detail"])]
    assert details == ["no traffic split is declared for it"] or "comes with this change" in details[0]


def test_a_canary_that_the_change_weakens_no_longer_counts(repo: GitRepo) -> None:
    weak = ROLLOUT.replace(PROBE, "").replace("setWeight: 5\n", "setWeight: 60\n")
    report = judged(repo, {}, {WEB: weak})
    assert "CAN-001" in codes(report)
    assert evidence(report, "split", "K8S-005")["detail"] == (
        "Rollout shop/web, as this change leaves it: its first step exposes 60 %, and at most 20 % counts"
    )


def test_an_analysis_before_blue_green_is_a_metric_and_no_split(repo: GitRepo) -> None:
    start, end = ROLLOUT.index("    canary:"), ROLLOUT.index("  template:")
    strategy = (
        "    blueGreen:\n      activeService: web\n      previewService: web-preview\n"
        "      prePromotionAnalysis: {templates: [{templateName: errors}]}\n"
    )
    green = ROLLOUT[:start] + strategy + ROLLOUT[end:]
    report = judged(repo, {WEB: green}, {WEB: green.replace("web:1.4.2", "web:1.5.0")})
    assert evidence(report, "metric")["found"] is True
    assert "moves all traffic at once" in str(evidence(report, "split")["detail"])
    assert codes(report) == ["CAN-001"]


FLAGGER = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: web, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  service: {port: 80}
  analysis:
    interval: 1m
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics: [{name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: "registry.example/web:1.4.2"
          envFrom: [{configMapRef: {name: web-config}}]
"""


def test_configuration_that_flagger_tracks_goes_through_its_canary(repo: GitRepo) -> None:
    base = {WEB: DEPLOYMENT, "clusters/prod/canary.yaml": FLAGGER}
    path = "clusters/prod/config.yaml"
    report = judged(repo, base, {path: CONFIG.replace("100", "5")})
    assert codes(report) == []


def test_a_suspended_flagger_canary_sees_nothing(repo: GitRepo) -> None:
    suspended = FLAGGER.replace("spec:\n", "spec:\n  suspend: true\n")
    base = {WEB: DEPLOYMENT, "clusters/prod/canary.yaml": suspended}
    report = judged(repo, base, {"clusters/prod/config.yaml": CONFIG.replace("100", "5")})
    assert "CAN-001" in codes(report)
    assert evidence(report, "split")["detail"] == (
        "Canary web is switched off: it is suspended, so nothing starts it"
    )


def test_a_plan_is_asked_for_only_where_a_rule_lists_it(repo: GitRepo) -> None:
    report = judged(repo, {WEB: DEPLOYMENT}, {WEB: DEPLOYMENT.replace("web:1.4.2", "web:latest")})
    assert evidence(report, "shadow", "K8S-007")["detail"] == "no plan was given"
    with pytest.raises(StopIteration):
        evidence(report, "split", "K8S-007")


def test_how_much_a_split_sees_is_handed_on() -> None:
    base = {path: text.encode() for path, text in FILES.items()}
    head = {**base, WEB: ROLLOUT.replace(PROBE, "").encode()}
    report = analyze_trees(base, head, load_rules(use_cache=False).rules)
    found = next(one for one in report.findings if one.code == "K8S-005")
    strengths = {one.kind: one.strength for one in found.canary if one.found}
    assert strengths["split"] == CanaryStrength(
        share=0.05, soak_seconds=5940, needed_seconds=1800, abort="automatic", verdict_seconds=60
    )
    assert strengths["metric"] == CanaryStrength(abort="automatic", verdict_seconds=60)


def test_the_policy_may_let_more_be_exposed_at_once(repo: GitRepo) -> None:
    wide = canaried("setWeight: 5\n", "setWeight: 45\n")[WEB]
    policy = POLICY + "rules: {options: {CAN-007: {max_first: 50}}}\n"
    report = judged(
        repo, {WEB: wide, "riskcheck.yaml": policy}, {WEB: wide.replace("web:1.4.2", "web:1.5.0")}
    )
    assert codes(report) == []


def test_a_pause_that_cannot_be_read_shows_nothing(repo: GitRepo) -> None:
    unread = BACKGROUND.replace("duration: 30m}", "duration: soon}").replace(
        "duration: 1h}", "duration: later}"
    )
    unread = unread.replace("analysis: {templates: [{templateName: errors}]}", "maxSurge: 1")
    report = judged(repo, {WEB: unread}, {WEB: unread.replace("web:1.4.2", "web:1.5.0")})
    assert evidence(report, "split")["detail"] == "Rollout shop/web: how long its steps hold cannot be read"


ROUTES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  hosts: [web]
  http:
    - match: [{uri: {prefix: /a}}]
      route: [{destination: {host: web}, weight: 95}, {destination: {host: web-next}, weight: 5}]
    - route: [{destination: {host: web}, weight: 95}, {destination: {host: web-next}, weight: 5}]
"""


def test_a_route_with_several_rules_is_the_same_on_both_sides(repo: GitRepo) -> None:
    base = {WEB: DEPLOYMENT, "clusters/prod/routes.yaml": ROUTES}
    report = judged(repo, base, {WEB: DEPLOYMENT.replace("web:1.4.2", "web:latest")})
    detail = str(evidence(report, "split", "K8S-007")["detail"])
    assert detail.startswith("VirtualService shop/web splits off 5 %, but this does not go through it: ")
