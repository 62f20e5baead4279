"""What a rule may look at beside the change itself: the resources of both sides, and who they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from riskcheck.documents.scalars import plain_value
from riskcheck.keypaths import NaturalKeys, descend
from riskcheck.models import Change, Resource, Rule, Service
from riskcheck.nodes import KeyPath, MaybeValue, Node, Value
from riskcheck.redact import redact_value

if TYPE_CHECKING:
    from riskcheck.dependencies import Dependant, Downstream
    from riskcheck.network.coupled.model import CoupledSet
    from riskcheck.network.known import AddressBook
    from riskcheck.pricetable import Prices

ResourceKeys: TypeAlias = Callable[[Resource], NaturalKeys]
"""A resource to the natural keys of its lists, by field."""

Facts: TypeAlias = Mapping[tuple[str, str, str], Mapping[str, Value]]
"""What plan files say, by `Resource.key`."""


class ResourceView(Protocol):
    """The resources of one side."""

    def get(self, unit: str, address: str, environment_name: str) -> Resource | None:
        """The resource with this key."""

    def find(
        self,
        *,
        platform: str | None = None,
        kind: str | None = None,
        environment: str | None = None,
        unit: str | None = None,
    ) -> Iterable[Resource]:
        """All resources for which everything that is given holds, in the order in which they were resolved.

        environment: by name.
        """


class CheckContext(Protocol):
    """What a check is called with beside its subject."""

    @property
    def options(self) -> Mapping[str, Value]:
        """The rule's `options`, as the policy overrides them."""

    @property
    def base(self) -> ResourceView: ...

    @property
    def head(self) -> ResourceView: ...

    @property
    def now(self) -> int:
        """The time of the run, in seconds since the epoch: the only clock that a check may know."""

    @property
    def service(self) -> Service:
        """The service of the change's resource; one without a name where none is declared."""

    @property
    def within(self) -> KeyPath | None:
        """Path of the added or removed block that brought the value; None where the value itself changed."""

    @property
    def facts(self) -> Mapping[str, Value]:
        """What a plan file says about the change's resource; empty without one."""

    @property
    def prices(self) -> Prices | None:
        """The price table that the policy names."""

    @property
    def address_book(self) -> AddressBook | None:
        """Addresses in use that the policy names, and where other files name one; None without trees."""

    @property
    def coupled(self) -> Sequence[CoupledSet]:
        """The sets of things that must change together which the policy names; ours are not among them."""

    def relatives(self, resource: Resource) -> Sequence[Resource]:
        """Resources of base in the sibling environments of a resource, in units that the change does not touch."""

    def dependants(self, resource: Resource) -> Sequence[Dependant]:
        """What other services use of a resource of base, in files that the change does not touch, by a name that
        nothing in head provides any more."""

    def users(self, names: Collection[str], near: Resource) -> Sequence[Dependant]:
        """What uses a thing in head, in the environment of `near`, by one of its names: names of references
        (``uc:main.shop.orders``), and addresses of resources of `near`'s unit."""

    def downstream(self, resource: Resource, hops: int) -> Sequence[Downstream]:
        """Critical services that hang off a resource, in its environment, within so many hops."""

    def changes_of(self, resource: Resource) -> Sequence[Change]:
        """All changes of the resource with this key: same unit, address and environment."""

    def siblings(self, change: Change) -> Mapping[str, MaybeValue]:
        """The head value at the same path of the same thing in the other environments, by environment name.

        Environments in which the thing exists without that path are left out.
        """

    def node(self, resource: Resource | None, path: KeyPath) -> Node | None:
        """The node at `path` of `resource`, list items by the names that changes give them."""


MOST_LOOKED_AT: Final = 10_000_000
"""Resources that one rule may go through in a run: a change of thousands is compared with thousands beside it."""


class EffortError(Exception):
    """A rule went through more resources than it may. The message says so, on one line."""


class Effort:
    """How many resources each rule has gone through; the contexts say which rule is judging."""

    __slots__ = ("_rule", "_spent")

    def __init__(self) -> None:
        self._rule = ""
        self._spent: dict[str, int] = {}

    def of(self, rule: str) -> None:
        self._rule = rule

    def spend(self, count: int) -> None:
        self._spent[self._rule] = self._spent.get(self._rule, 0) + count

    def check(self) -> None:
        """Raises `EffortError` where nothing is left."""
        if self._spent.get(self._rule, 0) > MOST_LOOKED_AT:
            raise EffortError(f"it would compare more than {MOST_LOOKED_AT:,} resources: split the change")


