"""Which resources of its module a block names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.models import Reference
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, walk
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.terraform.modules import Module

_REFERENCE: Final = regex(r"(?<![\w.])([a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)")
_LOCAL: Final = regex(r"(?<![\w.])local\.([\w-]+)")


def references_of(body: Mapping, module: Module, block: Mapping) -> Iterator[Reference]:
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


def references_in(module: Module, block: Mapping) -> Iterator[Reference]:
    """The same by the text alone, for a block that nobody has evaluated."""
    declared = module.blocks.named.get("resource", {})
    locals_ = module.blocks.named.get("locals", {})
    seen: set[str] = set()
    waiting: list[Node] = [block]
    while waiting:
        for _, node in walk(waiting.pop()):
            if not isinstance(node, Scalar) or node.tag != EXPRESSION:
                continue
            for kind, name in _REFERENCE.findall(node.raw):
                target = f"terraform:{kind}.{module.prefix}{name}"
                if kind in declared and target not in seen:
                    seen.add(target)
                    yield Reference(target, node)
            for name in _LOCAL.findall(node.raw):
                if name in locals_ and f"local.{name}" not in seen:
                    seen.add(f"local.{name}")
                    waiting.append(locals_[name][1])
