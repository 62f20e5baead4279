"""Where Spark properties stand in a resource, and what they come to together.

Databricks: ``spark_conf`` of clusters, ``configuration`` of pipelines, parameters of ``spark_submit_task``
(https://docs.databricks.com/api/workspace/jobs/create, https://docs.databricks.com/api/workspace/pipelines/create).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence, escape_key
from riskcheck.spark.arguments import properties_in
from riskcheck.spark.operator import KINDS, application, text_of
from riskcheck.spark.settings import Language, Manager, Scope, Setting, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath, Reading

DEFAULTS_FILE: Final = "spark-defaults"
"""Kind of the resource that a file of defaults is."""

PREFIX: Final = "spark."

_ARGUMENTS: Final = ("command", "args")
_NAMES: Final = ("task_key", "job_cluster_key", "label", "name", "key")
_MOST_DEPTH: Final = 40


def place_of(resource: Resource, path: KeyPath) -> KeyPath | None:
    """The place of the settings that the value at `path` belongs to; None where it belongs to none."""
    if resource.kind in KINDS:
        place = KINDS[resource.kind]
        return place if path[: len(place)] == place else None
    if resource.kind == DEFAULTS_FILE:
        return ()
    if resource.kind == "ConfigMap":
        return path[:2] if path[:1] == ("data",) and len(path) > 2 else None
    if resource.section == "pipelines" and path[:1] == ("configuration",):
        return ()
    for field in ("spark_conf", "sparkConf", "spark_submit_task", *_ARGUMENTS):
        if field in path:
            last = len(path) - 1 - path[::-1].index(field)
            return path[: last + 1] if field == "spark_submit_task" else path[:last]
    return None


def settings_at(resource: Resource, place: KeyPath, node: Node | None) -> Settings | None:
    """The settings at `place` of `resource`, where `node` stands; None where there are none.

    A SparkApplication is read as a whole, whatever `node` is.
    """
    reading = resource.reading
    if resource.kind in KINDS:
        return application(resource.kind, resource.body, reading)
    if not isinstance(node, Mapping):
        return None
    if resource.kind == DEFAULTS_FILE or resource.kind == "ConfigMap":
        values = _collected(_entries(node, place, reading))
        return Settings(place, values, "defaults", _manager(values), "unknown", "what is submitted with it")
    if resource.platform in ("databricks", "terraform"):
        return _on_databricks(resource, place, node)
    if isinstance(node.get("sparkConf"), Mapping):
        values = _collected(_entries(node.get("sparkConf"), (*place, "sparkConf"), reading))
        return Settings(place, values, "application", _manager(values), "unknown", "the application")
    texts = list(_arguments(node, place, reading))
    values = _collected(_submitted(texts))
    if not any(key.startswith(PREFIX) for key in values):
        return None
    language = _language(text for text, _, _ in texts)
    return Settings(place, values, "application", _manager(values), language, _titled("container", place))


def all_settings(resource: Resource) -> Iterator[Settings]:
    """All settings in `resource`. List items are named by their usual keys."""
    if resource.kind in KINDS or resource.kind == DEFAULTS_FILE:
        found = settings_at(resource, (), resource.body)
        if found is not None:
            yield found
        return
    seen: set[KeyPath] = set()
    for path in _candidates(resource.body, (), resource.reading):
        place = place_of(resource, (*path, ""))
        if place is None or place in seen:
            continue
        seen.add(place)
        found = settings_at(resource, place, _named(resource.body, place, resource.reading))
        if found is not None and found.values:
            yield found


def looks_like_properties(text: str) -> bool:
    """Whether some line states a Spark property."""
    return any(line.lstrip().startswith(PREFIX) for line in text.split("\n"))


def _on_databricks(resource: Resource, place: KeyPath, node: Mapping) -> Settings | None:
    reading = resource.reading
    if place and place[-1] == "spark_submit_task":
        parameters = node.get("parameters")
        texts = list(_texts(parameters, (*place, "parameters"), reading))
        values, scope = _collected(_submitted(texts)), "application"
        title = _titled("task", place)
    elif resource.section == "pipelines" and not place:
        values, scope = (
            _collected(_entries(node.get("configuration"), ("configuration",), reading)),
            "pipeline",
        )
        title = "the pipeline"
    else:
        conf = node.get("spark_conf")
        values = _collected(_entries(conf, (*place, "spark_conf"), reading))
        scope, title = "cluster", _titled("cluster", place)
    kind: Scope = scope  # type: ignore[assignment]
    return Settings(place, values, kind, "databricks", "unknown", title)


def _entries(node: Node | None, place: KeyPath, reading: Reading) -> Iterator[Setting]:
    for key, child in node.entries if isinstance(node, Mapping) else ():
        text = text_of(child, reading)
        if text is not None:
            yield Setting(key.raw, text, child, (*place, escape_key(key.raw)))


def _collected(found: Iterable[Setting]) -> dict[str, Setting]:
    return {setting.key: setting for setting in found}


def _arguments(node: Mapping, place: KeyPath, reading: Reading) -> Iterator[tuple[str, Node, KeyPath]]:
    for field in _ARGUMENTS:
        yield from _texts(node.get(field), (*place, field), reading)


def _texts(node: Node | None, place: KeyPath, reading: Reading) -> Iterator[tuple[str, Node, KeyPath]]:
    for item in node.items if isinstance(node, Sequence) else ():
        text = text_of(item, reading)
        yield text or "", item, place


def _submitted(texts: list[tuple[str, Node, KeyPath]]) -> Iterator[Setting]:
    """What arguments of ``spark-submit`` set, each placed at the list it stands in."""
    for key, value, number in properties_in([text for text, _, _ in texts]):
        _, node, place = texts[number]
        yield Setting(key, value, node, place)


def _manager(values: dict[str, Setting]) -> Manager:
    master = values.get("spark.master")
    if master is not None and master.text.startswith("k8s://"):
        return "kubernetes"
    return "unknown"


def _language(texts: Iterable[str]) -> Language:
    suffixes: tuple[tuple[str, Language], ...] = ((".py", "python"), (".r", "r"), (".jar", "jvm"))
    for text in texts:
        if not text.startswith("-") and "=" not in text:
            for suffix, language in suffixes:
                if text.lower().endswith(suffix):
                    return language
    return "unknown"


def _titled(noun: str, place: KeyPath) -> str:
    name = next((step for step in reversed(place) if step.startswith("[")), "")
    return f"{noun} {name[1:-1]}" if name else f"the {noun}"


def _candidates(node: Node, path: KeyPath, reading: Reading) -> Iterator[KeyPath]:
    """Paths of what may hold properties."""
    if len(path) > _MOST_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, child in node.entries:
            below = (*path, escape_key(key.raw))
            yield below
            if not isinstance(child, Mapping) or key.raw not in ("spark_conf", "sparkConf"):
                yield from _candidates(child, below, reading)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from _candidates(item, (*path, f"[{_name(item, number, reading)}]"), reading)


def _name(item: Node, number: int, reading: Reading) -> str:
    for key in _NAMES if isinstance(item, Mapping) else ():
        text = text_of(item.get(key), reading)  # type: ignore[attr-defined]  # a mapping, as just asked
        if text:
            return text
    return str(number)


def _named(node: Node, path: KeyPath, reading: Reading) -> Node | None:
    found: Node | None = node
    for step in path:
        if isinstance(found, Mapping):
            found = found.get(step.removeprefix("\\"))
        elif isinstance(found, Sequence) and step.startswith("["):
            named = {f"[{_name(item, number, reading)}]": item for number, item in enumerate(found.items)}
            found = named.get(step)
        else:
            return None
    return found
