"""What to watch: what the repository itself names for a service, and nothing else.

Alerts of Prometheus (rule files and PrometheusRule), metrics of AnalysisTemplates and Flagger canaries, OpenSLO,
DatadogMonitor; of Databricks the health rules and notifications of what changes. An address that is notified is
left out: it may be a person's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import format_of
from riskcheck.models import location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.plans import Signal
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.models import Resource

MOST_FILES: Final = 20_000
"""Files of a tree that are searched for definitions."""

MARKERS: Final = (
    "PrometheusRule",
    "AnalysisTemplate",
    "kind: Canary",
    "kind: Rollout",
    "openslo",
    "DatadogMonitor",
    "alert:",
)
"""A file with none of these names nothing that is looked for."""

SHORTEST_NAME: Final = 3


class Watched(NamedTuple):
    """A service and what monitoring may call it: its name, those of its changed resources. folders: its units."""

    service: str
    names: frozenset[str]
    folders: frozenset[str]


def watched(service: str, resources: Iterable[Resource]) -> Watched:
    """`service` with the names by which its changed `resources` may be called."""
    names = {service.rpartition("/")[2]}
    folders = set()
    for one in resources:
        names.add(one.name.rpartition("/")[2])
        name = one.body.get("name")
        if isinstance(name, Scalar):
            names.add(name.raw)
        if one.unit:
            folders.add(one.unit)
    return Watched(
        service, frozenset(name for name in names if len(name) >= SHORTEST_NAME), frozenset(folders)
    )


def signals(documents: DocumentStore, services: Iterable[Watched]) -> tuple[Signal, ...]:
    """All that the tree behind `documents` names for `services`."""
    roots = list(_definitions(documents))
    templates = _templates(roots)
    found: dict[Signal, None] = {}
    for service in services:
        for root in roots:
            found.update(dict.fromkeys(_of_root(root, service, templates)))
    return tuple(sorted(found))


def of_resource(service: str, resource: Resource) -> Iterator[Signal]:
    """What a changed resource itself says: health rules, whether anybody is notified."""
    if resource.platform != "databricks":
        return
    rules = resource.body.at("health", "rules")
    for rule in rules.items if isinstance(rules, Sequence) else []:
        words = (
            [_text(rule.get(key)) for key in ("metric", "op", "value")] if isinstance(rule, Mapping) else []
        )
        if words and words[0]:
            yield Signal(
                "health rule", " ".join(filter(None, words)), service, _at(rule), f"of {resource.address}"
            )
    for key in ("email_notifications", "webhook_notifications", "notifications"):
        events = sorted(_events(resource.body.get(key)))
        node = resource.body.get(key)
        if node is not None and events:
            yield Signal("notification", ", ".join(events), service, _at(node), f"of {resource.address}")


def _events(node: Node | None) -> Iterator[str]:
    """On what somebody is notified: ``on_failure``; of pipelines the ``alerts``."""
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if isinstance(value, Sequence) and value.items:
                yield key.raw
    elif isinstance(node, Sequence):
        for item in node.items:
            alerts = item.get("alerts") if isinstance(item, Mapping) else None
            for one in alerts.items if isinstance(alerts, Sequence) else []:
                if isinstance(one, Scalar):
                    yield one.raw


def _definitions(documents: DocumentStore) -> Iterator[Mapping]:
    paths = sorted(path for path, entry in documents.tree.entries().items() if _may_define(path, entry.kind))
    documents.prefetch(paths[:MOST_FILES])
    for path in paths[:MOST_FILES]:
        document = documents.get(path)
        if any(marker in document.text for marker in MARKERS):
            for chunk in document.chunks:
                if any(marker in chunk.text for marker in MARKERS) and isinstance(chunk.root, Mapping):
                    yield chunk.root


def _may_define(path: str, kind: str) -> bool:
    return kind == "file" and format_of(path) == "yaml"


def _templates(roots: Iterable[Mapping]) -> dict[str, Mapping]:
    return {
        _name(root): root
        for root in roots
        if _text(root.get("kind")) in ("AnalysisTemplate", "ClusterAnalysisTemplate")
    }


def _of_root(root: Mapping, service: Watched, templates: dict[str, Mapping]) -> Iterator[Signal]:
    kind = _text(root.get("kind"))
    if kind == "PrometheusRule":
        yield from _alerts(root.at("spec", "groups"), service)
    elif not kind and isinstance(root.get("groups"), Sequence):
        yield from _alerts(root.get("groups"), service)
    elif kind == "Rollout":
        yield from _rollout(root, service, templates)
    elif kind == "Canary":
        yield from _flagger(root, service)
    elif kind == "SLO" and _text(root.get("apiVersion")).startswith("openslo"):
        if _text(root.at("spec", "service")) == service.service:
            yield Signal(
                "slo", _name(root), service.service, _at(root), f"service: {service.service}", _target(root)
            )
    elif kind == "DatadogMonitor":
        query = _text(root.at("spec", "query"))
        name = next((one for one in sorted(service.names) if _says(query, one)), None)
        if name:
            title = _text(root.at("spec", "name")) or _name(root)
            yield Signal("monitor", title, service.service, _at(root), f"its query names {name}")


def _alerts(groups: Node | None, service: Watched) -> Iterator[Signal]:
    for group in groups.items if isinstance(groups, Sequence) else []:
        rules = group.get("rules") if isinstance(group, Mapping) else None
        for rule in rules.items if isinstance(rules, Sequence) else []:
            if not isinstance(rule, Mapping) or not isinstance(rule.get("alert"), Scalar):
                continue
            link = _alert_link(rule, service)
            if link:
                book = _text(rule.at("annotations", "runbook_url"))
                detail = f"runbook {book}" if book else ""
                yield Signal("alert", _text(rule.get("alert")), service.service, _at(rule), link, detail)


def _alert_link(rule: Mapping, service: Watched) -> str | None:
    labels = rule.get("labels")
    values = [_text(value) for _, value in labels.entries] if isinstance(labels, Mapping) else []
    for name in sorted(service.names):
        if name in values:
            return f"its labels name {name}"
        if _says(_text(rule.get("expr")), name):
            return f"its expression names {name}"
    folder = rule.source.path.rpartition("/")[0]
    if folder in service.folders:
        return f"stands beside it in {folder}"
    return None


def _says(query: str, name: str) -> bool:
    """Whether `name` is a value in `query`, as a whole word: quoted (``job="web"``, ``pod=~"web-.*"``) or a tag
    (``service:web``)."""
    import re

    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?!\w|-\w)")
    quoted = [part for quote in "\"'" for part in query.split(quote)[1:-1]]
    if any(word.search(part) for part in quoted):
        return True
    return any(word.match(query, tag.end()) for tag in re.finditer(r"\bservice:", query))


def _rollout(root: Mapping, service: Watched, templates: dict[str, Mapping]) -> Iterator[Signal]:
    target = _text(root.at("spec", "workloadRef", "name"))
    if not {_name(root), target} & service.names:
        return
    for name in sorted(_referenced(root.at("spec", "strategy"))):
        template = templates.get(name)
        metrics = template.at("spec", "metrics") if template is not None else None
        for metric in metrics.items if isinstance(metrics, Sequence) else []:
            if isinstance(metric, Mapping):
                link = f"analysis of rollout {_name(root)} ({_at(root)})"
                yield Signal("metric", _text(metric.get("name")), service.service, _at(metric), link)


def _referenced(node: Node | None) -> set[str]:
    """The names of analysis templates that the steps of a rollout use."""
    found: set[str] = set()
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if key.raw == "templateName" and isinstance(value, Scalar):
                found.add(value.raw)
            else:
                found |= _referenced(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            found |= _referenced(item)
    return found


def _flagger(root: Mapping, service: Watched) -> Iterator[Signal]:
    if _text(root.at("spec", "targetRef", "name")) not in service.names:
        return
    metrics = root.at("spec", "analysis", "metrics")
    for metric in metrics.items if isinstance(metrics, Sequence) else []:
        if isinstance(metric, Mapping):
            link = f"analysis of canary {_name(root)}"
            yield Signal("metric", _text(metric.get("name")), service.service, _at(metric), link)


def _target(root: Mapping) -> str:
    objectives = root.at("spec", "objectives")
    first = objectives.items[0] if isinstance(objectives, Sequence) and objectives.items else None
    target = _text(first.get("target")) if isinstance(first, Mapping) else ""
    return f"target {target}" if target else ""


def _name(root: Mapping) -> str:
    return _text(root.at("metadata", "name"))


def _text(node: Node | None) -> str:
    return node.raw if isinstance(node, Scalar) else ""


def _at(node: Node) -> str:
    place = location_of(node)
    return f"{place.path}:{place.line}"
