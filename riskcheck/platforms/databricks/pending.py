"""Resources that are resolved when somebody looks into them.

In a large bundle a change reaches few of the resources, and each target has all of them. What a resource's values
depend on is known before (`scanning`, `foreseen`): where that is equal on both sides, nobody needs the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Resource
from riskcheck.nodes import Mapping, Pending

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from riskcheck.models import Environment
    from riskcheck.platforms.databricks.scanning import Scan
    from riskcheck.platforms.databricks.work import Work


class Inputs:
    """All that the values of one resource in one target come from. Equal inputs make equal values.

    values: what its references come to, in order. settings: those of the target. Numbers of `Foresight.number`.
    """

    __slots__ = ("scan", "settings", "values")

    def __init__(self, scan: Scan, values: Hashable, settings: int) -> None:
        self.scan = scan
        self.values = values
        self.settings = settings

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Inputs) or (self.values, self.settings) != (other.values, other.settings):
            return False
        return self.scan is other.scan or self.scan.shape == other.scan.shape

    def __hash__(self) -> int:
        return hash((self.values, self.settings))


class PendingResource(Resource):
    """A resource with a `Pending` body. What it refers to and is known by is worked out when it is asked for."""

    __slots__ = ("_work",)

    _work: Work

    @classmethod
    def of(
        cls, work: Work, inputs: Inputs, environment: Environment, unit: str, service: str | None
    ) -> PendingResource:
        """The resource that `work` makes."""
        kind, name = work.kind, work.key.raw
        return cls._made(
            work,
            Pending(work.entries, inputs, work.written),
            environment,
            unit,
            service,
            f"{unit}/{kind}.{name}",
        )

    @classmethod
    def _made(
        cls,
        work: Work,
        body: Mapping,
        environment: Environment,
        unit: str,
        service: str | None,
        identity: str,
    ) -> PendingResource:
        new = cls.__new__(cls)
        keep = object.__setattr__
        keep(new, "_work", work)
        keep(new, "platform", "databricks")
        keep(new, "kind", work.kind)
        keep(new, "name", work.key.raw)
        keep(new, "environment", environment)
        keep(new, "unit", unit)
        keep(new, "body", body)
        keep(new, "origin", work.key)
        keep(new, "reading", "databricks")
        keep(new, "service", service)
        keep(new, "identity", identity)
        keep(new, "undecided", None)
        return new

    def is_connected_as(self, other: Resource) -> bool:
        if (
            isinstance(other, PendingResource)
            and isinstance(self.body, Pending)
            and isinstance(other.body, Pending)
            and self.body.digest == other.body.digest
            and not self._work.may_refer()
            and not other._work.may_refer()
        ):
            return True
        return super().is_connected_as(other)

    def of_service(self, service: str) -> Resource:
        return self._made(self._work, self.body, self.environment, self.unit, service, self.identity)

    def __getattr__(self, name: str) -> object:
        # Reached only while the slot is empty.
        make = _LATER.get(name)
        if make is None:
            raise AttributeError(name)
        value = make(self._work)
        object.__setattr__(self, name, value)
        return value


_LATER: Final[dict[str, Callable[[Work], object]]] = {
    "references": lambda work: work.references(),
    "labels": lambda work: work.labels(),
    "provides": lambda work: work.provides(),
}
