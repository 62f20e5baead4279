"""What a configuration says beside its resources, as resources: versions, state, accounts and checks.

========================= =========================================================================
``settings.terraform``    ``required_version`` and ``required_providers`` of a root
``backend.s3``            the ``backend`` or ``cloud`` block of a root
``provider.aws.eu``       a provider configuration of a root, by its alias
``module.net``            source and version of a call of a module that is not in the repository
``check.health``          a ``check`` block
``variable.region``       the ``validation`` blocks of a variable, where its file is touched
``provider_lock.<source>``  a provider in the ``.terraform.lock.hcl`` of a root
========================= =========================================================================

https://developer.hashicorp.com/terraform/language/block/terraform , …/language/files/dependency-lock
"""

from __future__ import annotations

from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.models import Environment, Limitation, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.families import component_of
from riskcheck.platforms.problems import readable
from riskcheck.platforms.terraform.discovery import LOCK, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.terraform.modules import Module

KINDS: Final = frozenset({"settings", "backend", "provider", "module", "check", "variable", "provider_lock"})
"""Kinds of what is no resource of Terraform."""

_LABELS: Final = "__labels__"
_OF_CALL: Final = ("source", "version")
_OF_VARIABLE: Final = ("validation",)

_Found = tuple[str, str, Mapping, Node]
"""Kind, name, values and where it is declared."""


class Settings:
    """The settings of one root. directory: of the root. read: takes the paths that were read."""

    def __init__(
        self,
        workspace: Workspace,
        directory: str,
        read: set[str],
        limitations: dict[Limitation, None],
    ) -> None:
        self._workspace = workspace
        self._directory = directory
        self._read = read
        self._limitations = limitations

    def of(self, module: Module, environment: Environment) -> Iterator[Resource]:
        """Those of one module instance; only the root itself has a backend, providers and a lock file."""
        for kind, name, body, origin in self._found(module):
            yield Resource(
                platform="terraform",
                kind=kind,
                name=f"{module.prefix}{name}",
                environment=environment,
                unit=self._directory or ".",
                body=body,
                origin=origin,
                reading="yaml-1.2",
                service=component_of(self._directory, self._workspace.environments),
            )

    def _found(self, module: Module) -> Iterator[_Found]:
        if not module.prefix:
            yield from _of_terraform(module)
            yield from _providers(module)
            yield from self._locked()
        for key, block in _named(module, "module"):
            source = block.get("source")
            if isinstance(source, Scalar) and not source.raw.startswith(("./", "../", "/")):
                yield "module", key.raw, _only(block, _OF_CALL), key
        for key, block in _named(module, "check"):
            yield "check", key.raw, _evaluated(block, module), key
        for key, block in _named(module, "variable"):
            if self._is_edited(key, block):
                yield "variable", key.raw, _only(block, _OF_VARIABLE), key

    def _is_edited(self, variable: Scalar, block: Mapping) -> bool:
        """Whether the file of a variable with validations was touched; it may have them on the other side only.
        There may be thousands that nobody touched."""
        path, other = variable.source.path, self._workspace.other
        if path not in self._workspace.touched or other is None:
            return False
        there = _declared(other, path, variable.raw) or self._moved(other, path, variable.raw)
        return there is not None and any(one.get("validation") is not None for one in (block, there))

    def _moved(self, other: DocumentStore, path: str, name: str) -> Mapping | None:
        """The variable in another file of its module on the other side: one that differs here, or is gone."""
        tree, touched = self._workspace.tree, self._workspace.touched
        beside = self._others.directories.get(dirname(path), ())
        found = (_declared(other, one, name) for one in beside if one in touched or tree.entry(one) is None)
        return next((one for one in found if one is not None), None)

    @cached_property
    def _others(self) -> Layout:
        assert self._workspace.other is not None
        return Layout(self._workspace.other.tree)

    def _locked(self) -> Iterator[_Found]:
        path = f"{self._directory}/{LOCK}" if self._directory else LOCK
        if path not in self._workspace.tree.entries():
            return
        self._read.add(path)
        root = readable(self._workspace, path, self._limitations, "hcl").root
        held = root.get("provider") if isinstance(root, Mapping) else None
        for block in held.items if isinstance(held, Sequence) else ():
            labels = block.get(_LABELS) if isinstance(block, Mapping) else None
            label = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
            if isinstance(block, Mapping) and isinstance(label, Scalar):
                yield "provider_lock", label.raw, _without(block, _LABELS), label


def _declared(documents: DocumentStore, path: str, variable: str) -> Mapping | None:
    root = documents.get(path).root
    found = root.at("variable", variable) if isinstance(root, Mapping) else None
    return None if found is None else _first(found)


