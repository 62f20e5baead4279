"""Charts to render: an ordinary one and one whose every name is hostile."""

from __future__ import annotations

from riskcheck.charts import Chart, Link, Member
from riskcheck.dependencies import Conflict, Cycle, Dangling, Edge, Reached, Vertex
from riskcheck.models import Limitation, Location, Service

HOSTILE = (
    'a"];s9[label="x',
    "back\\slash\\",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "%%{init: {'theme':'x'}}%%",
    '"] --> s0; click s0 href "javascript:alert(1)"',
    "line\nbreak\rand\ttab",
    "\x1b[31mred\x1b[0m",
    "\u202eright to left",
    "#quot;&amp;&#60;",
    "`code` {a} (b) |c|",
    "--> s1",
    "]]>",
    "'; style=x",
    "é ü 漢字",
    "x" * 300,
    " ",
    "",
)


def at(path: str, line: int) -> Location:
    return Location(path, "head", line, 1, line, 5)


def hostile() -> Chart:
    """A circle of services with hostile names, owners, relations, paths and messages."""
    members = []
    links = []
    for number, name in enumerate(HOSTILE):
        other = HOSTILE[(number + 1) % len(HOSTILE)]
        edge = Edge(f"service:{name}", f"service:{other}", "soft", name, at(name or "p", 3))
        reached = Reached(name, 0.5, (other, name), (other, name), (edge,))
        members.append(
            Member(
                Service(name, owner=name, criticality=name, source=f"{name}:1"),
                (Vertex(f"{name}/x", "x", name, name, at(name or "p", 1)),),
                number == 0,
                reached if number else None,
            )
        )
        links.append(Link(name, other, "soft", (edge,)))
    edges = tuple(link.edges[0] for link in links)
    return Chart(
        "changed",
        HOSTILE[0],
        tuple(members),
        tuple(links),
        (Cycle(tuple(f"service:{name}" for name in HOSTILE), edges),),
        tuple(Conflict(name, name, ((name, at("a", 1)), ("b", at(name or "p", 2)))) for name in HOSTILE),
        tuple(Dangling(edges[number], name) for number, name in enumerate(HOSTILE)),
        tuple(Limitation(name, "catalog", name, 7) for name in HOSTILE),
        {f"service:{name}": name for name in HOSTILE},
        len(HOSTILE),
        HOSTILE,
    )


def ordinary(scope: str = "whole") -> Chart:
    """orders needs ledger (hard) and mail (soft); web needs orders; lonely needs nothing."""
    needs = [
        Edge("service:orders", "service:ledger", "hard", "dependsOn", at("orders/catalog-info.yaml", 9)),
        Edge("service:orders", "service:mail", "soft", "dependsOn", at("orders/catalog-info.yaml", 10)),
        Edge("service:web", "orders/databricks:jobs.x", "hard", "run_job_task", at("web/databricks.yml", 14)),
    ]
    job = Vertex("orders/databricks:jobs.x", "jobs", "job x", "orders", at("orders/databricks.yml", 3))
    way = Reached("web", 1.0, ("job x", "web"), ("orders", "web"), (needs[2],))
    members = [
        Member(Service("ledger", source="ledger/catalog-info.yaml:4")),
        Member(Service("lonely", source="lonely/catalog-info.yaml:4")),
        Member(Service("mail")),
        Member(
            Service(
                "orders",
                "team-orders",
                "tier-1",
                scopes=("sox",),
                source="orders/catalog-info.yaml:4",
                slo=0.999,
            ),
            (job,),
            scope != "whole",
        ),
        Member(
            Service("web", "team-web", source="web/catalog-info.yaml:4"),
            (),
            False,
            None if scope == "whole" else way,
        ),
    ]
    if scope == "changed":
        members = members[3:]
    return Chart(
        scope,  # type: ignore[arg-type]
        {"whole": "WORKTREE", "service": "orders", "changed": "a" * 40 + "..WORKTREE"}[scope],
        tuple(members),
        tuple(
            Link(*pair, edge.coupling, (edge,))
            for pair, edge in zip(
                [("orders", "ledger"), ("orders", "mail"), ("web", "orders")], needs, strict=True
            )
            if scope != "changed" or pair == ("web", "orders")
        ),
        (),
        (
            Conflict(
                "orders", "owner", (("team-orders", at("riskcheck.yaml", 4)), ("team-x", at("b.yaml", 7)))
            ),
        ),
        (Dangling(needs[1], "mail"),),
        (Limitation("x/catalog-info.yaml", "parse-error", "found a tab", 3),),
        {"orders/databricks:jobs.x": "job x", "service:web": "web", "service:orders": "orders"},
        5,
        ("one note",),
    )
