"""The service graph as JSON: ``schemas/graph.schema.json``, ``schema_version: 1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck import __version__
from riskcheck.report.safe import discreet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.charts import Chart, Member
    from riskcheck.dependencies import Edge
    from riskcheck.models import Location

    Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

SCHEMA_VERSION: Final = 1


def render(chart: Chart) -> str:
    """The chart, complete and sorted, ending in a newline."""
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "riskcheck", "version": __version__},
        "scope": chart.scope,
        "subject": chart.subject,
        "services": [_member(one) for one in chart.members],
        "links": [
            {
                "dependant": link.dependant,
                "dependency": link.dependency,
                "coupling": link.coupling,
                "edges": _edges(link.edges),
            }
            for link in chart.links
        ],
        "cycles": [{"vertices": [*one.names], "edges": _edges(one.edges)} for one in chart.cycles],
        "conflicts": [
            {
                "service": one.service,
                "field": one.field,
                "values": [{"value": value, "location": _place(where)} for value, where in one.values],
            }
            for one in chart.conflicts
        ],
        "dangling": [{"target": one.target, "edge": _edge(one.edge)} for one in chart.dangling],
        "limitations": [
            {"path": one.path, "line": one.line, "kind": one.kind, "message": one.message}
            for one in chart.limitations
        ],
        "labels": dict(sorted(chart.labels.items())),
        "notes": [*chart.notes],
        "summary": {
            "services": chart.total,
            "shown": len(chart.members),
            "links": len(chart.links),
        },
    }
    return json.dumps(discreet(document), ensure_ascii=True, indent=2) + "\n"


def _member(member: Member) -> Json:
    service, reached = member.service, member.reached
    return {
        "name": service.name,
        "owner": service.owner,
        "criticality": service.criticality,
        "scopes": [*service.scopes],
        "slo": service.slo,
        "source": service.source or None,
        "changed": member.changed,
        "reached": None
        if reached is None
        else {
            "strength": round(reached.strength, 6),
            "hops": reached.hops,
            "path": [*reached.path],
            "services": [*reached.services],
            "edges": _edges(reached.edges),
        },
        "parts": [
            {"id": part.id, "kind": part.kind, "label": part.label, "location": _place(part.location)}
            for part in member.parts
        ],
    }


def _edges(edges: Iterable[Edge]) -> list[Json]:
    return [_edge(one) for one in edges]


def _edge(edge: Edge) -> Json:
    return {
        "dependant": edge.dependant,
        "dependency": edge.dependency,
        "coupling": edge.coupling,
        "relation": edge.relation,
        "location": _place(edge.location),
        "environments": None if edge.environments is None else [*sorted(edge.environments)],
    }


def _place(location: Location | None) -> Json:
    if location is None:
        return None
    return {"path": location.path, "line": location.line, "column": location.column}
