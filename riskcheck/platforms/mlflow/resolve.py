"""Files of packaged models into resources, in each environment they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text
from riskcheck.models import Environment, Reference, Resolution, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.declaring import resolution_of_files
from riskcheck.platforms.families import component_of, generalised_directory, unnamed
from riskcheck.platforms.mlflow.platform import FEATURE_FILES, MODEL_FILE
from riskcheck.platforms.plain.files import is_configuration
from riskcheck.platforms.plain.layers import Layers
from riskcheck.tables.names import column_reference, reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import Workspace

_DEFAULT_DIRECTORIES: Final = frozenset({"", ".", "model", "artifacts", "data", "feature_store"})
"""Directories that the client makes: the one above them names the model."""


def is_read(workspace: Workspace, path: str) -> bool:
    """Whether the file at `path` is that of a packaged model rather than another of this name."""
    if not is_configuration(f"{path}.yaml" if path.endswith(MODEL_FILE) else path):
        return False
    if path.rpartition("/")[2] not in FEATURE_FILES:
        return True
    sides = [workspace.documents] + ([workspace.other] if workspace.other is not None else [])
    return any(
        isinstance(root := side.get(path).root, Mapping) and isinstance(root.get("input_columns"), Sequence)
        for side in sides
    )


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    layers = Layers(workspace.tree, workspace.environments)

    def made(document: Document) -> Iterator[Resource]:
        path = document.path
        root = document.root if document.unreadable is None else None
        if isinstance(root, Mapping):
            for environment in layers.of(path) or (unnamed(path),):
                yield _resource(path, root, environment, workspace)

    return resolution_of_files(workspace, units, made, lambda _: "yaml")


def _resource(path: str, body: Mapping, environment: Environment, workspace: Workspace) -> Resource:
    directory = path.rpartition("/")[0]
    model = path.rpartition("/")[2] == MODEL_FILE
    kind = "models" if model else "feature_specs"
    name = model_name(directory)
    general = generalised_directory(directory, workspace.environments)
    return Resource(
        platform="mlflow",
        kind=kind,
        name=name,
        environment=environment,
        unit=path,
        body=body,
        origin=body,
        reading="yaml-1.2",
        service=component_of(directory, workspace.environments),
        identity=f"mlflow:{kind}.{general or name}",
        references=() if model else tuple(features(body)),
        provides=(f"model:{name.lower()}",) if model else (),
    )


def model_name(directory: str) -> str:
    """The last directory that somebody named: ``classifier`` of ``models/classifier/model``."""
    steps = [step for step in directory.split("/") if step not in _DEFAULT_DIRECTORIES]
    return steps[-1] if steps else "model"


def features(body: Mapping) -> Iterator[Reference]:
    """The tables, and the columns of them, that a feature specification looks up."""
    for output, settings in _input_columns(body):
        table = text(settings.get("table_name"))
        target = reference(table) if table else None
        if target is None:
            continue
        node = settings.get("table_name")
        assert node is not None
        yield Reference(target, node, "hard", "looks up features in")
        name = settings.get("feature_name")
        column = name if isinstance(name, Scalar) else output
        yield Reference(column_reference(target, column.raw), column, "hard", "feature")
        yield from _keys(target, settings.get("lookup_key"))


def _keys(table: str, node: Node | None) -> Iterator[Reference]:
    for one in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(one, Scalar) and one.raw:
            yield Reference(column_reference(table, one.raw), one, "hard", "lookup_key")


def _input_columns(body: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    listed = body.get("input_columns")
    for item in listed.items if isinstance(listed, Sequence) else ():
        for key, settings in item.entries if isinstance(item, Mapping) else ():
            if isinstance(settings, Mapping):
                yield key, settings
