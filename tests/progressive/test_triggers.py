"""What goes through a canary and what passes by it."""

from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare
from riskcheck.platforms.kubernetes import PLATFORM
from riskcheck.progressive.read import deliveries, flows_through
from tests.platforms.kubernetes.trees import resolved
from tests.progressive.manifests import CONFIG, DEPLOYMENT, SECRET, canary, edits, rollout, steps
from tests.progressive.test_flagger import ANALYSIS

ROLLOUT = rollout(steps("setWeight: 10", "pause: {duration: 10m}"))
REFERS = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web-rollout, namespace: shop}
spec:
  replicas: 5
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}]}}
"""
FLAGGER = "---\n".join([canary(ANALYSIS), DEPLOYMENT])
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
"""


def through(before: str, old: str, new: str) -> tuple[bool, str]:
    """What is said of the one change that this edit makes."""
    assert before.count(old) == 1
    after = before.replace(old, new)
    (change,) = edits(before, after)
    (delivery,) = deliveries(resolved({"clusters/prod/all.yaml": after}).resources)
    return flows_through(delivery, change)


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("web:1.4.2", "web:1.5.0", (True, "the pod template changes, which starts the steps of Rollout web")),
        (
            "labels: {app: web}",
            "labels: {app: web, v: b}",
            (True, "the pod template changes, which starts the steps of Rollout web"),
        ),
        ("replicas: 10", "replicas: 3", (False, "Rollout web reacts to spec.template, not to spec.replicas")),
        (
            "kind: Rollout\nmetadata: {",
            "kind: Rollout\nmetadata: {labels: {a: b}, ",
            (False, "Rollout web reacts to spec.template, not to metadata.labels"),
        ),
        (
            "LEVEL: info",
            "LEVEL: debug",
            (False, "Rollout web reacts to spec.template; an edited ConfigMap does not change it"),
        ),
        ("K: v", "K: w", (False, "Rollout web reacts to spec.template; an edited Secret does not change it")),
        (
            "targetPort: 8080",
            "targetPort: 8081",
            (False, "Rollout web reacts to spec.template, not to a Service"),
        ),
    ],
)
def test_a_rollout_reacts_to_its_pod_template_alone(old: str, new: str, answer: tuple[bool, str]) -> None:
    assert through("---\n".join([ROLLOUT, CONFIG, SECRET, SERVICE]), old, new) == answer


@pytest.mark.parametrize(
    ("old", "new", "flows"),
    [
        ("web:1.4.2", "web:1.5.0", True),
        ("LEVEL: info", "LEVEL: debug", True),
        ("K: v", "K: w", True),
        ("replicas: 3", "replicas: 2", False),
        ("kind: Deployment\nmetadata: {", "kind: Deployment\nmetadata: {annotations: {a: b}, ", False),
        ("kind: ConfigMap\nmetadata: {", "kind: ConfigMap\nmetadata: {labels: {a: b}, ", False),
        ("targetPort: 8080", "targetPort: 8081", False),
        ("stepWeight: 20", "stepWeight: 40", False),
    ],
)
def test_flagger_reacts_to_the_pod_template_and_tracked_configuration(
    old: str, new: str, flows: bool
) -> None:
    found, reason = through("---\n".join([FLAGGER, CONFIG, SECRET, SERVICE]), old, new)
    assert found is flows, reason


def test_flagger_hashes_only_some_types_of_secrets_and_no_binary_data() -> None:
    token = SECRET.replace("stringData:", "type: example.com/token\nstringData:")
    assert through("---\n".join([FLAGGER, token]), "K: v", "K: w") == (
        False,
        "Canary web does not track Secrets of type example.com/token",
    )
    binary = CONFIG.replace("data: {LEVEL: info}", "binaryData: {LEVEL: aW5mbw==}")
    assert not through("---\n".join([FLAGGER, binary]), "aW5mbw==", "ZGVidWc=")[0]


def test_untracked_configuration_passes_by_flagger() -> None:
    off = CONFIG.replace(
        "namespace: shop}", "namespace: shop, annotations: {flagger.app/config-tracking: disabled}}"
    )
    assert through("---\n".join([FLAGGER, off]), "LEVEL: info", "LEVEL: debug") == (
        False,
        "Canary web does not track ConfigMap web-config: config tracking is disabled",
    )


def test_configuration_that_no_pod_of_it_uses_does_not_flow_through() -> None:
    other = CONFIG.replace("name: web-config", "name: other")
    assert through("---\n".join([FLAGGER, other]), "LEVEL: info", "LEVEL: debug") == (
        False,
        "no pod of Canary web uses ConfigMap other",
    )


@pytest.mark.parametrize(
    ("workload", "flows"), [("\n".join([REFERS, "---", DEPLOYMENT]), True), (ROLLOUT, False)]
)
def test_a_generated_name_carries_its_content_into_the_template_where_the_reference_is_renamed(
    workload: str, flows: bool
) -> None:
    # kustomize knows the references of a Deployment, and those of a Rollout only where it is told to.
    files = {
        side: {
            "clusters/prod/kustomization.yaml": (
                "namespace: shop\nresources: [web.yaml]\n"
                f"configMapGenerator: [{{name: web-config, literals: [LEVEL={level}]}}]\n"
            ),
            "clusters/prod/web.yaml": workload,
        }
        for side, level in (("base", "info"), ("head", "debug"))
    }
    base = resolved(files["base"], side="base").resources  # type: ignore[arg-type]
    head = resolved(files["head"]).resources
    changes = compare(base, head, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field))
    (delivery,) = deliveries(head)
    said = [flows_through(delivery, one) for one in changes if one.resource.kind == "ConfigMap"]
    assert len(said) == 2
    assert {one for one, _ in said} == {flows}


def test_a_first_deployment_skips_the_steps() -> None:
    (added,) = edits(CONFIG, CONFIG + "---\n" + ROLLOUT)
    (delivery,) = deliveries(resolved({"clusters/prod/all.yaml": ROLLOUT}).resources)
    assert flows_through(delivery, added) == (False, "a first deployment skips the steps of Rollout web")


def test_nothing_flows_through_what_is_switched_off_or_out_of_reach() -> None:
    suspended = "---\n".join([canary(ANALYSIS, more="suspend: true\n"), DEPLOYMENT])
    assert through(suspended, "web:1.4.2", "web:1.5.0") == (
        False,
        "Canary web is switched off: it is suspended, so nothing starts it",
    )
    alone = canary(ANALYSIS)
    assert through(alone, "stepWeight: 20", "stepWeight: 30") == (
        False,
        "Deployment web, which Canary web governs, is out of reach",
    )


def test_a_deployment_that_a_rollout_refers_to_is_its_template() -> None:
    both = "---\n".join([REFERS, DEPLOYMENT])
    assert through(both, "web:1.4.2", "web:1.5.0")[0]
    assert not through(both, "replicas: 3", "replicas: 2")[0]
    assert not through(both, "replicas: 5", "replicas: 2")[0]
