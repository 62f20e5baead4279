"""The resources of one root configuration in one environment."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation, Reference, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source
from riskcheck.platforms.families import component_of
from riskcheck.platforms.problems import readable
from riskcheck.platforms.terraform.blocks import evaluated
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.platforms.terraform.effort import Effort
from riskcheck.platforms.terraform.environments import WORKSPACE, Cell, cells_of
from riskcheck.platforms.terraform.joins import handed_out, needs_of, states_read
from riskcheck.platforms.terraform.modules import Blocks, Instance, Module
from riskcheck.platforms.terraform.moves import Moves
from riskcheck.platforms.terraform.pending import PendingResource, Work
from riskcheck.platforms.terraform.referring import references_in, references_of
from riskcheck.platforms.terraform.settings import Settings
from riskcheck.platforms.terraform.shapes import in_shape
from riskcheck.platforms.terraform.states import OUTPUT, REMOTE_STATE, unit_name
from riskcheck.platforms.terraform.touching import Touched
from riskcheck.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Environment
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.terraform.discovery import Layout
    from riskcheck.platforms.terraform.terragrunt.applied import Applied

EMPTIED: Final = "emptied_root"
"""Kind of what stands in head for a root that declares nothing any more."""

_META: Final = frozenset({"count", "for_each", "provider", "depends_on"})
_LEVELS: Final = {"resource": 2, "data": 2, "locals": 0}
"""Block type to the labels below it and its own attributes; one for those with a name and attributes."""

UNIT: Final = "terragrunt_unit"
"""Kind of what says which module Terragrunt applies in a directory."""


class Root:
    """One root configuration on one side of the comparison."""

    def __init__(
        self, workspace: Workspace, layout: Layout, directory: str, base: Layout | None = None
    ) -> None:
        """base: the layout of base, where this is head."""
        self._base = base
        self._workspace = workspace
        self._layout = layout
        self._directory = directory
        self._blocks: dict[str, Blocks | None] = {}
        self._effort = Effort()
        self.read: set[str] = set()
        self.limitations: dict[Limitation, None] = {}
        self.empty: set[tuple[str, str, str]] = set()
        """As `Resolution.empty`, once all resources are made."""
        self._settings = Settings(workspace, directory, self.read, self.limitations)

    def resources(self) -> Iterator[Resource]:
        base = self._base
        if base is not None and not self._layout.has(self._directory) and base.is_root(self._directory):
            yield from self._left_behind(base)
            return
        blocks = self._configured
        for environment, variables, workspace in self._cells(blocks):
            if self._applied is not None:
                yield from self._unit(self._applied, environment)
            if blocks is not None:
                values = self._values(variables)
                module = Module(
                    blocks, "", values, self._load, self._effort, workspace=workspace, touched=self._touched
                )
                moves = Moves()
                found = list(self._of_module(module, environment, moves))
                yield from map(moves.identified, found)
                yield from self._joined(module, environment)
                yield from moves.forgotten(environment, self._directory or ".")
                if not found and base is not None and base.is_root(self._directory) and not self.limitations:
                    yield self._emptied(environment)
        if self._effort.exceeded:
            self._tell_bound()

    def _tell_bound(self) -> None:
        """That a bound was met. An expression that is compared as it is written only limits; resources that nobody
        looked at are a failure."""
        full = self._effort.full
        left = "the rest is not analysed" if full else "such expressions are compared as they are written"
        message = f"{self._effort.exceeded}: {left}"
        path = next(iter(sorted(self.read)), self._directory)
        self.limitations.setdefault(
            Limitation(path, "too-large", message, None, self._workspace.side, failed=full)
        )

    def _values(self, variables: str | None) -> dict[str, Node]:
        """Values of variable files, the later ones over the earlier."""
        values: dict[str, Node] = {}
        automatic = self._layout.variables.automatic(self._directory)
        named: tuple[str, ...] = (variables,) if variables else ()
        if self._applied is not None:
            values.update(self._applied.inputs)
            named = self._applied.variable_files
            if self._applied.module not in (None, self._directory):
                automatic = [*self._layout.variables.automatic(self._applied.module), *automatic]
        for path in (*automatic, *named):
            self.read.add(path)
            root = readable(self._workspace, path, self.limitations).root
            if isinstance(root, Mapping):
                values.update((key.raw, value) for key, value in root.entries)
        return values

    @cached_property
    def _applied(self) -> Applied | None:
        """What Terragrunt applies there; None where it does not."""
        units = self._layout.units
        if units is None or units.of(self._directory) is None:
            return None
        from riskcheck.platforms.terraform.terragrunt.applied import applied

        found = applied(self._workspace, units, self._directory, self._layout.directories)
        self.read |= found.read
        self.limitations.update(dict.fromkeys(found.limitations))
        return found

    @cached_property
    def _configured(self) -> Blocks | None:
        """The blocks of the root: those of its directory, or what Terragrunt puts together."""
        unit = self._applied
        if unit is None:
            return self._load(self._directory)
        if unit.skipped:
            return None
        directories = dict.fromkeys(one for one in (unit.module, self._directory) if one is not None)
        paths = [path for one in directories for path in self._layout.directories.get(one, ())]
        paths += [path for path in unit.generated if path not in paths]
        blocks = self._read(unit.module if unit.module is not None else self._directory, paths)
        if unit.state is None:
            return blocks
        if blocks is None:
            blocks = Blocks(self._directory, {}, {})
        listed = {**blocks.listed, "terraform": (*blocks.listed.get("terraform", ()), unit.state)}
        return blocks._replace(listed=listed)

    def _unit(self, unit: Applied, environment: Environment) -> Iterator[Resource]:
        """The unit of Terragrunt itself: it says which module is applied, at which version."""
        if unit.key is not None:
            name = self._directory.rpartition("/")[2] or "."
            made = self._made(UNIT, name, unit.body, unit.key, environment)
            yield replace(made, references=needs_of(unit), provides=(unit_name(self._directory),))

    def _left_behind(self, base: Layout) -> Iterator[Resource]:
        """What stands for a root whose directory is gone."""
        from riskcheck.platforms.terraform.departed import ORPHANED, departed

        space = self._workspace
        if space.other is None:
            return
        before = Root(
            space._replace(tree=base.tree, documents=space.other, other=None), base, self._directory
        )
        blocks = before._configured
        if blocks is None:
            return

        def configured(directory: str) -> Blocks | None:
            return Root(space, self._layout, directory)._configured

        key = None if before._applied is None else before._applied.key
        found = departed(self._directory, blocks, base, self._layout, configured, key)
        if found is not None:
            for cell in before._cells(blocks):
                module = Module(blocks, "", before._values(cell.variables), before._load, before._effort)
                names = [name for _, _, names, _ in before._outputs(module) for name in names]
                unit = self._directory or "."
                made = self._made(ORPHANED, unit, found.body, found.origin, cell.environment)
                # The state stays, and so does what others read from it.
                yield replace(made, provides=(*names, unit_name(self._directory)))

    def _emptied(self, environment: Environment) -> Resource:
        """What stands for a root that is still applied and declares nothing: what it made is destroyed."""
        path = next(iter(self._layout.directories.get(self._directory, ())), self._directory)
        place = Source(path, "head")
        body = Mapping([], place, 1, 1, 1, 1)
        return self._made(EMPTIED, self._directory or ".", body, Scalar("", place, 1, 1, 1, 1), environment)

    def environments(self) -> Iterator[Environment]:
        """The environments that it is applied to."""
        yield from (cell.environment for cell in self._cells(self._configured))

    def directories(self) -> Iterator[str]:
        """Where its own blocks are written: its directory, and the module that Terragrunt applies there."""
        yield self._directory
        if self._applied is not None and self._applied.module not in (None, self._directory):
            yield self._applied.module

    def _cells(self, blocks: Blocks | None) -> Iterator[Cell]:
        is_unit = self._applied is not None
        model = self._workspace.environments
        yield from cells_of(model, self._layout, self._directory, is_unit, blocks)

    def _joined(self, module: Module, environment: Environment) -> Iterator[Resource]:
        """What the root hands to others."""
        for key, block, names, origins in self._outputs(module):
            made = self._made(OUTPUT, key.raw, block.with_entries([]), key, environment)
            yield replace(made, references=origins, provides=names)

    def _outputs(
        self, module: Module
    ) -> Iterator[tuple[Scalar, Mapping, tuple[str, ...], tuple[Reference, ...]]]:
        yield from handed_out(module, self._directory, self._applied)

    def _made(self, kind: str, name: str, body: Mapping, origin: Node, environment: Environment) -> Resource:
        return Resource(
            platform="terraform",
            kind=kind,
            name=name,
            environment=environment,
            unit=self._directory or ".",
            body=body,
            origin=origin,
            reading="yaml-1.2",
            service=self._service,
        )

    @cached_property
    def _service(self) -> str | None:
        """That of the path; a unit of Terragrunt whose path only sorts is called by its own directory."""
        found = component_of(self._directory, self._workspace.environments)
        if found is None and self._applied is not None:
            return self._directory.rpartition("/")[2] or None
        return found

    def _load(self, directory: str) -> Blocks | None:
        """The blocks of one directory; remembered, since several environments and calls read the same."""
        if directory not in self._blocks:
            self._blocks[directory] = self._read(directory, self._layout.directories.get(directory, ()))
        return self._blocks[directory]

    def _read(self, directory: str, paths: SequenceOf[str]) -> Blocks | None:
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
        texts = (self._workspace.documents.get(path).text for path in paths)
        return Blocks(directory, named, listed, any(WORKSPACE in text for text in texts))

    def _of_module(self, module: Module, environment: Environment, moves: Moves) -> Iterator[Resource]:
        moves.learn(module)
        for one in self._settings.of(module, environment):
            yield replace(one, service=self._service)
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
        unit = self._directory or "."
        self.empty.update((unit, environment.name, address) for address in module.empty)
        for key, body, references in states_read(module, self._directory):
            made = self._made(REMOTE_STATE, f"{module.prefix}{key.raw}", body, key, environment)
            yield replace(made, references=references)

    def _of_block(
        self, module: Module, kind: str, key: Scalar, block: Mapping, environment: Environment
    ) -> Iterator[Resource]:
        written = block.with_entries([entry for entry in block.entries if entry[0].raw not in _META])
        is_touched = module.touches(block)
        instances = list(module.instances(block))
        if not instances:
            address = f"{kind}.{module.prefix}{key.raw}"
            self.empty.add((self._directory or ".", environment.name, address))
        for instance in instances:
            if self._effort.full:
                return
            if not is_touched:
                if self._effort.put_off():
                    yield self._pending(module, kind, key, block, written, instance, environment)
                continue
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
        if local:
            why = "is not looked into" if held else "is not in the repository"
            message = (
                f"module {key.raw} comes from {source.raw[:80]}, which {why}; what it makes is not known"
            )
        else:
            # The same for all of one package: they share a line of the report.
            message = f"modules of {package_of(source.raw)} are not fetched; what they make is not known"
        kind = "missing-module" if local else "remote-module"
        limitation = Limitation(key.source.path, kind, message, key.file_line, self._workspace.side)
        self.limitations.setdefault(limitation)

    def _pending(
        self,
        module: Module,
        kind: str,
        key: Scalar,
        block: Mapping,
        written: Mapping,
        instance: Instance,
        environment: Environment,
    ) -> Resource:
        def body() -> Mapping:
            value = evaluated(written, instance.each, module.scope)
            return in_shape(
                kind, value if self._effort.fits(value) and self._effort.spend(value) else written
            )

        work = Work(module.blocks.directory, body, lambda: tuple(references_in(module, block)))
        name, unit = f"{module.prefix}{key.raw}{instance.key}", self._directory or "."
        undecided = module.undecided or instance.undecided
        return PendingResource.of(work, written, kind, name, environment, unit, key, self._service, undecided)

    @cached_property
    def _touched(self) -> Touched:
        """What of the root the change has a part in. What Terragrunt makes of an edited file is not followed."""
        paths = self._workspace.touched
        unit = self._applied
        everything = unit is not None and not paths.isdisjoint(unit.read)
        return Touched(paths, self._load, self._both_roots, everything=everything)

    def _both_roots(self, path: str) -> tuple[Node | None, Node | None]:
        """What a file states on this side and on the other."""
        space = self._workspace
        here = space.documents.get(path).root
        return here, None if space.other is None else space.other.get(path).root

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
        body = in_shape(kind, body)
        name = f"{module.prefix}{key.raw}{instance.key}"
        made = self._made(kind, name, body, key, environment)
        references = tuple(references_of(body, module, block))
        return replace(made, references=references, undecided=module.undecided or instance.undecided)


def package_of(source: str) -> str:
    """The package that the source of a module is in, without its directory, version and credentials:
    ``Azure/naming/azurerm``, ``github.com/acme/modules``."""
    scheme, found, rest = source.partition("://")
    host, slash, path = (rest if found else scheme).partition("?")[0].partition("//")[0].partition("/")
    host = host.rpartition("@")[2] if found else host
    return f"{scheme + found if found else ''}{host}{slash}{path}"[:80]


def _joined(before: tuple[Scalar, Node] | None, value: Node, levels: int) -> Node:
    """The same name in several files: names of one type together, and attributes of an override file over the
    others. levels: of keys below which values replace each other."""
    if before is None or levels == 0 or not isinstance(before[1], Mapping) or not isinstance(value, Mapping):
        return value
    entries = {key.raw: (key, child) for key, child in before[1].entries}
    for key, child in value.entries:
        entries[key.raw] = (key, _joined(entries.get(key.raw), child, levels - 1))
    return before[1].with_entries(list(entries.values()))
