"""Only what the repository names is told to be watched, each with its place."""

from __future__ import annotations

from riskcheck.documents.store import DocumentStore
from riskcheck.planning.watch import Watched, of_resource, signals
from riskcheck.plans import Signal
from tests.build import resource
from tests.support import MemoryTree

ORDERS = Watched("orders", frozenset({"orders", "orders-api"}), frozenset({"apps/orders"}))

RULES = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: shop}
spec:
  groups:
    - name: shop
      rules:
        - alert: OrdersDown
          expr: up{job="orders-api"} == 0
          annotations: {runbook_url: "https://runbooks.example/orders"}
        - alert: OrdersSlow
          expr: histogram_quantile(0.99, rate(latency_bucket[5m])) > 1
          labels: {service: orders}
        - alert: Pods
          expr: kube_pod_status_ready{pod=~"orders-api-.*"} == 0
        - alert: OrdersArchiveDown
          expr: up{job="orders-archive"} == 0
        - alert: Reorders
          expr: rate(orders_total[5m]) == 0
        - record: orders:rate
          expr: rate(orders_total[5m])
"""


def found(files: dict[str, str], *services: Watched) -> list[tuple[str, str, str]]:
    told = signals(DocumentStore(MemoryTree(files)), services or [ORDERS])
    return [(one.kind, one.name, one.place) for one in told]


def test_alerts_are_linked_by_label_values_and_never_by_names_that_only_look_alike() -> None:
    assert found({"monitoring/shop.yaml": RULES}) == [
        ("alert", "OrdersDown", "monitoring/shop.yaml:8"),
        ("alert", "OrdersSlow", "monitoring/shop.yaml:11"),
        ("alert", "Pods", "monitoring/shop.yaml:14"),
    ]


def test_an_alert_brings_its_runbook_and_says_why_it_is_meant() -> None:
    (down, *_) = signals(DocumentStore(MemoryTree({"m.yaml": RULES})), [ORDERS])
    assert down.link == "its expression names orders-api"
    assert down.detail == "runbook https://runbooks.example/orders"


def test_a_rule_file_of_prometheus_beside_the_service_counts_whatever_it_asks() -> None:
    text = "groups:\n  - name: x\n    rules:\n      - alert: Anything\n        expr: vector(1)\n"
    assert found({"apps/orders/rules.yaml": text}) == [("alert", "Anything", "apps/orders/rules.yaml:4")]
    assert found({"apps/other/rules.yaml": text}) == []


def test_the_metrics_of_an_analysis_are_those_that_the_rollout_uses() -> None:
    rollout = """\
kind: Rollout
metadata: {name: orders-api}
spec:
  strategy: {canary: {steps: [{setWeight: 5}, {analysis: {templates: [{templateName: errors}]}}]}}
"""
    template = "kind: AnalysisTemplate\nmetadata: {name: NAME}\nspec: {metrics: [{name: rate}]}\n"
    files = {
        "a.yaml": rollout,
        "errors.yaml": template.replace("NAME", "errors"),
        "unused.yaml": template.replace("NAME", "unused"),
    }
    assert found(files) == [("metric", "rate", "errors.yaml:3")]


def test_flagger_openslo_and_datadog_say_whom_they_are_about() -> None:
    files = {
        "canary.yaml": "kind: Canary\nmetadata: {name: c}\nspec:\n  targetRef: {kind: Deployment, name: orders}\n"
        "  analysis:\n    metrics:\n      - name: request-success-rate\n",
        "slo.yaml": "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: orders-up}\n"
        "spec: {service: orders, objectives: [{target: 0.999}]}\n",
        "other.yaml": "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: other}\nspec: {service: ledger}\n",
        "dd.yaml": "kind: DatadogMonitor\nmetadata: {name: m}\n"
        'spec: {name: Errors of orders, query: "sum:errors{service:orders} > 5"}\n',
    }
    assert found(files) == [
        ("metric", "request-success-rate", "canary.yaml:7"),
        ("monitor", "Errors of orders", "dd.yaml:1"),
        ("slo", "orders-up", "slo.yaml:1"),
    ]


def test_hostile_shapes_name_nothing() -> None:
    files = {
        "a.yaml": "kind: PrometheusRule\nspec: {groups: {rules: 1}}\n",
        "b.yaml": "kind: PrometheusRule\nspec: {groups: [1, {rules: [null, {alert: {}}, {alert: x, expr: []}]}]}\n",
        "c.yaml": "kind: Canary\nspec: {targetRef: [], analysis: {metrics: 3}}\n",
        "d.yaml": "kind: Rollout\nmetadata: {name: orders}\nspec: {strategy: {templateName: {}}}\n",
        "e.yaml": "apiVersion: openslo/v1\nkind: SLO\nspec: null\n",
        "f.yaml": "kind: DatadogMonitor\nspec: {query: {}}\n",
        "g.yaml": "kind: PrometheusRule\n\tbroken",
        "h.yaml": "- alert: 1\n",
    }
    assert found(files) == []


def test_a_job_says_what_it_watches_itself_and_no_address_is_repeated() -> None:
    text = """\
name: nightly
health: {rules: [{metric: RUN_DURATION_SECONDS, op: GREATER_THAN, value: 3600}, {}, 7]}
email_notifications: {on_failure: [somebody@example.invalid], on_start: []}
webhook_notifications: {on_failure: [{id: 0a1b}]}
"""
    one = resource(text, platform="databricks", kind="jobs", name="nightly", path="databricks.yml")
    told = list(of_resource("lake", one))
    assert [(signal.kind, signal.name) for signal in told] == [
        ("health rule", "RUN_DURATION_SECONDS GREATER_THAN 3600"),
        ("notification", "on_failure"),
        ("notification", "on_failure"),
    ]
    assert told[0].place == "databricks.yml:2"
    assert "example.invalid" not in repr(told)


def test_notifications_of_a_pipeline_are_named_by_their_alerts() -> None:
    text = "notifications:\n  - {alerts: [on-update-failure], email_recipients: [a@example.invalid]}\n"
    one = resource(text, platform="databricks", kind="pipelines", path="p.yml")
    assert list(of_resource("lake", one)) == [
        Signal("notification", "on-update-failure", "lake", "p.yml:2", "of databricks:pipelines.web")
    ]
