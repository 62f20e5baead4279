"""What Terragrunt applies in one directory: which module, with which variables, after which other units."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform.evaluate import text_of
from riskcheck.platforms.terraform.terragrunt.configuration import (
    File,
    Reader,
    is_on,
    items_of,
    label_of,
    merged,
)
from riskcheck.platforms.terraform.terragrunt.functions import ROOT, in_repository
from riskcheck.platforms.terraform.terragrunt.units import CONFIGURATION, below, joined
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.nodes import Source
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.terraform.terragrunt.units import Units

_MOST_SHOWN: Final = 120
_MAKES: Final = regex(r'^[^\S\n]*+(?:resource|module)\s++"', re.MULTILINE)
_RELATIVE: Final = regex(r'"(\.{1,2}/[^"$\n]{0,300})"')


class Applied(NamedTuple):
    """One unit.

    module: directory of the module, None where the repository does not hold it. source: what says so. key: where
    the unit is declared. inputs: variables by name. variable_files: given on the command line, in order. generated:
    files of the repository that are put beside the module. dependencies: name to the directory of the unit that
    outputs come from, with the node that says so. after: units that are applied before. skipped: it is
    not applied. state: where the state is
    kept, as blocks of Terraform.
    """

    module: str | None
    source: Node | None
    key: Node | None
    inputs: dict[str, Node]
    variable_files: tuple[str, ...]
    generated: tuple[str, ...]
    dependencies: dict[str, tuple[str, Node]]
    after: tuple[tuple[str, Node], ...]
    skipped: bool
    state: Mapping | None
    limitations: tuple[Limitation, ...]
    read: frozenset[str]

    @property
    def body(self) -> Mapping:
        """What the unit itself says: its source."""
        key = self.key
        assert key is not None
        entries = [] if self.source is None else [(_key("source", self.source), self.source)]
        return Mapping(entries, *_place(key))


def applied(workspace: Workspace, units: Units, directory: str, modules: Collection[str]) -> Applied:
    """What the unit in `directory` comes to. modules: directories with configuration."""
    reader = Reader(workspace, directory, lambda name: units.variable(directory, name))
    own = File(reader, below(directory, CONFIGURATION), directory)
    layers = [*_included(own), own]
    unit = _Unit(reader, layers, directory, modules)
    source, module = unit.source()
    inputs = _inputs(own)
    if reader.effort.exceeded:
        what = f"{reader.effort.exceeded}: such expressions are compared as they are written"
        reader.limitations.setdefault(Limitation(own.path, "too-large", what, None, workspace.side))
    given = {key.raw: value for key, value in inputs.entries} if isinstance(inputs, Mapping) else {}
    return Applied(
        module,
        source,
        own.blocks("terraform")[0] if own.blocks("terraform") else reader.root(own.path),
        given,
        tuple(unit.variable_files()),
        tuple(unit.generated()),
        unit.dependencies(),
        tuple(unit.after()),
        any(file.is_skipped for file in layers),
        unit.state(),
        tuple(reader.limitations),
        frozenset(reader.read),
    )


def _inputs(file: File) -> Node | None:
    """What it and the files that it includes set, the later include over the earlier."""
    found = file.inputs()
    for _, strategy, included in reversed(file.includes()):
        if strategy != "no_merge":
            found = merged(_inputs(included), found, strategy.startswith("deep"))
    return found


def _included(own: File) -> Iterator[File]:
    """The files that are included, those that others win over first."""
    for _, strategy, file in own.includes():
        if strategy != "no_merge":
            yield from _included(file)
            yield file


class _Unit:
    def __init__(self, reader: Reader, layers: list[File], directory: str, modules: Collection[str]) -> None:
        self._reader = reader
        self._layers = layers
        self._directory = directory
        self._modules = modules

    def source(self) -> tuple[Node | None, str | None]:
        """The source of the module, and its directory where the repository holds it: that of the unit itself where
        no source is stated."""
        for file in reversed(self._layers):
            for block in file.blocks("terraform"):
                written = block.get("source")
                if written is not None:
                    found = file.evaluated(written) or written
                    return _shown(found), self._module(file, written, found)
        return None, self._directory if self._directory in self._modules else None

    def _module(self, file: File, written: Node, found: Node) -> str | None:
        text = _told(found)
        here = self._local(file, text) if text is not None else None
        if here is not None:
            return here
        raw = written.raw if isinstance(written, Scalar) else ""
        others = dict.fromkeys(self._local(file, source) for source in _RELATIVE.findall(raw))
        known = [one for one in others if one is not None]
        if text is None:
            if len(known) == 1:
                return known[0]
            self._limit(written, f"the module comes from {raw[:_MOST_SHOWN]}, which is not known here")
            return None
        # The same module of this repository at another version: it is judged before it is released.
        same = [one for one in known if _subdirectory(text) == one]
        if same:
            what = f"{self._directory} takes {same[0]} from {text[:_MOST_SHOWN]}; it is judged as this tree has it"
            if self._reader.workspace.side == "head":
                self._limit(written, what, "terragrunt-version")
            return same[0]
        local = text.startswith(("./", "../", ROOT))
        why = "is not in the repository" if local else "is not fetched"
        self._limit(
            written, f"the module comes from {text[:_MOST_SHOWN]}, which {why}; what it makes is not known"
        )
        return None

    def _local(self, file: File, source: str) -> str | None:
        if not source.startswith((".", "/")):
            return None
        path = source.partition("?")[0]
        for base in dict.fromkeys((self._directory, dirname(file.path))):
            place = in_repository(base, path)
            if place in self._modules:
                return place
        return None

    def _limit(self, node: Node, message: str, kind: str = "remote-module") -> None:
        side = self._reader.workspace.side
        limitation = Limitation(node.source.path, kind, message, node.file_line, side)
        self._reader.limitations.setdefault(limitation)

    def variable_files(self) -> Iterator[str]:
        """Those that the command line names."""
        for file in self._layers:
            for block in file.blocks("terraform"):
                held = block.get("extra_arguments")
                for arguments in held.items if isinstance(held, Sequence) else ():
                    if isinstance(arguments, Mapping):
                        for name in ("optional_var_files", "required_var_files"):
                            for path in items_of(file.evaluated(arguments.get(name))):
                                there = in_repository(self._directory, path)
                                if file.exists(there):
                                    yield there

    def generated(self) -> Iterator[str]:
        """Files that ``generate`` copies next to the module."""
        for file in self._layers:
            for block in file.blocks("generate"):
                name = text_of(file.evaluated(block.get("path"))) or ""
                contents = block.get("contents")
                if contents is None or not name.endswith((".tf", ".tofu")) or is_on(block, "disable"):
                    continue
                path = file.path_of(file.evaluated(contents))
                if path is not None:
                    yield path
                elif isinstance(contents, Scalar) and _MAKES.search(contents.raw):
                    what = f"{name[:_MOST_SHOWN]} is generated from a text; what it makes is not known"
                    self._limit(contents, what, "generated-configuration")

    def dependencies(self) -> dict[str, tuple[str, Node]]:
        """The units whose outputs it reads, by the name of the block."""
        found: dict[str, tuple[str, Node]] = {}
        for file in self._layers:
            for block in file.blocks("dependency"):
                written = block.get("config_path")
                text = text_of(file.evaluated(written))
                if written is not None and text is not None:
                    found[label_of(block)] = (in_repository(self._directory, text), written)
        return found

    def after(self) -> Iterator[tuple[str, Node]]:
        """The units that are applied before it."""
        for file in self._layers:
            for block in file.blocks("dependencies"):
                paths = file.evaluated(block.get("paths"))
                for item in paths.items if isinstance(paths, Sequence) else ():
                    text = text_of(item)
                    if text is not None:
                        yield in_repository(self._directory, text), item

    def state(self) -> Mapping | None:
        """``remote_state`` as the ``terraform`` block that it generates."""
        for file in reversed(self._layers):
            for block in file.blocks("remote_state"):
                backend, config = file.evaluated(block.get("backend")), file.evaluated(block.get("config"))
                if isinstance(backend, Scalar) and backend.tag != EXPRESSION and isinstance(config, Mapping):
                    return _backend(block, backend, config)
        return None


def _backend(block: Mapping, backend: Scalar, config: Mapping) -> Mapping:
    labels = Sequence([backend], *_place(block))
    held = config.with_entries([(_key("__labels__", block), labels), *config.entries])
    return block.with_entries([(_key("backend", block), Sequence([held], *_place(block)))])


def _key(name: str, near: Node) -> Scalar:
    return Scalar(name, *_place(near), "quoted", None, name)


def _place(node: Node) -> tuple[Source, int, int, int, int]:
    return (node.source, node.line, node.column, node.end_line, node.end_column)


def _told(node: Node) -> str | None:
    """A text whose beginning is known."""
    if not isinstance(node, Scalar):
        return None
    if node.raw.startswith('${"') and node.raw.endswith('"}'):
        return node.raw[3:-2]
    return None if node.raw.startswith("${") else node.raw


def _shown(node: Node) -> Node:
    """A source without the marks of an expression around its text."""
    text = _told(node)
    if text is None or not isinstance(node, Scalar) or text == node.raw:
        return node
    return Scalar(text, *_place(node), "quoted", EXPRESSION, text, node.via)


def _subdirectory(source: str) -> str:
    """The directory below ``//`` of a remote source."""
    _, _, rest = source.partition("://")
    below_ = (rest or source).partition("//")[2]
    return joined("", below_.partition("?")[0]) if below_ else ""
