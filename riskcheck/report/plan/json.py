"""A plan as JSON: `schemas/plan.schema.json`, schema_version 1. Stable; the only clock value is `run.as_of`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from riskcheck.report.json import heading, response, strings
from riskcheck.report.safe import discreet

if TYPE_CHECKING:
    from riskcheck.plans import BackStep, Plan, Wave
    from riskcheck.report.json import Json

SCHEMA_VERSION = 1


def render(plan: Plan) -> str:
    """The plan as JSON text, ending in a newline."""
    return json.dumps(discreet(document(plan)), ensure_ascii=True, indent=2, allow_nan=False) + "\n"


def document(plan: Plan) -> dict[str, Json]:
    """The plan as the contract's object."""
    assessment = plan.assessment
    return {
        "schema_version": SCHEMA_VERSION,
        **heading(plan),
        "reasons": strings(assessment.reasons),
        "fixes": strings(plan.fixes),
        "safe_paths": strings(assessment.recommendation.safe_paths),
        "held_paths": strings(assessment.recommendation.held_paths),
        "order": plan.order,
        "staged": plan.staged,
        "waves": [_wave(one) for one in plan.waves],
        "shared": [
            {
                "path": one.path,
                "waves": list(one.waves),
                "lines": [
                    {
                        "place": line.place,
                        "key": line.key or None,
                        "text": line.text,
                        "environments": strings(line.environments),
                    }
                    for line in one.lines
                ],
                "separable": one.separable,
                "advice": strings(one.advice),
            }
            for one in plan.shared
        ],
        "unstaged": [{"path": one.path, "reason": one.reason} for one in plan.unstaged],
        "approvals": [
            {
                "scope": one.scope,
                "teams": strings(one.teams),
                "services": strings(one.services),
                "waves": list(one.waves),
                "source": one.source,
                "given": one.given,
            }
            for one in plan.approvals
        ],
        "freezes": [
            {
                "name": one.name,
                "start": one.start,
                "end": one.end,
                "holds_now": one.holds_now,
                "services": strings(one.services),
                "waves": list(one.waves),
                "source": one.source,
            }
            for one in plan.freezes
        ],
        "windows": [
            {
                "name": one.name,
                "services": strings(one.services),
                "waves": list(one.waves),
                "source": one.source,
            }
            for one in plan.windows
        ],
        "response": None if plan.response is None else response(plan.response),
        "already": [
            {
                "service": one.service,
                "environment": one.environment,
                "detail": one.detail,
                "since": one.since,
            }
            for one in plan.already
        ],
        "rollback": [_back(one) for one in plan.rollback],
        "limitations": [
            {"path": one.path, "kind": one.kind, "message": one.message} for one in plan.limitations
        ],
        "notes": strings(plan.notes),
    }


def _wave(one: Wave) -> Json:
    return {
        "number": one.number,
        "environments": [
            {
                "name": environment.name,
                "stage": environment.stage,
                "tier": environment.tier,
                "region": environment.region,
            }
            for environment in one.environments
        ],
        "steps": [
            {
                "services": [
                    {
                        "name": service.name,
                        "owner": service.owner,
                        "criticality": service.criticality,
                        "resources": strings(service.resources),
                    }
                    for service in step.services
                ],
                "needs": [
                    {"dependant": need.dependant, "dependency": need.dependency, "place": need.place}
                    for need in step.needs
                ],
                "together": step.together,
            }
            for step in one.steps
        ],
        "paths": strings(one.paths),
        "shared_paths": strings(one.shared),
        "soak": {"seconds": one.soak.seconds, "reason": one.soak.reason},
        "starts_after_seconds": one.starts_after,
        "not_before": one.not_before,
        "gates": strings(one.gates),
        "proofs": [
            {
                "found": proof.found,
                "environment": proof.environment,
                "service": proof.service or None,
                "detail": proof.detail,
            }
            for proof in one.proofs
        ],
        "watch": [
            {
                "kind": signal.kind,
                "name": signal.name,
                "service": signal.service,
                "place": signal.place,
                "link": signal.link,
                "detail": signal.detail or None,
            }
            for signal in one.signals
        ],
        "unwatched": strings(one.unwatched),
        "unit": one.unit,
    }


def _back(one: BackStep) -> Json:
    return {
        "wave": one.wave,
        "environments": strings(one.environments),
        "services": [
            {"name": service.name, "order": [strings(group) for group in service.order]}
            for service in one.services
        ],
        "ordered": one.ordered,
        "paths": strings(one.paths),
        "shared_paths": strings(one.whole),
        "losses": strings(one.losses),
        "runbooks": [
            {"service": book.service, "url": book.url, "exercised": book.exercised, "note": book.note}
            for book in one.runbooks
        ],
        "without_runbook": strings(one.without_runbook),
    }
