"""Reports to render: an ordinary one, one whose every text is hostile, one of a large estate, and empty ones."""

from __future__ import annotations

from typing import Literal, TypeAlias

from riskcheck.judged import CanaryEvidence, Finding, Recovery, RollbackEvidence, Step, Term, Waiver
from riskcheck.models import Environment, Level, Limitation, Location, Related, Service, Stage
from riskcheck.response import DEFAULTS
from riskcheck.results import (
    Assessment,
    ChangedResource,
    MatrixCell,
    Recommendation,
    Report,
    ServiceReach,
)
from tests.findings import finding
from tests.report.graph.charts import HOSTILE

PAYLOADS = (
    *HOSTILE,
    "</script><script>window.hit = 1</script>",
    "<!--<script>",
    "--><img src=x onerror='window.hit = 1'>",
    "</style><style>*{display:none}</style>",
    "</textarea></title></noscript><svg onload=window.hit=1>",
    "\u2028window.hit = 1\u2029",
    "'\"><a href=javascript:window.hit=1>x</a>",
    "&lt;script&gt;window.hit = 1&lt;/script&gt;",
    "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}",
    "a&b=c#d%e|f/g?h",
    "x\x00y\x07z",
    "`</code><script>window.hit = 1</script>`",
)

State: TypeAlias = Literal["changed", "already", "unchanged", "absent"]
STAGES: tuple[Stage, ...] = ("dev", "staging", "canary", "prod", "prod", "prod")
LEVELS: tuple[Level, ...] = ("P0", "P1", "P2", "P3", "note")


def at(path: str, line: int = 3) -> Location:
    return Location(path, "head", line, 1, line, 5)


def empty() -> Report:
    """A change in which nothing was found and nothing is deployed."""
    return Report(
        version="0.1.0",
        rules_digest="sha256:" + "ab" * 32,
        as_of="2026-11-20T12:00:00Z",
        base="a" * 40,
        head="WORKTREE",
        assessment=Assessment("pass", None, 0.0, Recommendation("proceed")),
        findings=(),
        changed=(),
        environments=(),
        services=(),
        matrix=(),
        limitations=(),
        files_changed=1,
        files_read=0,
        changes=0,
    )


