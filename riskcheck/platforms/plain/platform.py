"""Any other configuration file whose path tells an environment: one resource per file and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.environments import everywhere
from riskcheck.models import Action, Change, Environment, Resolution, Resource
from riskcheck.nodes import Mapping, Node, Sequence, Source, made
from riskcheck.platforms.declaring import action_of, resolution_of_files
from riskcheck.platforms.plain.files import holds_spark_defaults, is_configuration, may_be_address_list
from riskcheck.platforms.plain.layers import Layers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import Workspace


class Plain:
    """What no other platform claims. The unit of a file is its path."""

    name = "plain"
    order = 1000

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        layers = Layers(workspace.tree, workspace.environments)
        found = [
            path
            for path in paths
            if (
                path in workspace.included
                or (is_configuration(path) and (layers.of(path) or _is_global(workspace, path)))
                or (may_be_address_list(path) and _lists_addresses(workspace.documents.get(path)))
            )
        ]
        if not found:
            return frozenset()
        from riskcheck.generated import is_marked

        return frozenset(path for path in found if not is_marked(workspace.documents.get(path).text))

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        layers = Layers(workspace.tree, workspace.environments)

        from riskcheck.platforms.families import unnamed

        def made(document: Document) -> Iterator[Resource]:
            path = document.path
            environments = layers.of(path) or _everywhere(document, workspace) or (unnamed(path),)
            return _resources(document, environments, workspace)

        return resolution_of_files(workspace, units, made)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        """Nothing is known of the format: what names things in general decides."""
        return ()

    def action(self, changes: Collection[Change]) -> Action:
        return action_of(changes, gone="delete")


def _resources(
    document: Document, environments: tuple[Environment, ...], workspace: Workspace
) -> Iterator[Resource]:
    body = _body(document)
    if body is None:
        return
    from riskcheck.platforms.families import component_of, generalised_path

    path = document.path
    name = generalised_path(path, workspace.environments)
    kind = "spark-defaults" if holds_spark_defaults(path) else "file"
    service = component_of(path.rpartition("/")[0], workspace.environments)
    for environment in environments:
        yield Resource(
            platform="plain",
            kind=kind,
            name=name,
            environment=environment,
            unit=path,
            body=body,
            origin=body,
            reading="yaml-1.2",
            service=service,
            identity=f"plain:{kind}.{name}",
        )


def _body(document: Document) -> Mapping | None:
    """The whole file as one mapping: a list stands under ``items``, several documents under ``documents``."""
    if document.unreadable is not None:
        return None
    if document.format is None:
        return _lines(document) if may_be_address_list(document.path) else None
    roots = [root for chunk in document.chunks if (root := chunk.root) is not None]
    if not roots:
        return None if document.error is not None else _wrapped("documents", [], document)
    if len(roots) > 1:
        return _wrapped("documents", roots, document)
    root = roots[0]
    from riskcheck.platforms.encrypted import without_ciphertext

    return without_ciphertext(root) if isinstance(root, Mapping) else _wrapped("items", [root], document)


def _wrapped(key: str, nodes: list[Node], document: Document) -> Mapping:
    source = nodes[0].source if nodes else Source(document.path, document.side)
    if len(nodes) == 1 and isinstance(nodes[0], Sequence):
        content: Node = nodes[0]
    else:
        from riskcheck.platforms.encrypted import without_ciphertext

        hidden = [without_ciphertext(node) if isinstance(node, Mapping) else node for node in nodes]
        content = Sequence(hidden, source, 0, 0, 0, 0)
    mapping = Mapping([(made(key, content), content)] if nodes else [], source, 0, 0, 0, 0)
    mapping.synthetic = True
    return mapping


def _is_global(workspace: Workspace, path: str) -> bool:
    """Whether it has an effect though its path names no environment: defaults of Spark, flags, an allow-list."""
    if holds_spark_defaults(path):
        return True
    document = workspace.documents.get(path)
    return _holds_flags(document) or (
        "list" in path.rpartition("/")[2].lower() and _lists_addresses(document)
    )


def _lists_addresses(document: Document) -> bool:
    from riskcheck.platforms.plain.address_lists import is_address_list

    return is_address_list(document)


def _lines(document: Document) -> Mapping | None:
    from riskcheck.platforms.plain.address_lists import lines_of

    return lines_of(document)


def _holds_flags(document: Document) -> bool:
    """Whether it reaches every environment though its path names none: a flag file, told by its content."""
    text = document.text
    flags = "flags" in text and ("variants" in text or "variations" in text)
    if not flags and not ("features" in text and "state" in text):
        return False
    from riskcheck.progressive.flags import is_flag_file

    return is_flag_file(document.root)


def _everywhere(document: Document, workspace: Workspace) -> tuple[Environment, ...]:
    """Where a flag file without an environment in its path is read: in all that the policy declares, else in one
    that stands for all of them, production included."""
    if not _holds_flags(document):
        return ()
    model = workspace.environments
    undeclared = everywhere(document.path)
    declared = tuple(model.named(one.name, source=undeclared.source) for one in model.declared)
    return declared or (undeclared,)
