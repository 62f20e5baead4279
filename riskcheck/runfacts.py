"""What rules about a change as a whole judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.learned import LearnedRule
    from riskcheck.models import Action, Category, Change, Environment, Limitation, Location, Resource
    from riskcheck.pricetable import Prices


class Hold(NamedTuple):
    """Why the change as a whole has to wait, whatever was found in it: a freeze, a closed window, a missing
    approval.

    code: of the rule that tells it. role: ``freeze``, ``window`` or ``approval``. what: for people; reason: the
    same with its source, for the verdict. source: where the policy declares it. places: the first edit of each file
    that it holds. environments: names. resources: addresses.
    """

    code: str
    role: str
    what: str
    reason: str
    source: Location
    places: tuple[Location, ...] = ()
    environments: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class BudgetCap(NamedTuple):
    """The cap of the policy on what a change may add to the monthly cost, as a share (0.15) of `monthly`.

    monthly: the cost that the policy states, in its own currency; None: not stated. resources: (address pattern,
    monthly cost). source: where the policy says so. prices: the price table that it names.
    """

    max_increase: float
    monthly: float | None
    resources: tuple[tuple[str, float], ...]
    source: Location
    prices: Prices | None = None


class RiskyChange(NamedTuple):
    """A finding of P2 or worse about one change, as rules about the run see it. edit: equal for the same edit made
    to several things."""

    code: str
    category: Category
    cause: str
    component: str
    resource: str
    edit: tuple[str, ...]
    location: Location


class ChangedText(NamedTuple):
    """A changed file as text, on both sides; "" where it is not or cannot be read."""

    path: str
    before: str
    after: str


class Foreseen(NamedTuple):
    """What a plan file says of one resource in one environment.

    resource: as head declares it, as base did where head does not. action: the plan's; derived: from the fields
    that differ between base and head. changed: some do. deployed: base declares it. fields: paths in the plan's
    notation that lead to its action, the gravest first. gone: it no longer exists and is only forgotten. source:
    path of the plan. trusted: the policy believes it, so that it may lower a level too.
    """

    resource: Resource
    action: Action
    derived: Action
    changed: bool
    deployed: bool
    fields: tuple[str, ...]
    gone: bool
    source: str
    trusted: bool


class PlanFacts(NamedTuple):
    """A plan of Terraform as a whole. None: it does not say.

    source: its path. environment, unit: of which it is. place: where a finding about it points. managed: resources
    that it knows. lost: addresses that it destroys or replaces; changed: those that it acts on in any way.
    complete: it covers all that the configuration asks for. deferred: what waits for another run. failing: checks
    that do not hold. drifted: (address, attributes) that somebody changed since the last apply and this one sets
    back.
    """

    source: str
    environment: Environment
    unit: str
    place: Location
    managed: int
    lost: tuple[str, ...]
    changed: tuple[str, ...]
    complete: bool | None
    errored: bool
    deferred: tuple[str, ...]
    failing: tuple[str, ...]
    drifted: tuple[tuple[str, tuple[str, ...]], ...]


class LoneCopy(NamedTuple):
    """An edit of a file that a tool made of another one, which is left alone. source: the object there."""

    change: Change
    source: Location


class MissingPartner(NamedTuple):
    """A learned rule whose one half is edited, and whose other half is not.

    edited: paths. key: of the edit that set the rule in motion, "" for any. partner: path of what is there and was
    left alone. location: of the edit. place: of the partner.
    """

    rule: LearnedRule
    edited: tuple[str, ...]
    key: str
    partner: str
    location: Location
    place: Location


class RunFacts(NamedTuple):
    """What a rule with subject ``run`` judges: the comparison as a whole."""

    limitations: tuple[Limitation, ...]
    touched: frozenset[str]
    changes: tuple[Change, ...]
    unresolved: tuple[Change, ...] = ()
    """Production changes that some rule looks at and whose new value could not be resolved."""
    holds: tuple[Hold, ...] = ()
    budget: BudgetCap | None = None
    risky: tuple[RiskyChange, ...] = ()
    """Empty until the rules about single changes have been weighed."""
    texts: Callable[[], Iterable[ChangedText]] = tuple
    """The changed files of head, whether or not any environment runs them."""
    foreseen: tuple[Foreseen, ...] = ()
    """What plan files say, for those resources of which they say anything."""
    plans: tuple[PlanFacts, ...] = ()
    """The plans of Terraform as a whole."""
    untouched: Callable[[], Iterable[Resource]] = tuple
    """What is deployed beside the resources of this run, from files that the change does not touch."""
    lone_copies: Callable[[], Iterable[LoneCopy]] = tuple
    """Generated files that are edited without what they are generated from."""
    missing_partners: Callable[[], Iterable[MissingPartner]] = tuple
    """What history says belongs to the change and is not in it."""
