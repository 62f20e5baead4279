"""Findings made by hand, for tests of what comes after judging."""

from __future__ import annotations

from typing import Any

from riskcheck.judged import Finding
from riskcheck.models import Environment, Location
from riskcheck.nodes import MISSING

PROD = Environment("prod", "prod")
PLACE = Location("x.yaml", "head", 1, 1, 1, 1)


def finding(**fields: Any) -> Finding:
    """A P2 of an ordinary rule in production, with a clean revert and no canary; `fields` as in `Finding`."""
    given: dict[str, Any] = {
        "rule": "a-rule",
        "code": "ABC-001",
        "severity": "P2",
        "level": "P2",
        "confidence": "high",
        "category": "platform",
        "cause": "x.yaml:1",
        "message": "",
        "why": "",
        "fix": "",
        "resource": "kubernetes:Deployment.shop/web",
        "resources": (),
        "service": "web",
        "environments": (PROD,),
        "path": (),
        "location": PLACE,
        "related": (),
        "before": MISSING,
        "after": MISSING,
        "reversibility": "reversible",
        "canary": (),
        "canary_covered": False,
        "rollback": (),
        "rollback_ready": True,
        "steps": (),
        "fingerprint": "0" * 16,
    }
    return Finding(**(given | fields))