def cells(number: int) -> tuple[Environment, ...]:
    """`number` environments over stages, tiers and regions."""
    regions = ("eu", "us", "ap")
    return tuple(
        Environment(
            f"{STAGES[index * len(STAGES) // number]}-{index:02d}",
            STAGES[index * len(STAGES) // number],
            "premium" if index % 2 else "standard",
            regions[index % 3],
            f"cells.yaml:{index + 1}",
        )
        for index in range(number)
    )


def estate(services: int = 500, environments: int = 60, findings: int = 2_000, changed: int = 4) -> Report:
    """`changed` services that changed, the others behind them in three hops, and findings all over."""
    held = cells(environments)
    reached = tuple(_member(index, changed) for index in range(services))
    found = tuple(_found(index, held, changed) for index in range(findings))
    matrix = tuple(
        MatrixCell(f"service-{index:03d}", one.name, _state(index, place))
        for index in range(changed * 3)
        for place, one in enumerate(held)
    )
    return empty()._replace(
        assessment=Assessment(
            "block",
            "P0",
            87.3,
            Recommendation("delay", tuple(one.message for one in found[:3])),
            tuple(f"{one.code} {one.resource}: P0 in production" for one in found[:9]),
            (Term("prod-eu", 812.5, "0.4 x 1 x 31 min"),),
        ),
        findings=found,
        changed=tuple(
            ChangedResource(
                f"kubernetes:Deployment.shop/app-{index}", ("prod-30",), "modified", "update", ("x",)
            )
            for index in range(900)
        ),
        environments=held,
        services=reached,
        matrix=matrix,
        limitations=tuple(
            Limitation(f"t{n}.yaml", "unresolved-template", f"template {n}", n) for n in range(500)
        ),
        files_changed=40,
        files_read=40,
        changes=findings,
        notes=("One remark about the run.",),
        response=DEFAULTS["P0"],
    )


def _state(index: int, place: int) -> State:
    states: tuple[State, ...] = ("changed", "unchanged", "changed", "already", "absent")
    return states[(index * 7 + place) % 5]


def _member(index: int, changed: int) -> ServiceReach:
    owner = f"team-{index % 12}" if index % 7 else None
    service = Service(
        f"service-{index:03d}", owner, "tier-1" if index % 40 == 39 else f"tier-{2 + index % 2}"
    )
    if index < changed:
        return ServiceReach(service, True, (), 0, (f"Deployment app-{index}", service.name))
    way = [f"service-{index % changed:03d}"]
    if index >= changed + 40:
        way.append(f"service-{changed + index % 40:03d}")
    if index >= changed + 340:
        way.append(f"service-{changed + 40 + index % 300:03d}")
    return ServiceReach(
        service, False, tuple(way), len(way), (f"Deployment app-{index % changed}", *way, service.name)
    )


def _found(index: int, held: tuple[Environment, ...], changed: int) -> Finding:
    level = LEVELS[min(index // 30, 4)] if index < 150 else LEVELS[1 + index % 4]
    some = held[index % 7 :: 9] or held
    return finding(
        rule=f"rule-{index % 40}",
        code=f"ABC-{index % 40:03d}",
        level=level,
        cause=f"apps/{index // 3}.yaml:{index}",
        category=("platform", "data", "network", "cost")[index % 4],
        message=f"setting {index} goes from {index} to {index + 1}",
        why="What it holds is gone with it, and nothing else has it.",
        fix="Set `prevent_destroy` and take it out in two steps.",
        service=f"service-{index % (changed * 3):03d}",
        environments=some,
        location=at(f"apps/{index // 3}.yaml", index + 1),
        related=tuple(Related("also", at(f"apps/{n}.yaml")) for n in range(3)),
        path=("spec", "values"),
        before=index,
        after={"name": index + 1, "values": [1, 2, 3]},
        canary=tuple(
            CanaryEvidence("promoted", bool(index % 2), one.name, "ran it for 3 days") for one in some
        ),
        rollback=(RollbackEvidence("revert", True, "the inverse change hits no rule"),),
        steps=(Step(f"{some[-1].name} is production", 0),),
        fingerprint=f"{index:016x}",
        blocking="P0 in production" if level == "P0" else None,
    )


def hostile() -> Report:
    """Every text of the report is a payload."""
    count = len(PAYLOADS)
    held = tuple(Environment(one, "prod", one or None, one or None, one) for one in PAYLOADS)
    found = []
    for index, one in enumerate(PAYLOADS):
        other = PAYLOADS[(index + 1) % count]
        found.append(
            finding(
                rule=one,
                code=one,
                level=LEVELS[index % 4],
                cause=one,
                message=one,
                why=one,
                fix=one,
                resource=one,
                resources=(one, other),
                service=one,
                environments=(held[index], held[(index + 1) % count]),
                location=at(one, index + 1),
                related=(Related(one, at(other)),),
                path=(one,),
                before=one,
                after={one: [other, one]},
                canary=(CanaryEvidence("promoted", False, one, other),),
                rollback=(RollbackEvidence("revert", False, one),),
                steps=(Step(one, 1),),
                fingerprint=one,
                blocking=one or None,
                recovery=Recovery("restore", one, (one, other)),
                waiver=Waiver(one, one, one, one, one, source=one) if index % 5 == 4 else None,
            )
        )
    reached = tuple(
        ServiceReach(
            Service(one, one or None, one or None, 60, 60, 60, one or None, (one,), source=one),
            index == 0,
            () if index == 0 else (PAYLOADS[index - 1],),
            0 if index == 0 else 1,
            (one, PAYLOADS[(index + 1) % count]),
        )
        for index, one in enumerate(PAYLOADS)
    )
    return empty()._replace(
        version=PAYLOADS[18],
        rules_digest=PAYLOADS[18],
        as_of=PAYLOADS[18],
        base=PAYLOADS[18],
        head=PAYLOADS[19],
        assessment=Assessment(
            "block",
            "P0",
            50.0,
            Recommendation("scope-down", PAYLOADS, PAYLOADS, PAYLOADS, PAYLOADS),
            PAYLOADS,
            tuple(Term(one, 1.0, one) for one in PAYLOADS),
        ),
        findings=tuple(found),
        changed=tuple(ChangedResource(one, (one,), "modified", "update", (one,)) for one in PAYLOADS),
        environments=held,
        services=reached,
        matrix=tuple(MatrixCell(one, other, "changed", one) for one in PAYLOADS for other in PAYLOADS[:8]),
        limitations=tuple(Limitation(one, one, one, 7) for one in PAYLOADS),
        notes=PAYLOADS,
        excerpts={(one, "head", index + 1): one for index, one in enumerate(PAYLOADS)},
        response=DEFAULTS["P0"]._replace(responder=PAYLOADS[18]),
    )
