"""What one root hands to others and takes from them: outputs, and the states that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.models import Reference
from riskcheck.nodes import Mapping, Node, Scalar, walk
from riskcheck.platforms.terraform.states import (
    OUTPUT,
    REMOTE_STATE,
    backend_of,
    output_name,
    outputs_needed,
    outputs_read,
    state_names,
    unit_name,
)
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.terraform.modules import Module
    from riskcheck.platforms.terraform.terragrunt.applied import Applied

READS: Final = "reads output"
"""The relation of what takes an output to what hands it out."""

_RESOURCE: Final = regex(r"(?<![\w.])([a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)")
_MODULE: Final = regex(r"\bmodule\.([\w-]+)(?:\[[^\[\]]*\])?\.([\w-]+)")
_MOST_CALLS: Final = 20


def handed_out(
    module: Module, directory: str, unit: Applied | None
) -> Iterator[tuple[Scalar, Mapping, tuple[str, ...], tuple[Reference, ...]]]:
    """(name, block, names by which others find it, what it comes from) of each output of a root module."""
    stated, settings = backend_of(module.blocks.listed.get("terraform", ()))
    of = state_names(settings, directory) if stated or unit is None else ()
    if unit is not None:
        of = (unit_name(directory), *of)
    for key, block in module.blocks.named.get(OUTPUT, {}).values():
        if isinstance(block, Mapping):
            names = tuple(output_name(one, key.raw) for one in of)
            origins = {one.target: one for one in _origins(module, block, 0)}
            yield key, block, names, tuple(origins.values())


def _origins(module: Module, node: Node, depth: int) -> Iterator[Reference]:
    """The resources that a value comes from, through outputs of modules with one instance."""
    declared = module.blocks.named.get("resource", {})
    for _, one in walk(node):
        if not isinstance(one, Scalar) or one.tag != EXPRESSION:
            continue
        for kind, name in _RESOURCE.findall(one.raw):
            if kind in declared:
                yield Reference(f"terraform:{kind}.{module.prefix}{name}", one, relation=OUTPUT)
        for call, output in _MODULE.findall(one.raw) if depth < _MOST_CALLS else ():
            child = module.child(call)
            found = child.blocks.named.get(OUTPUT, {}).get(output) if child is not None else None
            if child is not None and found is not None:
                yield from _origins(child, found[1], depth + 1)


def states_read(module: Module, directory: str) -> Iterator[tuple[Scalar, Mapping, tuple[Reference, ...]]]:
    """(name, evaluated block, outputs that it takes) of each state of another root that a module reads."""
    declared = module.blocks.named.get("data", {}).get(REMOTE_STATE)
    if declared is None or not isinstance(declared[1], Mapping):
        return
    taken: dict[str, dict[str, Scalar]] = {}
    for node in _everything(module):
        for name, output, where in outputs_read(node):
            taken.setdefault(name, {}).setdefault(output, where)
    for key, block in declared[1].entries:
        if not isinstance(block, Mapping):
            continue
        body = module.scope().value(block)
        assert isinstance(body, Mapping)
        config = body.get("config")
        names = state_names(config, directory) if isinstance(config, Mapping) else ()
        references = [
            Reference(output_name(names[0], output), where, relation=READS)
            for output, where in taken.get(key.raw, {}).items()
            if names
        ]
        yield key, body, tuple(references)


def _everything(module: Module) -> Iterator[Node]:
    for held in module.blocks.named.values():
        yield from (value for _, value in held.values())
    for items in module.blocks.listed.values():
        yield from items


def needs_of(unit: Applied) -> tuple[Reference, ...]:
    """The other units of Terragrunt that one needs, and the outputs that it takes of them."""
    found = {
        unit_name(directory): Reference(unit_name(directory), where, "soft", "applied after")
        for directory, where in unit.after
    }
    for _, (directory, where) in unit.dependencies.items():
        found[unit_name(directory)] = Reference(unit_name(directory), where, relation="depends on")
    for name, output, where in _needed(unit.inputs):
        if name in unit.dependencies:
            target = output_name(unit_name(unit.dependencies[name][0]), output)
            found.setdefault(target, Reference(target, where, relation=READS))
    return tuple(found.values())


def _needed(inputs: MappingOf[str, Node]) -> Iterator[tuple[str, str, Scalar]]:
    for value in inputs.values():
        yield from outputs_needed(value)
