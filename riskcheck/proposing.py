"""A policy file from what a tree shows, commented, and what of it is a guess."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.documents.quoting import quoted
from riskcheck.doubts import MOST_NAMED, Doubt, listed, of_environments, of_services, other_pipelines, unread
from riskcheck.records import NamedTuple
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from riskcheck.models import Pipeline
    from riskcheck.stated_services import FoundService
    from riskcheck.surveying import Seen, Survey

HEAD: Final = """\
# riskcheck policy, as `riskcheck init` proposes it. It is read from the branch that is merged into, never from the
# change itself. Read what is marked with "# ?": it is a guess. `riskcheck schema config` says what every key means.
version: 1

"""

NO_ENVIRONMENTS: Final = """\
# environments:      # ? none was recognised; name them, lowest first
#   - {name: staging, stage: staging, soak: 24h, paths: ["**/staging/**"]}
#   - {name: prod, stage: prod, paths: ["**/prod/**"]}
"""

NO_SERVICES: Final = """\
# services:          # ? no catalog says how bad it is when something breaks, or whose it is
#   - {name: orders, owner: team-data, criticality: tier-1, rto: 30m, paths: ["pipelines/orders/**"],
#      runbook: {url: docs/orders-rollback.md, exercised: 2026-10-01, duration: 12m}}
"""

SERVICES: Final = """\
# criticality: tier-1, scopes with sox or pii and premium support raise findings. `riskcheck lint` tells where this
# list and a catalog come to differ. More keys: rto, rpo, sla, runbook, paths.
services:
"""

TAIL: Final = """
# freezes: [{name: quarter-end, from: 2026-12-28, to: 2027-01-03}]
# approvals: [{scope: sox, teams: [team-finance-controls]}]
"""

MOST_ENVIRONMENTS: Final = 400
"""More are cut, and that said: they stay inferred."""

MOST_SERVICES: Final = 200


class Proposal(NamedTuple):
    """text: of the policy file. declared: the environments in it. doubts: what of it is a guess, the weightiest
    first."""

    text: str
    declared: tuple[Seen, ...]
    doubts: tuple[Doubt, ...]
    promotion: str | None


def propose(found: Survey) -> Proposal:
    """The policy that `found` suggests: what is sure is stated, what is not is a comment, except for the promotion
    order, without which nothing is held back."""
    promotion, promotion_line, doubts = _promotion(found)
    lacking, unresolved = unread(found.unread)
    doubts = [*lacking, *doubts]
    steps, aside = _in_order(found.steps)
    parts = [HEAD, promotion_line, "\n"]
    parts.extend(_environments(found, steps, aside))
    doubts.extend(of_environments(found, steps, aside))
    parts.append("\n")
    parts.extend(_services(found.services))
    parts.extend(_owned(found.owned))
    doubts.extend(of_services(found))
    doubts.extend(unresolved)
    parts.append(TAIL)
    return Proposal("".join(parts), tuple(steps[:MOST_ENVIRONMENTS]), tuple(doubts), promotion)


def _promotion(found: Survey) -> tuple[str | None, str, list[Doubt]]:
    stages = {one.environment.stage for one in found.steps}
    names = {one.environment.name for one in found.steps}
    gated = next((one for one in found.pipelines if _takes_to_production(one, names)), None)
    if "prod" not in stages or len(stages) == 1:
        have = f"only {', '.join(sorted(stages))} was found" if stages else "no environment was found"
        line = f"# promotion: git   # ? {have}: there is nothing to put in order\n"
        doubt = Doubt(f"promotion: {have}, so no order is declared, and P1 findings only warn")
        return None, line, [doubt] if stages else []
    if gated is not None:
        place = plain(f"{gated.location.path}:{gated.location.line}")
        order = plain(" -> ".join(gated.stages))
        line = f"promotion: pipeline   # {place} deploys {order} behind gates\n"
        return "pipeline", line, other_pipelines(found.pipelines, gated)
    words = "a lower environment gets each change first, by a commit of its own; else pipeline, branch"
    return "git", f"promotion: git   # ? {words}\n", [Doubt(f"promotion: git, as if {words}")]


def _takes_to_production(pipeline: Pipeline, names: Collection[str]) -> bool:
    """Whether a pipeline deploys to a lower environment first and then, behind a gate, to production. What it calls
    its stages may be another word than that of the files."""
    told = [(name, tell(name).stage) for name in pipeline.stages]
    lower = next((number for number, (_, stage) in enumerate(told) if stage not in (None, "prod")), None)
    return lower is not None and any(
        stage == "prod" and name in pipeline.gated and {name, told[lower][0]} & set(names)
        for name, stage in told[lower + 1 :]
    )


def _in_order(found: Sequence[Seen]) -> tuple[list[Seen], list[Seen]]:
    """Those that changes come up through, and development environments, which once declared are a step that every
    change must have gone through."""
    stages = {one.environment.stage for one in found}
    aside = [one for one in found if one.environment.stage == "dev" and stages & {"staging", "canary"}]
    return [one for one in found if one not in aside], aside


def _environments(found: Survey, steps: Sequence[Seen], aside: Sequence[Seen]) -> Iterator[str]:
    if not steps:
        yield NO_ENVIRONMENTS
    else:
        yield "environments:        # lowest first: a change comes up in this order\n"
        for stage, group in groupby(steps[:MOST_ENVIRONMENTS], lambda one: one.environment.stage):
            members = list(group)
            yield f"  # {stage}: {len(members)}\n" if len(steps) > 12 else ""
            yield from (f"  - {_cell(one)}   # {plain(one.place)}\n" for one in members)
        left = len(steps) - MOST_ENVIRONMENTS
        yield f"  # ? and {left} more, which stay inferred\n" if left > 0 else ""
    for those, why in (
        (aside, "steps only if every change comes up through them"),
        (found.doubtful, "environments, or things in one"),
        (found.untold, "stage unknown; give one to those that matter"),
    ):
        yield f"  # ? {why}:\n" if those else ""
        yield from (f"  # - {_cell(one)}   # {plain(one.place)}\n" for one in those[: 2 * MOST_NAMED])
        left = len(those) - 2 * MOST_NAMED
        yield f"  #   and {left} more\n" if left > 0 else ""


def _cell(one: Seen) -> str:
    environment = one.environment
    parts = [f"name: {word(environment.name)}", f"stage: {environment.stage}"]
    for key, value in (("tier", environment.tier), ("region", environment.region)):
        if value:
            parts.append(f"{key}: {word(value)}")
    return f"{{{', '.join(parts)}}}"


def _services(services: Sequence[FoundService]) -> Iterator[str]:
    if not services:
        yield NO_SERVICES
        return
    yield SERVICES
    for one in services[:MOST_SERVICES]:
        service = one.service
        parts = [f"name: {word(service.name)}"]
        if service.owner:
            parts.append(f"owner: {word(service.owner)}")
        if service.criticality:
            parts.append(f"criticality: {word(service.criticality)}")
        if one.needs:
            parts.append(f"depends_on: [{', '.join(map(word, one.needs))}]")
        yield f"  - {{{', '.join(parts)}}}   # {plain(one.place)}\n"
    left = len(services) - MOST_SERVICES
    yield f"  # and {left} more, which stay as their catalogs say\n" if left > 0 else ""


def _owned(owned: Sequence[FoundService]) -> Iterator[str]:
    """By team: every run reads code owners anew, and nobody reads a list of all."""
    if not owned:
        return
    yield "# From CODEOWNERS, which every run reads; name here what is critical:\n"
    teams: dict[str, list[FoundService]] = {}
    for one in owned:
        teams.setdefault(one.service.owner or "", []).append(one)
    largest = sorted(teams.items(), key=lambda team: (-len(team[1]), team[0]))
    for team, members in largest[: 2 * MOST_NAMED]:
        names = listed([one.service.name for one in members])
        yield f"#   {plain(team)}: {plain(names)}   # {plain(members[0].place)}\n"
    left = len(teams) - 2 * MOST_NAMED
    yield f"#   and {left} more teams\n" if left > 0 else ""


def word(text: str) -> str:
    """`text` as a YAML scalar in a flow mapping, quoted where it must be."""
    bare = text.replace("-", "").replace("_", "").replace("/", "").replace(".", "")
    # Words that some reader of YAML takes for something else, `1e3` and `null` among them, begin so or are listed.
    if text[:1].isalpha() and bare.isascii() and bare.isalnum() and text.lower() not in _WORDS:
        return text
    return quoted(text)


_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
