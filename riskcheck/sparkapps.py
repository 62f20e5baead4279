"""Applications of the Spark operator: where their specification stands, which pods they run, what an edit does.

Apart from platforms and rules because both ask. Facts: api/v1beta2, internal/controller and internal/webhook of
https://github.com/kubeflow/spark-operator/tree/38082f33.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import TRUE, text, text_at
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource

GROUP: Final = "sparkoperator.k8s.io"
APPLICATION: Final = "SparkApplication"
SCHEDULED: Final = "ScheduledSparkApplication"
PATHS: Final[dict[str, KeyPath]] = {APPLICATION: ("spec",), SCHEDULED: ("spec", "template")}
"""Kind to the path of the application's specification."""

_KEEPS_RUNNING: Final = frozenset({"suspend", "timeToLiveSeconds"})
"""Fields of an application that may be edited while it runs; any other edit has the operator delete its pods and
submit it anew, in whatever state it is (event_filter.go)."""

PATCHED_FIELDS: Final = frozenset(
    {"priorityClassName", "nodeSelector", "tolerations", "affinity", "schedulerName"}
)
"""Fields of ``executor`` that leave the run alone where the operator runs with the feature gate ``PartialRestart``,
which is off unless it is asked for (pkg/features/features.go)."""

_STREAM_CONF: Final = ("spark.sql.streaming.", "spark.streaming.")
_SERVERS: Final = ("HiveThriftServer2", "SparkConnectServer")
_STREAM: Final = r"(?<!up)(?<!down)stream|checkpoint"


def application_of(resource: Resource | None) -> Mapping | None:
    """The application's specification; None where `resource` is something else, or states none."""
    if resource is None or resource.platform != "kubernetes" or resource.kind not in PATHS:
        return None
    if not (text_at(resource.body, "apiVersion") or "").startswith(GROUP + "/"):
        return None
    found = resource.body.at(*PATHS[resource.kind])
    return found if isinstance(found, Mapping) else None


def within_application(change: Change) -> KeyPath | None:
    """The path of `change` inside the application's specification; None where it is outside."""
    prefix = PATHS.get(change.resource.kind)
    if prefix is None or change.path[: len(prefix)] != prefix or application_of(change.resource) is None:
        return None
    return change.path[len(prefix) :]


def resubmits(change: Change, *, partial: bool = False) -> bool:
    """Whether the operator ends the present run for `change` and starts the application again.

    partial: it runs with the feature gate ``PartialRestart``.
    """
    if change.resource.kind != APPLICATION or change.resource_before is None or change.resource_after is None:
        return False
    inside = within_application(change)
    if inside is None or (inside[:1] and inside[0] in _KEEPS_RUNNING):
        return False
    return not (partial and inside[:1] == ("executor",) and inside[1:2] and inside[1] in PATCHED_FIELDS)


def is_suspended(resource: Resource | None) -> bool:
    """Whether nothing of it runs: the application itself, or its schedule, is suspended."""
    return resource is not None and text_at(resource.body, "spec", "suspend") in TRUE


def runs_on_because(spec: Mapping, name: str) -> str | None:
    """Why an application counts as one that never ends by itself (a stream, a server); None where nothing says so.

    name: of the object.
    """
    if text_at(spec, "restartPolicy", "type") == "Always":
        return "restartPolicy Always"
    conf = spec.get("sparkConf")
    for key, _ in conf.entries if isinstance(conf, Mapping) else ():
        if key.raw.startswith(_STREAM_CONF):
            return key.raw
    main = text_at(spec, "mainClass") or ""
    if main.endswith(_SERVERS):
        return f"mainClass {main}"
    stated = [name, main, text_at(spec, "mainApplicationFile") or "", *_texts(spec.get("arguments"))]
    import re  # most runs have no Spark application

    return next((one for one in stated if re.search(_STREAM, one.lower())), None)


def _texts(node: Node | None) -> list[str]:
    items = node.items if isinstance(node, Sequence) else ()
    return [found for found in map(text, items) if found is not None]


class Pods(NamedTuple):
    """The driver or the executors of an application. role: ``driver`` or ``executor``."""

    role: str
    labels: dict[str, str]


def pods_of(kind: str, name: str, body: Mapping) -> Iterator[Pods]:
    """Pods that an application runs, with the labels that operator and Spark give them.

    name: of the application, without its namespace. A scheduled one gets a name of its own for each run.
    """
    path = PATHS.get(kind)
    spec = body.at(*path) if path is not None else None
    if not isinstance(spec, Mapping) or not (text_at(body, "apiVersion") or "").startswith(GROUP + "/"):
        return
    for role in ("driver", "executor"):
        labels = {"spark-role": role, "sparkoperator.k8s.io/launched-by-spark-operator": "true"}
        if kind == APPLICATION:
            labels["sparkoperator.k8s.io/app-name"] = name
        for path in ((role, "template", "metadata", "labels"), (role, "labels")):
            labels.update(_labels(spec.at(*path)))
        yield Pods(role, labels)


def _labels(node: Node | None) -> dict[str, str]:
    entries = node.entries if isinstance(node, Mapping) else ()
    return {key.raw: value.raw for key, value in entries if isinstance(value, Scalar)}
