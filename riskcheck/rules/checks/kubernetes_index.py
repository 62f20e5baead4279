"""What the objects of one unit use and offer, by name: gone through once, however many of them a change edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.indexes import once
from riskcheck.rules.checks.kubernetes_objects import same_namespace
from riskcheck.rules.checks.kubernetes_pods import ConfigUse, config_uses, pod_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import ResourceView

T = TypeVar("T")

Named: TypeAlias = tuple[str, str]
"""Kind and name, without the namespace."""


class User(NamedTuple):
    """A pod template that names a ConfigMap or Secret. number: tells the order in which they were resolved."""

    number: int
    workload: Resource
    use: ConfigUse


def of_unit(near: Resource, view: ResourceView, make: Callable[[list[Resource]], T]) -> T:
    """What `make` makes of the objects deployed together with `near`, those of all namespaces; made once for all of
    them. make: a function of a module."""
    unit, environment = near.unit, near.environment.name
    return once(
        view,
        (make, unit, environment),
        lambda: make(list(view.find(platform="kubernetes", environment=environment, unit=unit))),
    )


def users_of(named: Named, near: Resource, view: ResourceView) -> Iterator[User]:
    """The pod templates beside `near`, in its namespace, that name a ConfigMap or Secret as `named`."""
    for user in of_unit(near, view, _users).get(named, ()):
        if same_namespace(near, user.workload):
            yield user


def _users(resources: list[Resource]) -> dict[Named, list[User]]:
    found: dict[Named, list[User]] = {}
    number = 0
    for resource in resources:
        template = pod_template(resource)
        for use in config_uses(template) if template is not None else ():
            found.setdefault((use.kind, use.name), []).append(User(number, resource, use))
            number += 1
    return found
