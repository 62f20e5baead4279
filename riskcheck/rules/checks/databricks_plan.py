"""What a plan of the Databricks CLI foresees beyond what the configuration alone tells."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from riskcheck.models import LOSING, Match
from riskcheck.phrases import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import Foreseen, RunFacts

MOST_FIELDS: Final = 3


def foreseen_loss(facts: RunFacts, context: CheckContext) -> Iterator[Match]:
    """A plan deletes or recreates what, by the fields that differ, would stay; or it creates all that is declared
    already, because the state that it starts from is empty.

    Values: ``what``, ``loss`` ("" where the resource holds no data).
    """
    again: dict[tuple[str, str], list[Foreseen]] = defaultdict(list)
    for one in facts.foreseen:
        if one.resource.platform != "databricks":
            continue
        if one.deployed:
            again[(one.resource.unit, one.resource.environment.name)].append(one)
        # What the change itself removes or recreates is told by the rules about that.
        if one.action in LOSING and one.derived not in LOSING and not one.gone:
            yield _lost(one)
    for group in again.values():
        if len(group) > 1 and all(one.action == "create" for one in group):
            yield _deployed_again(group)


def _lost(one: Foreseen) -> Match:
    # Every run is asked what its plans foresee, and few have any.
    from riskcheck.bundles.losses import holding
    from riskcheck.rules.checks.databricks_values import subject

    why = f" because of {listed(one.fields, MOST_FIELDS)}" if one.fields else ""
    held = holding(one.resource)
    loss = held.taken if held is not None and held.data else ""
    what = f"{subject(one.resource)} is {one.action}d{why}, says {one.source}"
    return Match(
        values={"what": f"{what}; it goes with {loss}" if loss else what, "loss": loss},
        node=one.resource.origin,
        environments=(one.resource.environment.name,),
        resources=(one.resource.address,),
    )


def _deployed_again(group: Sequence[Foreseen]) -> Match:
    first = group[0]
    where = first.resource.environment.name
    count = many(len(group), "resource")
    return Match(
        values={
            "what": f"{count} of {where} are created again, says {first.source}: it knows no earlier deployment",
            "loss": "",
        },
        node=first.resource.origin,
        environments=(where,),
        resources=tuple(sorted(one.resource.address for one in group)),
    )
