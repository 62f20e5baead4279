"""The other roots that one file needs, as far as it says so in plain words."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.documents.hcl import EXPRESSION
from riskcheck.environments import EnvironmentModel
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.families import component_of
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.platforms.terraform.states import (
    REMOTE_STATE,
    output_name,
    outputs_needed,
    outputs_read,
    state_names,
    unit_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document

_TERRAGRUNT: Final = "terragrunt.hcl"
_READS: Final = "reads output"


def stated(document: Document) -> Iterator[Stated]:
    """Nothing where the file cannot be read."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    if document.path.rpartition("/")[2] == _TERRAGRUNT:
        yield from _unit(document.path, root)
    else:
        yield from _states(document.path, root)


def _unit(path: str, root: Mapping) -> Iterator[Stated]:
    directory = dirname(path)
    uses: dict[Use, None] = {}
    needed: dict[str, str] = {}
    for block in _blocks(root.get("dependency")):
        written = block.get("config_path")
        label = block.get("__labels__")
        name = label.items[0] if isinstance(label, Sequence) and label.items else None
        text = _text(written)
        if written is not None and text is not None and isinstance(name, Scalar):
            needed[name.raw] = unit_name(joined(directory, text))
            uses[Use(needed[name.raw], "hard", "depends on", written.file_line)] = None
    for block in _blocks(root.get("dependencies")):
        paths = block.get("paths")
        for item in paths.items if isinstance(paths, Sequence) else ():
            text = _text(item)
            if text is not None and unit_name(joined(directory, text)) not in needed.values():
                uses[Use(unit_name(joined(directory, text)), "soft", "applied after", item.file_line)] = None
    for name_, output, where in outputs_needed(root):
        if name_ in needed:
            uses[Use(output_name(needed[name_], output), "hard", _READS, where.file_line)] = None
    if uses:
        name_ = directory.rpartition("/")[2] or "."
        provides = (unit_name(directory),)
        service = name_ if component_of(directory, EnvironmentModel()) is None else None
        yield Stated("terraform", "terragrunt_unit", name_, root.file_line, service, provides, tuple(uses))


def _states(path: str, root: Mapping) -> Iterator[Stated]:
    data = root.get("data")
    declared = data.get(REMOTE_STATE) if isinstance(data, Mapping) else None
    taken: dict[str, dict[str, Scalar]] = {}
    for name, output, where in outputs_read(root):
        taken.setdefault(name, {}).setdefault(output, where)
    for key, block in declared.entries if isinstance(declared, Mapping) else ():
        config = block.get("config") if isinstance(block, Mapping) else None
        names = state_names(config, dirname(path)) if isinstance(config, Mapping) else ()
        if names:
            uses = [Use(names[0], "hard", "reads state", key.file_line)]
            for output, where in taken.get(key.raw, {}).items():
                uses.append(Use(output_name(names[0], output), "hard", _READS, where.file_line))
            yield Stated("terraform", REMOTE_STATE, key.raw, key.file_line, None, (), tuple(uses))


def _text(node: Node | None) -> str | None:
    return node.raw if isinstance(node, Scalar) and node.tag != EXPRESSION else None


def _blocks(node: Node | None) -> Iterator[Mapping]:
    items = node.items if isinstance(node, Sequence) else (node,)
    yield from (one for one in items if isinstance(one, Mapping))
