"""Resource keys that a bundle declares more than once, which the CLI refuses to deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import location_of
from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.databricks.build import is_null
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Declared(NamedTuple):
    """A resource as a file declares it. key: where."""

    kind: str
    key: Scalar

    @property
    def path(self) -> str:
        return self.key.source.path

    def __str__(self) -> str:
        place = location_of(self.key)
        return f"resources.{self.kind}.{self.key.raw} of {place.path}:{place.line}"


def doubled(files: Iterable[Mapping]) -> Iterator[tuple[Declared, Declared]]:
    """The first declaration of a key and each later one, in any of `files` and under any type.

    A key is unique over all types and declared in one file; overrides in targets are none of these
    (https://github.com/databricks/cli/blob/7bbe285213/bundle/config/validate/unique_resource_keys.go).
    """
    first: dict[str, Declared] = {}
    for file in files:
        resources = file.get("resources")
        for kind, group in resources.entries if isinstance(resources, Mapping) else ():
            for key, body in group.entries if isinstance(group, Mapping) else ():
                if is_null(body):
                    continue
                declared = Declared(kind.raw, key)
                known = first.setdefault(key.raw, declared)
                if known is not declared:
                    yield known, declared
