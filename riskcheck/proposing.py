"""What a policy file could say about a repository, from what its files show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel, order_of
from riskcheck.models import UNDEPLOYED
from riskcheck.platforms import load
from riskcheck.platforms.base import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Environment, Pipeline
    from riskcheck.trees import Tree

HEAD = """\
# riskcheck policy. It is read from the branch that is merged into, never from the change itself.
# Every key is explained in docs/policy.md of riskcheck; the schema is schemas/config.schema.json.
version: 1

"""

TAIL = """
# Who owns what, and how bad it is when it breaks. `criticality: tier-1`, scopes with sox or pii and premium support
# raise findings; a runbook that was exercised within 90 days is rollback evidence.
# services:
#   - {name: orders, owner: team-data, criticality: tier-1, rto: 30m, paths: ["pipelines/orders/**"],
#      runbook: {url: docs/orders-rollback.md, exercised: 2026-10-01, duration: 12m}}

# freezes: [{name: quarter-end, from: 2026-12-28, to: 2027-01-03}]
# approvals: [{scope: sox, teams: [team-finance-controls]}]
"""

MOST_ASIDE = 6
"""Development environments that are only mentioned."""

MOST_ENVIRONMENTS = 60
"""More are cut, and that said: a file nobody reads through declares nothing."""


def found_environments(
    tree: Tree, environments: EnvironmentModel
) -> tuple[tuple[Environment, ...], tuple[Pipeline, ...]]:
    """All environments that the files of `tree` name, lowest stage first, and the pipelines that deploy to them."""
    from riskcheck.platforms.gate.pipelines import deploy_pipelines

    workspace = Workspace(tree, DocumentStore(tree), environments, frozenset(tree.entries()))
    found: dict[str, Environment] = {}
    claimed: set[str] = set()
    for platform in load():
        units = platform.units(workspace, workspace.touched - claimed)
        if not units or platform.name in UNDEPLOYED:
            continue
        resolution = platform.resolve(workspace, units)
        claimed |= resolution.read
        for resource in resolution.resources:
            found.setdefault(resource.environment.name, resource.environment)
    ordered = sorted(found.values(), key=lambda one: (order_of(one.stage), one.name))
    return tuple(ordered), deploy_pipelines(workspace)


def proposal(environments: Sequence[Environment], pipelines: Sequence[Pipeline]) -> str:
    """The text of a policy file. What is a guess is marked with a question mark."""
    lines = [HEAD]
    gated = next((pipeline for pipeline in pipelines if pipeline.gated), None)
    stages = {environment.stage for environment in environments}
    if gated is not None:
        place = f"{gated.location.path}:{gated.location.line}"
        lines.append(f"promotion: pipeline   # {place} deploys {' -> '.join(gated.stages)} behind gates\n")
    elif "prod" in stages and len(stages) > 1:
        lines.append(
            "promotion: git   # ? lower environments are merged first and soak; or: pipeline, branch\n"
        )
    else:
        lines.append("# promotion: git   # ? no lower and production stage was found to put in order\n")
    if not environments:
        lines.append("# environments:      # ? none was recognised; name them, lowest first\n")
        lines.append('#   - {name: staging, stage: staging, soak: 24h, paths: ["**/staging/**"]}\n')
        lines.append('#   - {name: prod, stage: prod, paths: ["**/prod/**"]}\n')
    else:
        lines.append("environments:        # lowest first: a change comes up in this order\n")
        # Once declared, a development environment is a step that every change must have gone through.
        aside = [one for one in environments if one.stage == "dev" and stages & {"staging", "canary"}]
        steps = [one for one in environments if one not in aside]
        lines.extend(map(_line, steps[:MOST_ENVIRONMENTS]))
        lines.extend(_line(one, "if changes come up through it") for one in aside[:MOST_ASIDE])
        left = len(environments) - len(steps[:MOST_ENVIRONMENTS]) - len(aside[:MOST_ASIDE])
        if left > 0:
            lines.append(f"  # ? and {left} more that are not listed here\n")
    lines.append(TAIL)
    return "".join(lines)


def _line(environment: Environment, only: str = "") -> str:
    parts = [f"name: {_word(environment.name)}", f"stage: {environment.stage}"]
    for key, value in (("tier", environment.tier), ("region", environment.region)):
        if value:
            parts.append(f"{key}: {_word(value)}")
    if environment.stage == "unknown" or only:
        return f"  # - {{{', '.join(parts)}}}   # ? {only or 'its name does not tell the stage'}\n"
    source = f"   # {environment.source}" if ":" in environment.source else ""
    return f"  - {{{', '.join(parts)}}}{source}\n"


def _word(text: str) -> str:
    """`text` as a YAML scalar in a flow mapping, quoted where it must be."""
    import json

    plain = (
        text[:1].isalpha()
        and text.isascii()
        and text.replace("-", "").replace("_", "").replace("/", "").isalnum()
    )
    return (
        text
        if plain and text.lower() not in ("yes", "no", "on", "off", "true", "false", "null")
        else json.dumps(text)
    )
