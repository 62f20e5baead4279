"""The JSON report: `schemas/report.schema.json`, schema_version 1. Stable and sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from riskcheck.models import Location, changed_value
from riskcheck.report.people import values_of
from riskcheck.report.safe import discreet

if TYPE_CHECKING:
    from riskcheck.judged import CanaryEvidence, Finding, RollbackEvidence, Waiver
    from riskcheck.models import Limitation
    from riskcheck.plans import Plan
    from riskcheck.response import Response
    from riskcheck.results import ChangeLikelihood, Report, ServiceReach

SCHEMA_VERSION = 1

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


def render(report: Report) -> str:
    """The report as JSON text, ending in a newline. Keys come in the order of the contract."""
    return dumped(discreet(document(report)))


def dumped(value: Json) -> str:
    """`value` as JSON text in ASCII, ending in a newline. Two number signs never stand together: in a CI log, what
    looks like ``##[error]`` or ``##vso[…]`` would be carried out."""
    text = json.dumps(value, ensure_ascii=True, indent=2, allow_nan=False, default=str)
    return text.replace("##", "#\\u0023") + "\n"


def document(report: Report) -> dict[str, Json]:
    """The report as the contract's object."""
    assessment = report.assessment
    return {
        "schema_version": SCHEMA_VERSION,
        **heading(report),
        "recommendation": {
            "action": assessment.recommendation.action,
            "reasons": strings((*assessment.recommendation.reasons, *assessment.recommendation.proof)),
            "safe_paths": strings(assessment.recommendation.safe_paths),
            "held_paths": strings(assessment.recommendation.held_paths),
        },
        "response": None if report.response is None else response(report.response),
        **({} if report.likelihood is None else {"likelihood": _likelihood(report.likelihood)}),
        "findings": [_finding(finding) for finding in report.findings],
        "changed": [
            {
                "resource": one.resource,
                "environments": strings(one.environments),
                "change": one.change,
                "action": one.action,
                "fields": strings(discreet_fields(one.resource, one.fields)),
            }
            for one in report.changed
        ],
        "environments": [
            {
                "name": one.name,
                "stage": one.stage,
                "tier": one.tier,
                "region": one.region,
                "source": one.source,
            }
            for one in report.environments
        ],
        "services": [_service(one) for one in report.services],
        "matrix": [
            {"service": one.service, "environment": one.environment, "state": one.state, "since": one.since}
            for one in report.matrix
        ],
        "limitations": [
            {"path": path, "kind": kind, "message": message}
            for path, kind, message in dict.fromkeys(
                (one.path, one.kind, _limit(one)) for one in report.limitations
            )
        ],
        "summary": {
            "files_changed": report.files_changed,
            "files_read": report.files_read,
            "resources_changed": len(report.changed),
            "changes": report.changes,
        },
    }


def heading(judged: Report | Plan) -> dict[str, Json]:
    """What was judged, by what, when, and what came out: the same for a report and for a plan."""
    assessment = judged.assessment
    return {
        "tool": {"name": "riskcheck", "version": judged.version, "rules_digest": judged.rules_digest},
        "run": {"as_of": judged.as_of},
        "range": {"base": judged.base, "head": judged.head},
        "verdict": assessment.verdict,
        "level": assessment.level,
        "score": assessment.score,
    }


def _likelihood(one: ChangeLikelihood) -> Json:
    return {
        "chance": round(one.chance, 4),
        "times_usual": round(one.times, 2),
        "points": one.points,
        "usual_points": one.usual,
        "calibrated": one.calibrated,
        "changes": one.judged,
        "reverted": one.reverted,
        "terms": [
            {"name": term.name, "reason": term.words, "strength": term.strength, "points": term.points}
            for term in one.terms
        ],
    }


def _finding(finding: Finding) -> Json:
    before, after = values_of(finding)
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity,
        "level": finding.level,
        "confidence": finding.confidence,
        "category": finding.category,
        "cause": finding.cause,
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
        "resource": finding.resource,
        "resources": strings(finding.resources),
        "service": finding.service,
        "environments": [one.name for one in finding.environments],
        "location": _place(finding.location),
        "related": [{"role": one.role, **_place(one.location)} for one in finding.related],
        "before": plain_value(changed_value(before)),
        "after": plain_value(changed_value(after)),
        "reversibility": finding.reversibility,
        "canary": {
            "covered": finding.canary_covered,
            "evidence": [_canary(one) for one in finding.canary],
        },
        "rollback": {
            "ready": finding.rollback_ready,
            "evidence": [_rollback(one) for one in finding.rollback],
        },
        "steps": [{"reason": one.reason, "delta": one.delta} for one in finding.steps],
        "fingerprint": finding.fingerprint,
        "waiver": None if finding.waiver is None else _waiver(finding.waiver),
    }


def _place(location: Location) -> dict[str, Json]:
    return {"path": location.path, "side": location.side, "line": location.line, "column": location.column}


def _canary(one: CanaryEvidence) -> Json:
    return {
        "kind": one.kind,
        "found": one.found,
        "environment": one.environment,
        "detail": one.detail,
        "since": one.since,
    }


def _rollback(one: RollbackEvidence) -> Json:
    return {"kind": one.kind, "found": one.found, "detail": one.detail}


def _waiver(waiver: Waiver) -> Json:
    return {
        "rule": waiver.rule,
        "where": waiver.where,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "until": waiver.until,
        "source": waiver.source,
        "inline": waiver.inline,
        "kind": waiver.kind,
    }


def response(one: Response) -> Json:
    """What a level asks for, as reports and plans hold it."""
    return {
        "level": one.level,
        "notice": one.notice,
        "within_seconds": one.within,
        "answer_seconds": one.first_response,
        "to": one.responder,
        "escalate": [{"after_seconds": step.after, "to": step.role} for step in one.escalation],
        "source": one.source,
    }


def _service(one: ServiceReach) -> Json:
    return {
        "name": one.service.name,
        "owner": one.service.owner,
        "criticality": one.service.criticality,
        "changed": one.changed,
        "reached_from": strings(one.reached_from),
        "hops": one.hops,
    }


def discreet_fields(resource: str, fields: Iterable[str]) -> Iterable[str]:
    """Catalogs list owners and contacts by their names: the field is told, not who it is."""
    if not resource.startswith("catalog:"):
        return fields
    people = r"\b(\w*(?:[Cc]ontacts|[Oo]wners|[Mm]embers))\[[^]]*+(?:\]|\Z)"
    return dict.fromkeys(re.sub(people, r"\1[]", one) for one in fields)


def _limit(one: Limitation) -> str:
    return f"line {one.line}: {one.message}" if one.line else one.message


def strings(values: Iterable[str]) -> list[Json]:
    """Texts as a list that JSON holds."""
    return list(values)


def plain_value(value: object) -> Json:
    """A plain value; infinities, which JSON has no word for, as text."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(child) for child in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
