"""Whether the environment that is to prove a change of the network has the network of production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.environments import stands_for
from riskcheck.globs import wildcard
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.network.coupled.read import builtin_sets
from riskcheck.rules.checks.coupled import triggered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Environment
    from riskcheck.network.parity import Trait
    from riskcheck.rules.context import CheckContext

_BEFORE: Final = {"dev": 0, "staging": 1, "canary": 2}
_MOST_TOLD: Final = 4


def gap(change: Change, context: CheckContext) -> Iterator[Match]:
    """An anchor of a set changed in production, and the environment that had it first is unlike production.

    Values: ``what``, ``lower``. Of several lower environments the last before production speaks.
    """
    here = change.resource_after
    if here is None or here.environment.stage != "prod" or not _moves(change, context):
        return
    lower = _before(here, context)
    if not lower or not any(one.kind == here.kind for one in lower):
        return
    from riskcheck.network.parity import lacking, traits

    name = here.environment.name
    own = traits(context.head.find(platform=here.platform, unit=here.unit, environment=name), name)
    other = traits(lower, lower[0].environment.name)
    exceptions = context.options.get("exceptions")
    reviewed = [str(one) for one in exceptions] if isinstance(exceptions, list) else []
    missing = _unreviewed(lacking(own, other), reviewed)
    alone = _unreviewed(lacking(other, own), reviewed)
    if not missing and not alone:
        return
    below = lower[0].environment.name
    told = [f"{below} lacks {_listed(missing)}"] if missing else []
    told += [f"{below} alone has {_listed(alone)}"] if alone else []
    related = [Related(f"{name} has", location_of(one.node)) for one in missing[:_MOST_TOLD]]
    related += [Related(f"{below} has", location_of(one.node)) for one in alone[:_MOST_TOLD]]
    what = f"{here.kind}.{here.name} was tried where the network is another one: {'; '.join(told)}"
    yield Match(values={"what": what, "lower": below}, related=tuple(related))


def _moves(change: Change, context: CheckContext) -> bool:
    """Whether `change` is the first in its environment and unit of what sends traffic another way."""
    here = change.resource
    sets = [one for one in (*builtin_sets(), *context.coupled) if one.moves]
    if not any(here.kind in one.anchor.kinds for one in sets):
        return False
    for kind in sorted({kind for one in sets for kind in one.anchor.kinds}):
        for anchor in context.head.find(
            platform=here.platform, kind=kind, unit=here.unit, environment=here.environment.name
        ):
            if any(triggered(one, anchor, context) in ("created", "replaced") for one in sets):
                return anchor is here and context.changes_of(here)[:1] == [change]
    return False


def _before(here: Resource, context: CheckContext) -> list[Resource]:
    """The resources of the last environment before that of `here`, in the unit that is the same there."""
    beside = [
        *(one for one in context.head.find(platform=here.platform) if _is_same_unit(one.unit, here.unit)),
        *(one for one in context.relatives(here) if _is_same_unit(one.unit, here.unit)),
    ]
    found: dict[str, Environment] = {}
    for one in beside:
        stage = one.environment.stage
        if stage in _BEFORE and stands_for(one.environment, here.environment):
            found.setdefault(one.environment.name, one.environment)
    if not found:
        return []
    last = max(found.values(), key=lambda one: (_rank(one), one.region == here.environment.region, one.name))
    return [one for one in beside if one.environment.name == last.name]


def _rank(environment: Environment) -> tuple[int, int]:
    return (-1 if environment.order is None else environment.order, _BEFORE[environment.stage])


def _is_same_unit(one: str, other: str) -> bool:
    """Whether two directories are the same but for the one step that names the environment."""
    if one == other:
        return True
    steps, others = one.split("/"), other.split("/")
    return len(steps) == len(others) and sum(a != b for a, b in zip(steps, others, strict=True)) == 1


def _unreviewed(found: Iterable[Trait], reviewed: list[str]) -> list[Trait]:
    return [one for one in found if not any(wildcard(pattern, one.what) for pattern in reviewed)]


def _listed(found: list[Trait]) -> str:
    more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return ", ".join(f"{_article(one.what)} {one.what} ({_place(one)})" for one in found[:_MOST_TOLD]) + more


def _article(what: str) -> str:
    return "an" if what[:1] in "aeiou" else "a"


def _place(trait: Trait) -> str:
    place = location_of(trait.node)
    return f"{place.path}:{place.line}"
