"""What has run a change before production gets it: evidence there is, or the waves before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.environments import order_of, stands_for
from riskcheck.planning.facts import cell_of
from riskcheck.plans import Already, Proof
from riskcheck.progressive.limits import TOLERANCE
from riskcheck.progressive.values import percent

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
            said.setdefault(_proof(service, environment, draft, before, given), []).append(service)
        for (good, detail), names in said.items():
            of = "" if len(said) == 1 else ", ".join(names)
            found.append(Proof(good, environment.name, detail, of))
    return tuple(found)


def _proof(
    service: str,
    environment: Environment,
    draft: Draft,
    before: Sequence[tuple[Draft, Soak]],
    given: PlanInput,
) -> tuple[bool, str]:
    known = [
        one for one in given.evidence.get((service, environment.name), ()) if one.kind in COUNTS and one.found
    ]
    promoted = next((one for one in known if one.kind == "promoted"), None)
    if promoted is not None:
        return True, promoted.detail
    for earlier, soak in reversed(before):
        names = sorted(
            other.name
            for other in earlier.environments
            if (cell_of(other), service) in earlier.pairs
            and order_of(other.stage) < order_of(environment.stage)
            and stands_for(other, environment)
        )
        if names:
            from_wave = f"{', '.join(names)} (wave {earlier.number}) gets it first"
            return True, f"{from_wave} and soaks {spell(soak.seconds)}"
    if known:
        return True, known[0].detail
    part = _earlier_part(service, environment, before, given) or _first_part(
        service, environment, draft, before, given
    )
    return (True, part) if part else (False, _missing(service, environment, given))


def _earlier_part(
    service: str, environment: Environment, before: Sequence[tuple[Draft, Soak]], given: PlanInput
) -> str | None:
    """A production cell with a part of the users of the same tier, in an earlier wave."""
    if given.first_share is None:
        return None
    for earlier, soak in reversed(before):
        for other in earlier.environments:
            if (cell_of(other), service) in earlier.pairs and _is_part(other, environment):
                users = (
                    f"{other.name} (wave {earlier.number}), with {percent(other.share or 0)} of the users,"
                )
                return f"{users} gets it first and soaks {spell(soak.seconds)}"
    return None


def _is_part(one: Environment, other: Environment) -> bool:
    return one.stage == "prod" and one.tier == other.tier and one.share is not None and one.share < 1


def _first_part(
    service: str,
    environment: Environment,
    draft: Draft,
    before: Sequence[tuple[Draft, Soak]],
    given: PlanInput,
) -> str | None:
    """Whether the cell is itself the small part of its tier that gets it before all others of production."""
    share = environment.share
    if given.first_share is None or share is None or share > given.first_share + TOLERANCE:
        return None
    tier = {
        one.name
        for one in given.report.environments
        if one.stage == "prod" and one.tier == environment.tier and one.name != environment.name
    }
    states = {
        cell.state for cell in given.report.matrix if cell.service == service and cell.environment in tier
    }
    if "already" in states or not states - {"absent"}:
        return None
    so_far = {
        one.name
        for wave in (draft, *(earlier for earlier, _ in before))
        for one in wave.environments
        if (cell_of(one), service) in wave.pairs and (wave is draft or one.name in tier)
    }
    alone = so_far == {environment.name}
    return f"it is the first part of its tier itself: {percent(share)} of the users" if alone else None


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
