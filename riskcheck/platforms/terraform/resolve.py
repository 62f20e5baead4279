"""The resources of one root configuration in one environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.kinds import SECTIONS
from riskcheck.models import Environment, Limitation, Reference, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.families import component_of
from riskcheck.platforms.problems import readable
from riskcheck.platforms.terraform.blocks import evaluated
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.platforms.terraform.effort import Effort
from riskcheck.platforms.terraform.modules import Blocks, Instance, Module
from riskcheck.platforms.terraform.moves import Moves
from riskcheck.platforms.terraform.shapes import bundled, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.terraform.discovery import Layout

_META: Final = frozenset({"count", "for_each", "provider", "depends_on"})
_DATABRICKS: Final = "databricks_"
_PERMISSIONS: Final = "databricks_permissions"
_LEVELS: Final = {"resource": 2, "data": 2, "locals": 0}
"""Block type to the labels below it and its own attributes; one for those with a name and attributes."""

_REFERENCE: Final = re.compile(r"(?<![\w.])([a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)")


class Root:
    """One root configuration on one side of the comparison."""

    def __init__(self, workspace: Workspace, layout: Layout, directory: str) -> None:
        self._workspace = workspace
        self._layout = layout
        self._directory = directory
        self._blocks: dict[str, Blocks | None] = {}
        self._effort = Effort()
        self.read: set[str] = set()
        self.limitations: dict[Limitation, None] = {}

    def resources(self) -> Iterator[Resource]:
        for environment, variables in self._environments():
            blocks = self._load(self._directory)
            if blocks is not None:
                module = Module(blocks, "", self._values(variables), self._load, self._effort)
                moves = Moves()
                found = list(self._of_module(module, environment, moves))
                yield from map(moves.identified, found)
                yield from moves.forgotten(environment, self._directory or ".")
        if self._effort.exceeded:
            self._tell_bound()

    def _tell_bound(self) -> None:
        """That a bound was met. An expression that is compared as it is written only limits; resources that nobody
        looked at are a failure."""
        full = self._effort.full
        left = "the rest is not analysed" if full else "such expressions are compared as they are written"
        message = f"{self._effort.exceeded}: {left}"
        path = self._layout.directories[self._directory][0]
        self.limitations.setdefault(
            Limitation(path, "too-large", message, None, self._workspace.side, failed=full)
        )

    def _environments(self) -> Iterator[tuple[Environment, str | None]]:
        """By the path of the root, else one for each variable file that is named after one, else unknown."""
        model = self._workspace.environments
        path = f"{self._directory}/main.tf" if self._directory else "main.tf"
        found = model.of_path(path)
        if found is not None:
            yield found, None
            return
        variants = list(self._layout.variants(self._directory))
        for name, variables in variants:
            yield model.named(name, source=f"{variables}:1"), variables
        if not variants:
            name = self._directory or "default"
            yield Environment(name, "unknown", source=f"nothing assigns {name} to an environment"), None

    def _values(self, variables: str | None) -> dict[str, Node]:
        """Values of variable files, the later ones over the earlier."""
        values: dict[str, Node] = {}
        for path in (*self._layout.automatic(self._directory), *([variables] if variables else ())):
            self.read.add(path)
            root = readable(self._workspace, path, self.limitations).root
            if isinstance(root, Mapping):
                values.update((key.raw, value) for key, value in root.entries)
        return values

    def _load(self, directory: str) -> Blocks | None:
        """The blocks of one directory; remembered, since several environments and calls read the same."""
        if directory not in self._blocks:
            self._blocks[directory] = self._read(directory)
        return self._blocks[directory]

    def _read(self, directory: str) -> Blocks | None:
        paths = self._layout.directories.get(directory)
        if not paths:
            return None
        named: dict[str, dict[str, tuple[Scalar, Node]]] = {}
        listed: dict[str, tuple[Node, ...]] = {}
        for path in paths:
            self.read.add(path)
            root = readable(self._workspace, path, self.limitations).root
            if path.endswith(".json"):
                from riskcheck.platforms.terraform.json_syntax import native

                root = native(root)
            if not isinstance(root, Mapping):
                continue
            for kind, held in root.entries:
                if isinstance(held, Mapping):
                    block = named.setdefault(kind.raw, {})
                    levels = _LEVELS.get(kind.raw, 1)
                    for key, value in held.entries:
                        block[key.raw] = (key, _joined(block.get(key.raw), value, levels))
                elif isinstance(held, Sequence):
                    listed[kind.raw] = (*listed.get(kind.raw, ()), *held.items)
        return Blocks(directory, named, listed)

    def _of_module(self, module: Module, environment: Environment, moves: Moves) -> Iterator[Resource]:
        moves.learn(module)
        for kind, (_, names) in module.blocks.named.get("resource", {}).items():
            if not isinstance(names, Mapping):
                continue
            for key, block in names.entries:
                if isinstance(block, Mapping):
                    yield from self._of_block(module, kind, key, block, environment)
        for key, block, _, called in module.calls():
            if self._effort.full:
                return
            if called is not None:
                yield from self._of_module(called, environment, moves)
            else:
                self._unknown_module(key, block)

    def _of_block(
        self, module: Module, kind: str, key: Scalar, block: Mapping, environment: Environment
    ) -> Iterator[Resource]:
        written = block.with_entries([entry for entry in block.entries if entry[0].raw not in _META])
        for instance in module.instances(block):
            if self._effort.full:
                return
            value = evaluated(written, instance.each, module.scope)
            body = value if self._effort.fits(value) else written
            if self._effort.resource(body):
                yield self._resource(module, kind, key, block, body, instance, environment)

    def _unknown_module(self, key: Scalar, block: Mapping) -> None:
        source = block.get("source")
        if not isinstance(source, Scalar):
            return
        local = source.raw.startswith(("./", "../"))
        held = local and joined(key.source.path.rpartition("/")[0], source.raw) in self._layout.directories
        why = "is not looked into" if held else "is not in the repository" if local else "is not fetched"
        message = f"module {key.raw} comes from {source.raw[:80]}, which {why}; what it makes is not known"
        kind = "missing-module" if local else "remote-module"
        limitation = Limitation(key.source.path, kind, message, key.file_line, key.source.side)
        self.limitations.setdefault(limitation)

    def _resource(
        self,
        module: Module,
        kind: str,
        key: Scalar,
        block: Mapping,
        body: Mapping,
        instance: Instance,
        environment: Environment,
    ) -> Resource:
        body = guarded(body)
        if kind in SECTIONS or kind == _PERMISSIONS:
            body = bundled(SECTIONS.get(kind, kind), body)
        elif kind.startswith(_DATABRICKS):
            from riskcheck.platforms.terraform.unity import shaped

            body = shaped(kind, body)
        name = f"{module.prefix}{key.raw}{instance.key}"
        return Resource(
            platform="terraform",
            kind=kind,
            name=name,
            environment=environment,
            unit=self._directory or ".",
            body=body,
            origin=key,
            reading="yaml-1.2",
            service=component_of(self._directory, self._workspace.environments),
            references=tuple(_references(body, module, block)),
        )


def _joined(before: tuple[Scalar, Node] | None, value: Node, levels: int) -> Node:
    """The same name in several files: names of one type together, and attributes of an override file over the
    others. levels: of keys below which values replace each other."""
    if before is None or levels == 0 or not isinstance(before[1], Mapping) or not isinstance(value, Mapping):
        return value
    entries = {key.raw: (key, child) for key, child in before[1].entries}
    for key, child in value.entries:
        entries[key.raw] = (key, _joined(entries.get(key.raw), child, levels - 1))
    return before[1].with_entries(list(entries.values()))


def _references(body: Mapping, module: Module, block: Mapping) -> Iterator[Reference]:
    """The resources of the same module that the block names, those too whose arguments are put in for their names,
    and those that its locals name."""
    seen: set[str] = set()
    declared = module.blocks.named.get("resource", {})
    for node in _written(body, module, block):
        for kind, name in _REFERENCE.findall(node.raw):
            target = f"terraform:{kind}.{module.prefix}{name}"
            if kind in declared and target not in seen:
                seen.add(target)
                yield Reference(target, node)


def _written(body: Mapping, module: Module, block: Mapping) -> Iterator[Scalar]:
    """The expressions that `body` was made of, as far as they stand in the module itself."""
    directory = module.blocks.directory
    met: set[int] = set()
    for whole in (body, block):
        waiting: list[Node] = [whole]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Mapping):
                waiting += [child for _, child in reversed(node.entries)]
            elif isinstance(node, Sequence):
                waiting += reversed(node.items)
            elif isinstance(node, Scalar) and node.tag == EXPRESSION and id(node) not in met:
                met.add(id(node))
                yield node
            for each in node.via if whole is body else ():
                if isinstance(each, Scalar) and each.tag == EXPRESSION and id(each) not in met:
                    met.add(id(each))
                    if each.source.path.rpartition("/")[0] == directory:
                        yield each
