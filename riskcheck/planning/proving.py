"""What has run a change before production gets it: evidence there is, or the waves before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.environments import order_of, stands_for
from riskcheck.planning.facts import cell_of
from riskcheck.plans import Already, Proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Environment
    from riskcheck.planning.facts import PlanInput
    from riskcheck.planning.times import Draft
    from riskcheck.plans import Soak

WITH_USERS: Final = frozenset({"prod", "unknown"})
COUNTS: Final = frozenset({"promoted", "pipeline", "split", "subset", "shadow", "metric"})


def proofs(draft: Draft, before: Sequence[tuple[Draft, Soak]], given: PlanInput) -> tuple[Proof, ...]:
    """One line for each production environment of the wave, or one for each group of services that differ."""
    found = []
    for environment in draft.environments:
        if environment.stage not in WITH_USERS:
            continue
        services = sorted(name for cell, name in draft.pairs if cell == cell_of(environment))
        said: dict[tuple[bool, str], list[str]] = {}
        for service in services:
            said.setdefault(_proof(service, environment, before, given), []).append(service)
        for (good, detail), names in said.items():
            of = "" if len(said) == 1 else ", ".join(names)
            found.append(Proof(good, environment.name, detail, of))
    return tuple(found)


def _proof(
    service: str, environment: Environment, before: Sequence[tuple[Draft, Soak]], given: PlanInput
) -> tuple[bool, str]:
    known = [
        one for one in given.evidence.get((service, environment.name), ()) if one.kind in COUNTS and one.found
    ]
    promoted = next((one for one in known if one.kind == "promoted"), None)
    if promoted is not None:
        return True, promoted.detail
    for draft, soak in reversed(before):
        names = sorted(
            other.name
            for other in draft.environments
            if (cell_of(other), service) in draft.pairs
            and order_of(other.stage) < order_of(environment.stage)
            and stands_for(other, environment)
        )
        if names:
            from_wave = f"{', '.join(names)} (wave {draft.number}) gets it first"
            return True, f"{from_wave} and soaks {spell(soak.seconds)}"
    if known:
        return True, known[0].detail
    return False, _missing(service, environment, given)


def _missing(service: str, environment: Environment, given: PlanInput) -> str:
    """Which environment could prove it and is left alone."""
    held = {
        cell.environment for cell in given.report.matrix if cell.service == service and cell.state != "absent"
    }
    able = [
        one
        for one in given.report.environments
        if order_of(one.stage) < order_of(environment.stage)
        and stands_for(one, environment)
        and one.name in held
    ]
    if not able:
        return f"no environment that stands for {environment.cell} runs {service}"
    near = max(able, key=lambda one: order_of(one.stage))
    return f"{near.name} stands for {environment.cell} and does not get this: give it the change first"


def already(given: PlanInput) -> tuple[Already, ...]:
    """The environments below production that run what it gets now."""
    found: dict[tuple[str, str], Already] = {}
    for (service, _), evidence in sorted(given.evidence.items()):
        for one in evidence:
            if one.found and one.kind == "promoted":
                for name in one.lower:
                    found.setdefault((service, name), Already(service, name, one.detail, one.since))
    return tuple(found[key] for key in sorted(found))
