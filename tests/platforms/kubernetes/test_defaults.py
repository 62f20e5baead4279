from __future__ import annotations

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Value
from riskcheck.platforms.kubernetes.defaults import with_defaults, without_foreign
from tests.build import body


def filled(group: str, kind: str, text: str) -> dict[str, Value]:
    value = plain_value(with_defaults(group, kind, body(text)), "yaml-1.1")
    assert isinstance(value, dict)
    return value


def test_leaving_the_defaults_of_a_deployment_out_is_stating_them() -> None:
    stated = """
        spec:
          replicas: 1
          revisionHistoryLimit: 10
          progressDeadlineSeconds: 600
          minReadySeconds: 0
          strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%, maxSurge: 25%}}
          template:
            spec:
              terminationGracePeriodSeconds: 30
              containers:
                - image: registry.example/web:1
                  imagePullPolicy: IfNotPresent
                  livenessProbe: {periodSeconds: 10, failureThreshold: 3, successThreshold: 1, timeoutSeconds: 1}
        """
    bare = "{spec: {template: {spec: {containers: [{image: 'registry.example/web:1', livenessProbe: {}}]}}}}"
    assert filled("apps", "Deployment", bare) == filled("apps", "Deployment", stated)


def test_what_is_stated_stays() -> None:
    spec = filled("apps", "Deployment", "{spec: {replicas: 0, strategy: {type: Recreate}}}")["spec"]
    assert isinstance(spec, dict)
    assert spec["replicas"] == 0
    assert spec["strategy"] == {"type": "Recreate"}


def test_null_is_the_default() -> None:
    spec = filled("apps", "StatefulSet", "{spec: {replicas: null}}")["spec"]
    assert isinstance(spec, dict)
    assert spec["replicas"] == 1


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("web", "Always"),
        ("web:latest", "Always"),
        ("registry.example:5000/web", "Always"),
        ("web:1.2", "IfNotPresent"),
        ("web@sha256:0123", "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    pod = filled("", "Pod", f"{{spec: {{containers: [{{image: '{image}'}}]}}}}")
    assert pod["spec"] == {
        "containers": [{"image": image, "imagePullPolicy": policy}],
        "terminationGracePeriodSeconds": 30,
    }


@pytest.mark.parametrize(
    ("group", "kind", "text", "path", "value"),
    [
        ("", "Service", "{spec: {}}", ("spec", "type"), "ClusterIP"),
        ("storage.k8s.io", "StorageClass", "{provisioner: x}", ("reclaimPolicy",), "Delete"),
        ("storage.k8s.io", "StorageClass", "{provisioner: x}", ("volumeBindingMode",), "Immediate"),
        ("", "PersistentVolume", "{spec: {}}", ("spec", "persistentVolumeReclaimPolicy"), "Retain"),
        ("autoscaling", "HorizontalPodAutoscaler", "{spec: {}}", ("spec", "minReplicas"), 1),
        ("batch", "CronJob", "{spec: {}}", ("spec", "concurrencyPolicy"), "Allow"),
        (
            "apps",
            "StatefulSet",
            "{spec: {}}",
            ("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"),
            "Retain",
        ),
        ("argoproj.io", "Rollout", "{spec: {}}", ("spec", "replicas"), 1),
    ],
)
def test_defaults_by_kind(group: str, kind: str, text: str, path: tuple[str, ...], value: Value) -> None:
    node = with_defaults(group, kind, body(text)).at(*path)
    assert node is not None
    assert plain_value(node, "yaml-1.1") == value
    assert node.synthetic


def test_custom_kinds_of_the_same_name_get_none() -> None:
    text = "{spec: {x: 1}}"
    assert filled("example.com", "Deployment", text) == {"spec": {"x": 1}}


def test_what_the_server_writes_is_no_configuration() -> None:
    found = without_foreign(
        body(
            """
            metadata:
              name: web
              creationTimestamp: null
              resourceVersion: "1"
              uid: x
              generation: 3
              managedFields: []
              annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", kept: "1"}
            status: {replicas: 1}
            """
        )
    )
    assert isinstance(found, Mapping)
    assert plain_value(found, "yaml-1.1") == {"metadata": {"name": "web", "annotations": {"kept": "1"}}}


SPARK = "sparkoperator.k8s.io"


def test_leaving_out_what_the_spark_operator_fills_in_is_stating_it() -> None:
    stated = """
        spec:
          type: Scala
          mode: cluster
          suspend: false
          restartPolicy: {type: Never}
          driver: {cores: 1, memory: 1g}
          executor: {cores: 1, memory: 1g, instances: 1}
        """
    bare = "{spec: {driver: {}, executor: {}}}"
    assert filled(SPARK, "SparkApplication", bare) == filled(SPARK, "SparkApplication", stated)


def test_a_spark_property_counts_before_the_operators_default() -> None:
    conf = "{spark.driver.memory: 4g, spark.executor.instances: '8', spark.executor.cores: '4'}"
    spec = filled(SPARK, "SparkApplication", f"{{spec: {{sparkConf: {conf}, driver: {{}}, executor: {{}}}}}}")
    assert spec["spec"] == {
        "sparkConf": {
            "spark.driver.memory": "4g",
            "spark.executor.instances": "8",
            "spark.executor.cores": "4",
        },
        "driver": {"cores": 1},
        "executor": {"memory": "1g"},
        "type": "Scala",
        "mode": "cluster",
        "suspend": False,
        "restartPolicy": {"type": "Never"},
    }


def test_retries_wait_five_seconds_and_dynamic_executors_track_shuffles() -> None:
    text = "{spec: {restartPolicy: {type: OnFailure}, executor: {}, dynamicAllocation: {enabled: true}}}"
    spec = filled(SPARK, "SparkApplication", text)["spec"]
    assert isinstance(spec, dict)
    assert spec["restartPolicy"] == {
        "type": "OnFailure",
        "onFailureRetryInterval": 5,
        "onSubmissionFailureRetryInterval": 5,
    }
    assert spec["dynamicAllocation"] == {"enabled": True, "shuffleTrackingEnabled": True}
    assert spec["executor"] == {"cores": 1, "memory": "1g"}


def test_a_scheduled_application_has_the_defaults_of_both() -> None:
    spec = filled(SPARK, "ScheduledSparkApplication", "{spec: {schedule: '@daily', template: {driver: {}}}}")[
        "spec"
    ]
    assert isinstance(spec, dict)
    assert (spec["timeZone"], spec["suspend"], spec["failedRunHistoryLimit"]) == ("Local", False, 1)
    assert "concurrencyPolicy" not in spec
    template = spec["template"]
    assert isinstance(template, dict)
    assert template["driver"] == {"cores": 1, "memory": "1g"}


@pytest.mark.parametrize(
    "text", ["{spec: 1}", "{spec: {driver: [], executor: null, restartPolicy: x}}", "{}"]
)
def test_what_is_no_application_stays_readable(text: str) -> None:
    assert filled(SPARK, "SparkApplication", text) is not None
    assert filled(SPARK, "ScheduledSparkApplication", text) is not None


def test_other_operators_have_other_defaults() -> None:
    assert filled("spark.stackable.tech", "SparkApplication", "{spec: {driver: {}}}") == {
        "spec": {"driver": {}}
    }
