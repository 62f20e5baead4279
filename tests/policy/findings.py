"""Findings as the tests of the policy stage state them."""

from __future__ import annotations

from riskcheck.judged import Finding, Waiver
from riskcheck.models import Confidence, Environment, Level, Location, Side, Stage


def finding(
    level: Level,
    *stages: Stage,
    code: str = "K8S-001",
    rule: str = "replicas-reduced",
    confidence: Confidence = "high",
    canary: bool = False,
    rollback: bool = False,
    waiver: Waiver | None = None,
    resource: str = "kubernetes:Deployment.shop/web",
    resources: tuple[str, ...] = (),
    environments: tuple[str, ...] = (),
    path: str = "deploy/web.yaml",
    line: int = 3,
    side: Side = "head",
) -> Finding:
    """One finding in one environment per stage, or in production environments called `environments`."""
    cells = tuple(Environment(stage, stage) for stage in stages)
    cells += tuple(Environment(name, "prod") for name in environments)
    return Finding(
        rule=rule,
        code=code,
        severity="P1",
        level=level,
        confidence=confidence,
        category="platform",
        cause=f"{path}:{line}",
        message="replicas go from 3 to 1",
        why="Fewer replicas.",
        fix="Reduce in steps.",
        resource=resource,
        resources=resources or (resource,),
        service="web",
        environments=cells,
        path=("spec", "replicas"),
        location=Location(path, side, line, 1, line, 10),
        related=(),
        before=3,
        after=1,
        reversibility="reversible",
        canary=(),
        canary_covered=canary,
        rollback=(),
        rollback_ready=rollback,
        steps=(),
        fingerprint="0123456789abcdef",
        waiver=waiver,
    )