def _of_terraform(module: Module) -> Iterator[_Found]:
    """What the ``terraform`` blocks of all files say together."""
    versions: dict[str, tuple[Scalar, Node]] = {}
    origin: Node | None = None
    for block in _blocks(module, "terraform"):
        origin = origin or block
        for key, node in block.entries:
            if key.raw == "required_providers":
                earlier = versions.get(key.raw)
                value = _providers_required(node, earlier[1] if earlier is not None else None)
                if value is not None:
                    versions[key.raw] = (key, value)
            elif key.raw == "required_version":
                versions[key.raw] = (key, node)
            elif key.raw == "backend":
                yield from _backends(key, node)
            elif key.raw == "cloud":
                body = _first(node)
                if body is not None:
                    yield "backend", "cloud", _once(body), key
    if origin is not None and versions:
        place = (origin.source, origin.line, origin.column, origin.end_line, origin.end_column)
        yield "settings", "terraform", Mapping(list(versions.values()), *place), origin


def _providers_required(node: Node, earlier: Node | None) -> Mapping | None:
    """Each provider with ``source`` and ``version``, which a text alone is; those of several blocks together."""
    blocks = node.items if isinstance(node, Sequence) else [node]
    entries = list(earlier.entries) if isinstance(earlier, Mapping) else []
    near: Mapping | None = None
    for block in blocks:
        if not isinstance(block, Mapping):
            continue
        near = near or block
        for key, value in block.entries:
            if isinstance(value, Scalar):
                place = (value.source, value.line, value.column, value.end_line, value.end_column)
                name = Scalar("version", key.source, key.line, key.column, key.end_line, key.end_column)
                entries.append((key, Mapping([(name, value)], *place)))
            else:
                entries.append((key, value))
    return None if near is None else near.with_entries(entries)


def _backends(key: Scalar, node: Node) -> Iterator[_Found]:
    """``backend "s3" {…}`` of the language, ``{"backend": {"s3": {…}}}`` of its JSON syntax."""
    if isinstance(node, Mapping):
        for name, held in node.entries:
            body = _first(held)
            if body is not None:
                yield "backend", name.raw, _once(body), name
        return
    for block in node.items if isinstance(node, Sequence) else ():
        labels = block.get(_LABELS) if isinstance(block, Mapping) else None
        label = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
        if isinstance(block, Mapping) and isinstance(label, Scalar):
            yield "backend", label.raw, _once(_without(block, _LABELS)), key


def _providers(module: Module) -> Iterator[_Found]:
    for block in _blocks(module, "provider"):
        labels = block.get(_LABELS)
        label = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
        if isinstance(label, Scalar):
            yield _provider(label.raw, _without(block, _LABELS), label, module)
    for key, held in module.blocks.named.get("provider", {}).values():
        for body in held.items if isinstance(held, Sequence) else (held,):
            if isinstance(body, Mapping):
                yield _provider(key.raw, body, key, module)


def _provider(name: str, body: Mapping, origin: Node, module: Module) -> _Found:
    alias = body.get("alias")
    suffix = f".{alias.raw}" if isinstance(alias, Scalar) else ""
    return "provider", f"{name}{suffix}", _once(_evaluated(body, module)), origin


def _evaluated(body: Mapping, module: Module) -> Mapping:
    value = module.scope().value(body)
    return value if isinstance(value, Mapping) else body


def _blocks(module: Module, kind: str) -> Iterator[Mapping]:
    yield from (one for one in module.blocks.listed.get(kind, ()) if isinstance(one, Mapping))
    if kind == "terraform":
        yield from _of_json(module)


def _of_json(module: Module) -> Iterator[Mapping]:
    """The ``terraform`` object of the JSON syntax, which has no list around it."""
    entries = list(module.blocks.named.get("terraform", {}).values())
    if entries:
        near = entries[0][0]
        yield Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)


def _named(module: Module, kind: str) -> Iterator[tuple[Scalar, Mapping]]:
    for key, block in module.blocks.named.get(kind, {}).values():
        body = _first(block)
        if body is not None:
            yield key, body


def _first(node: Node) -> Mapping | None:
    """A block, which the JSON syntax may write as a list of one."""
    if isinstance(node, Sequence):
        node = node.items[0] if node.items else node
    return node if isinstance(node, Mapping) else None


def _once(body: Mapping) -> Mapping:
    """`body` with each block that stands alone as the mapping itself, so that its attributes are compared."""
    entries: list[tuple[Scalar, Node]] = []
    for key, node in body.entries:
        only = node.items[0] if isinstance(node, Sequence) and len(node.items) == 1 else node
        entries.append((key, _once(only) if isinstance(only, Mapping) else node))
    return body.with_entries(entries)


def _only(body: Mapping, fields: tuple[str, ...]) -> Mapping:
    return body.with_entries([entry for entry in body.entries if entry[0].raw in fields])


def _without(body: Mapping, field: str) -> Mapping:
    return body.with_entries([entry for entry in body.entries if entry[0].raw != field])