class Resources:
    """`ResourceView` over the resources of one side. effort: what is spent on going through them."""

    def __init__(self, resources: Iterable[Resource], effort: Effort | None = None) -> None:
        self._effort = Effort() if effort is None else effort
        self._all = tuple(resources)
        self._by_key = {resource.key: resource for resource in self._all}
        self._by_unit: dict[str, list[Resource]] = {}
        self._by_cell: dict[tuple[str, str], list[Resource]] = {}
        self._by_kind: dict[tuple[str, str], list[Resource]] = {}
        for resource in self._all:
            self._by_unit.setdefault(resource.unit, []).append(resource)
            self._by_cell.setdefault((resource.unit, resource.environment.name), []).append(resource)
            self._by_kind.setdefault((resource.platform, resource.kind), []).append(resource)

    def get(self, unit: str, address: str, environment_name: str) -> Resource | None:
        return self._by_key.get((unit, address, environment_name))

    def find(
        self,
        *,
        platform: str | None = None,
        kind: str | None = None,
        environment: str | None = None,
        unit: str | None = None,
    ) -> Iterator[Resource]:
        pools: list[Sequence[Resource]] = [self._all]
        if unit is not None:
            cell = self._by_cell.get((unit, environment or ""), ())
            pools.append(self._by_unit.get(unit, ()) if environment is None else cell)
        if platform is not None and kind is not None:
            pools.append(self._by_kind.get((platform, kind), ()))
        self._effort.check()
        looked_at = 0
        try:
            for resource in min(pools, key=len):
                looked_at += 1
                if (
                    (platform is None or resource.platform == platform)
                    and (kind is None or resource.kind == kind)
                    and (environment is None or resource.environment.name == environment)
                    and (unit is None or resource.unit == unit)
                ):
                    yield resource
        finally:
            self._effort.spend(looked_at)


class Surrounding(Protocol):
    """What lies beyond the resources of both sides: the service graph, asked for when a rule needs it."""

    def service(self, resource: Resource) -> Service: ...

    def dependants(self, resource: Resource) -> Sequence[Dependant]: ...

    def users(self, names: Collection[str], near: Resource) -> Sequence[Dependant]: ...

    def downstream(self, resource: Resource, hops: int) -> Sequence[Downstream]: ...


