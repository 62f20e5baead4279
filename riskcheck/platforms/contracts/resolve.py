"""Files with schemas and promises into tables, in each environment they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Environment, Resolution, Resource
from riskcheck.nodes import Mapping
from riskcheck.platforms.contracts import odcs, schemas, specification, suites
from riskcheck.platforms.declaring import resolution_of_files
from riskcheck.platforms.families import component_of, generalised_path, unnamed
from riskcheck.platforms.plain.files import is_configuration
from riskcheck.platforms.plain.layers import Layers
from riskcheck.records import NamedTuple
from riskcheck.tables.names import table_reference
from riskcheck.tables.read import text_of
from riskcheck.tables.shape import KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import Workspace

_AVRO: Final = ".avsc"


class Format(NamedTuple):
    """One way of writing them down. is_one: told by the root of a file. tables: what it says."""

    is_one: Callable[[Mapping], bool]
    tables: Callable[[Mapping], Iterator[Mapping]]


FORMATS: Final = (
    Format(odcs.is_one, odcs.tables),
    Format(specification.is_one, specification.tables),
    Format(schemas.is_avro, schemas.of_avro),
    Format(schemas.is_spark, schemas.of_spark),
    Format(suites.is_suite, suites.of_suite),
    Format(suites.is_soda, suites.of_soda),
)


def is_read(workspace: Workspace, path: str) -> bool:
    """Whether the file is one of these on either side; one that cannot be parsed now and could before is, too."""
    if not is_configuration(path.removesuffix(_AVRO) + ".json" if path.endswith(_AVRO) else path):
        return False
    sides = [workspace.documents] + ([workspace.other] if workspace.other is not None else [])
    for side in sides:
        root = side.get(path, _format(path)).root
        if isinstance(root, Mapping) and format_of(path, root) is not None:
            return True
    return False


def format_of(path: str, root: Mapping) -> Format | None:
    """How a file is written; None where it is none of these."""
    found = next((one for one in FORMATS if one.is_one(root)), None)
    return (
        None if path.endswith(_AVRO) and found is not None and found.tables is not schemas.of_avro else found
    )


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    layers = Layers(workspace.tree, workspace.environments)

    def made(document: Document) -> Iterator[Resource]:
        path = document.path
        root = document.root if document.unreadable is None else None
        found = format_of(path, root) if isinstance(root, Mapping) else None
        if found is None or not isinstance(root, Mapping):
            return
        bodies = list(found.tables(root))
        for environment in layers.of(path) or (unnamed(path),):
            yield from _resources(path, bodies, environment, workspace)

    return resolution_of_files(workspace, units, made, _format)


def _format(path: str) -> str | None:
    return "json" if path.endswith(_AVRO) else None


def _resources(
    path: str, bodies: list[Mapping], environment: Environment, workspace: Workspace
) -> Iterator[Resource]:
    general = generalised_path(path, workspace.environments)
    service = component_of(path.rpartition("/")[0], workspace.environments)
    seen: set[str] = set()
    for body in bodies:
        name = text_of(body, "name") or general
        if name in seen:
            continue
        seen.add(name)
        provided = table_reference(name)
        yield Resource(
            platform="contracts",
            kind=KIND,
            name=name,
            environment=environment,
            unit=path,
            body=body,
            origin=body,
            reading="yaml-1.2",
            service=service,
            identity=f"contracts:{KIND}.{general}:{name.rpartition('.')[2]}",
            provides=(provided,) if provided is not None else (),
        )
