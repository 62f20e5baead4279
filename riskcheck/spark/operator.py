"""SparkApplication, ScheduledSparkApplication and SparkConnect as properties.

Facts: https://github.com/kubeflow/spark-operator/blob/38082f33/internal/controller/sparkapplication/submission.go
(``buildSparkSubmitArgs``: later ``--conf`` win, so the fields of driver, executor and dynamicAllocation win over
sparkConf, which wins over memoryOverheadFactor) and
https://github.com/kubeflow/spark-operator/blob/38082f33/api/v1beta2/defaults.go (what is filled in).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Scalar, escape_key
from riskcheck.spark.settings import MEMORY_LIMIT, Language, Setting, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath, Node, Reading

KINDS: Final[dict[str, KeyPath]] = {
    "SparkApplication": ("spec",),
    "ScheduledSparkApplication": ("spec", "template"),
    "SparkConnect": ("spec",),
}
"""Kind to the path of what describes the application."""

CONNECT: Final = "SparkConnect"
"""A server of JVM code in a pod of its own, for which nothing is filled in:
https://github.com/kubeflow/spark-operator/tree/38082f33/internal/controller/sparkconnect"""

FIELDS: Final[dict[KeyPath, str]] = {
    ("driver", "cores"): "spark.driver.cores",
    ("driver", "coreRequest"): "spark.kubernetes.driver.request.cores",
    ("driver", "coreLimit"): "spark.kubernetes.driver.limit.cores",
    ("driver", "memory"): "spark.driver.memory",
    ("driver", "memoryOverhead"): "spark.driver.memoryOverhead",
    ("driver", "memoryLimit"): MEMORY_LIMIT["driver"],
    ("executor", "instances"): "spark.executor.instances",
    ("executor", "cores"): "spark.executor.cores",
    ("executor", "coreRequest"): "spark.kubernetes.executor.request.cores",
    ("executor", "coreLimit"): "spark.kubernetes.executor.limit.cores",
    ("executor", "memory"): "spark.executor.memory",
    ("executor", "memoryOverhead"): "spark.executor.memoryOverhead",
    ("executor", "memoryLimit"): MEMORY_LIMIT["executor"],
    ("executor", "deleteOnTermination"): "spark.kubernetes.executor.deleteOnTermination",
}
ALLOCATION: Final[dict[KeyPath, str]] = {
    ("dynamicAllocation", "enabled"): "spark.dynamicAllocation.enabled",
    ("dynamicAllocation", "initialExecutors"): "spark.dynamicAllocation.initialExecutors",
    ("dynamicAllocation", "minExecutors"): "spark.dynamicAllocation.minExecutors",
    ("dynamicAllocation", "maxExecutors"): "spark.dynamicAllocation.maxExecutors",
    ("dynamicAllocation", "shuffleTrackingEnabled"): "spark.dynamicAllocation.shuffleTracking.enabled",
    ("dynamicAllocation", "shuffleTrackingTimeout"): "spark.dynamicAllocation.shuffleTracking.timeout",
}
"""Fields that count only where ``dynamicAllocation.enabled`` is true."""

FACTOR: Final[KeyPath] = ("memoryOverheadFactor",)

_FILLED: Final = {
    "spark.driver.cores": "1",
    "spark.driver.memory": "1g",
    "spark.executor.cores": "1",
    "spark.executor.memory": "1g",
}
_TRACKING: Final = "spark.dynamicAllocation.shuffleTracking.enabled"


def application(kind: str, body: Mapping, reading: Reading) -> Settings | None:
    """The settings of a resource of one of `KINDS`; None where it describes no application."""
    place = KINDS[kind]
    spec = body.at(*place)
    if not isinstance(spec, Mapping):
        return None
    values: dict[str, Setting] = {}
    for setting in _stated(spec, place, reading):
        values.pop(setting.key, None)
        values[setting.key] = setting
    if kind == CONNECT:
        return Settings(place, values, "application", "kubernetes", "jvm", "the server", client=True)
    for key, text in _filled(values, spec, reading):
        values[key] = Setting(key, text, spec, place, operator=True)
    return Settings(place, values, "application", "kubernetes", _language(spec, reading), "the application")


def _stated(spec: Mapping, place: KeyPath, reading: Reading) -> Iterator[Setting]:
    """What the application states, the weaker before the stronger."""
    yield from _field(spec, place, FACTOR, "spark.kubernetes.memoryOverheadFactor", reading)
    for field, prefix in (("sparkConf", ""), ("hadoopConf", "spark.hadoop.")):
        conf = spec.get(field)
        for key, node in conf.entries if isinstance(conf, Mapping) else ():
            text = text_of(node, reading)
            if text is not None:
                yield Setting(prefix + key.raw, text, node, (*place, field, escape_key(key.raw)))
    for path, name in FIELDS.items():
        yield from _field(spec, place, path, name, reading)
    if text_of(spec.at("dynamicAllocation", "enabled"), reading) == "true":
        for path, name in ALLOCATION.items():
            yield from _field(spec, place, path, name, reading)


def _field(spec: Mapping, place: KeyPath, path: KeyPath, key: str, reading: Reading) -> Iterator[Setting]:
    node = spec.at(*path)
    text = text_of(node, reading)
    if text is not None and node is not None:
        yield Setting(key, text, node, (*place, *path), operator=node.synthetic)


def _filled(values: dict[str, Setting], spec: Mapping, reading: Reading) -> Iterator[tuple[str, str]]:
    for key, text in _FILLED.items():
        if key not in values:
            yield key, text
    field = text_of(spec.at("dynamicAllocation", "enabled"), reading)
    if "spark.executor.instances" not in values and field != "true":
        yield "spark.executor.instances", "1"
    if field == "true" and text_of(spec.at("dynamicAllocation", "shuffleTrackingEnabled"), reading) is None:
        yield _TRACKING, "true"


def text_of(node: Node | None, reading: Reading) -> str | None:
    """The text that a property gets; None where nothing is stated, ``""`` where that is no scalar."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        return ""
    value = scalar_value(node, reading)
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else node.raw.strip()


def _language(spec: Mapping, reading: Reading) -> Language:
    """``spark-submit`` tells the language from the main file; ``type`` says it where the file does not.

    https://github.com/apache/spark/blob/master/core/src/main/scala/org/apache/spark/deploy/SparkSubmit.scala
    """
    main = (text_of(spec.get("mainApplicationFile"), reading) or "").lower()
    for suffix, language in ((".py", "python"), (".r", "r"), (".jar", "jvm")):
        if main.endswith(suffix):
            return language  # type: ignore[return-value]
    node = spec.get("type")
    stated = "" if node is None or node.synthetic else (text_of(node, reading) or "").lower()
    known: dict[str, Language] = {"python": "python", "r": "r", "scala": "jvm", "java": "jvm"}
    return known.get(stated, "unknown")
