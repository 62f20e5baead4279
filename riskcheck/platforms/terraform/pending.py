"""Resources that are evaluated when somebody looks into them.

A root has hundreds of resources in each environment, and a change reaches few. What no changed file has a part in
(`touching`) comes to the same on both sides, so that comparing it needs no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Resource
from riskcheck.nodes import Mapping, Node, Pending, Scalar
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Environment, Reference


class Work(NamedTuple):
    """How one resource is made. directory: of its module; what two sides evaluate there at one address comes to the
    same. evaluate: its body. references: what it names, by its text."""

    directory: str
    evaluate: Callable[[], Mapping]
    references: Callable[[], tuple[Reference, ...]]


class PendingResource(Resource):
    """A resource with a `Pending` body, whose references are worked out when they are asked for."""

    __slots__ = ("_work",)

    _work: Work

    @classmethod
    def of(
        cls,
        work: Work,
        written: Mapping,
        kind: str,
        name: str,
        environment: Environment,
        unit: str,
        origin: Scalar,
        service: str | None,
        undecided: Node | None,
    ) -> PendingResource:
        """The resource that `work` makes of `written`."""
        new = cls.__new__(cls)
        keep = object.__setattr__
        keep(new, "_work", work)
        keep(new, "platform", "terraform")
        keep(new, "kind", kind)
        keep(new, "name", name)
        keep(new, "environment", environment)
        keep(new, "unit", unit)
        digest = ("no changed file has a part in it", work.directory)
        keep(new, "body", Pending(lambda: work.evaluate().entries, digest, written))
        keep(new, "origin", origin)
        keep(new, "reading", "yaml-1.2")
        keep(new, "service", service)
        keep(new, "identity", "")
        keep(new, "labels", None)
        keep(new, "provides", ())
        keep(new, "shaped_by", ())
        keep(new, "undecided", undecided)
        return new

    def _with(self, field: str, value: str) -> PendingResource:
        new = type(self).__new__(type(self))
        for name in (*_COPIED, "_work"):
            object.__setattr__(new, name, getattr(self, name))
        object.__setattr__(new, field, value)
        return new

    def of_service(self, service: str) -> Resource:
        if isinstance(self.body, Pending):
            return self._with("service", service)
        return super().of_service(service)

    def known_as(self, identity: str) -> PendingResource:
        """The same under the address that it had before."""
        return self._with("identity", identity)

    def is_connected_as(self, other: Resource) -> bool:
        one, another = self.body, other.body
        if isinstance(one, Pending) and isinstance(another, Pending) and one.digest == another.digest:
            return True
        return super().is_connected_as(other)

    def __getattr__(self, name: str) -> object:
        # Reached only while the slot is empty.
        if name != "references":
            raise AttributeError(name)
        value = self._work.references()
        object.__setattr__(self, name, value)
        return value


_COPIED: Final = (
    "platform",
    "kind",
    "name",
    "environment",
    "unit",
    "body",
    "origin",
    "reading",
    "service",
    "identity",
    "labels",
    "provides",
    "shaped_by",
    "undecided",
)