class Contexts:
    """Makes the context of each (rule, change) of a run; the indexes are built once.

    services: by name. natural_keys: how each platform names the items of its lists. options: rule id or code
    to the options that the policy overrides. now: the time of the run, in seconds since the epoch. surrounding: the
    graph; without one nothing hangs off anything. address_book: made when a rule asks for it. coupled, relatives:
    see `CheckContext`.
    """

    def __init__(
        self,
        base: Iterable[Resource],
        head: Iterable[Resource],
        changes: Iterable[Change],
        natural_keys: ResourceKeys,
        *,
        services: Mapping[str, Service] | None = None,
        options: Mapping[str, Mapping[str, Value]] | None = None,
        facts: Facts | None = None,
        now: int = 0,
        surrounding: Surrounding | None = None,
        prices: Prices | None = None,
        address_book: Callable[[], AddressBook] | None = None,
        coupled: Sequence[CoupledSet] = (),
        relatives: Callable[[Resource], Sequence[Resource]] | None = None,
    ) -> None:
        self.now = now
        self.prices = prices
        self.address_book = address_book
        self.coupled = coupled
        self.relatives = relatives
        self.surrounding = surrounding
        self._effort = Effort()
        self.base = Resources(base, self._effort)
        self.head = Resources(head, self._effort)
        self.natural_keys = natural_keys
        self._services = services or {}
        self._options = options or {}
        self._facts = facts or {}
        self._changes: dict[tuple[str, str, str], list[Change]] = {}
        for change in changes:
            for key in {side.key for side in (change.resource_before, change.resource_after) if side}:
                self._changes.setdefault(key, []).append(change)
        self._twins: dict[tuple[str, str, str], list[Resource]] | None = None
        self._chosen: dict[str, Mapping[str, Value]] = {}
        self._nodes: dict[tuple[int, KeyPath], tuple[Node | None, Resource]] = {}

    def __call__(self, rule: Rule, change: Change, within: KeyPath | None = None) -> CheckContext:
        self._effort.of(rule.id)
        return _Context(self, self.options_of(rule), change.resource, within)

    def bare(self, rule: Rule) -> CheckContext:
        """The context of a rule about the run as a whole, which has no change and no resource."""
        self._effort.of(rule.id)
        return _Context(self, self.options_of(rule), None, None)

    def options_of(self, rule: Rule) -> Mapping[str, Value]:
        """The options of `rule`, the policy's over its own."""
        chosen = self._chosen.get(rule.id)
        if chosen is None:
            options: dict[str, Value] = dict(rule.options or {})
            for name in (rule.code, rule.id):
                options.update(self._options.get(name, {}))
            chosen = self._chosen[rule.id] = options
        return chosen

    def service_of(self, resource: Resource | None) -> Service:
        if self.surrounding is not None and resource is not None:
            return self.surrounding.service(resource)
        name = "" if resource is None else resource.service or resource.unit
        return self._services.get(name) or Service(name)

    def facts_of(self, resource: Resource | None) -> Mapping[str, Value]:
        return {} if resource is None else self._facts.get(resource.key, {})

    def changes_of(self, resource: Resource) -> Sequence[Change]:
        return self._changes.get(resource.key, ())

    def node(self, resource: Resource | None, path: KeyPath) -> Node | None:
        if resource is None:
            return None
        # The resource is kept beside, so that its id stays its own.
        known = self._nodes.get((id(resource), path))
        if known is None:
            node = descend(resource.body, path, self.natural_keys(resource), resource.reading)
            known = self._nodes[(id(resource), path)] = (node, resource)
        return known[0]

    def siblings(self, change: Change) -> dict[str, MaybeValue]:
        resource = change.resource
        found: dict[str, MaybeValue] = {}
        for twin in self._twins_of(resource):
            node = self.node(twin, change.path)
            if node is not None and twin.environment.name != resource.environment.name:
                value = redact_value(change.path, twin.kind, plain_value(node, twin.reading), node)
                found.setdefault(twin.environment.name, value)
        return found

    def _twins_of(self, resource: Resource) -> Sequence[Resource]:
        """The same thing in head in all environments, those of its own unit first."""
        if self._twins is None:
            self._twins = {}
            for one in self.head.find():
                self._twins.setdefault(_identity(one), []).append(one)
        twins = self._twins.get(_identity(resource), [])
        return sorted(twins, key=lambda twin: twin.unit != resource.unit)


def _identity(resource: Resource) -> tuple[str, str, str]:
    return (resource.platform, resource.kind, resource.identity or resource.address)


class _Context:
    """`CheckContext` of one rule and one change."""

    __slots__ = ("_resource", "_run", "options", "within")

    def __init__(
        self, run: Contexts, options: Mapping[str, Value], resource: Resource | None, within: KeyPath | None
    ) -> None:
        self._run = run
        self._resource = resource
        self.options = options
        self.within = within

    @property
    def base(self) -> ResourceView:
        return self._run.base

    @property
    def head(self) -> ResourceView:
        return self._run.head

    @property
    def now(self) -> int:
        return self._run.now

    @property
    def service(self) -> Service:
        return self._run.service_of(self._resource)

    @property
    def facts(self) -> Mapping[str, Value]:
        return self._run.facts_of(self._resource)

    @property
    def prices(self) -> Prices | None:
        return self._run.prices

    @property
    def address_book(self) -> AddressBook | None:
        return self._run.address_book() if self._run.address_book is not None else None

    @property
    def coupled(self) -> Sequence[CoupledSet]:
        return self._run.coupled

    def relatives(self, resource: Resource) -> Sequence[Resource]:
        return () if self._run.relatives is None else self._run.relatives(resource)

    def dependants(self, resource: Resource) -> Sequence[Dependant]:
        surrounding = self._run.surrounding
        return surrounding.dependants(resource) if surrounding is not None else ()

    def users(self, names: Collection[str], near: Resource) -> Sequence[Dependant]:
        surrounding = self._run.surrounding
        return surrounding.users(names, near) if surrounding is not None else ()

    def downstream(self, resource: Resource, hops: int) -> Sequence[Downstream]:
        surrounding = self._run.surrounding
        return surrounding.downstream(resource, hops) if surrounding is not None else ()

    def changes_of(self, resource: Resource) -> Sequence[Change]:
        return self._run.changes_of(resource)

    def siblings(self, change: Change) -> Mapping[str, MaybeValue]:
        return self._run.siblings(change)

    def node(self, resource: Resource | None, path: KeyPath) -> Node | None:
        return self._run.node(resource, path)
