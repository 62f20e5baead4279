"""Which blocks the changed files have a part in: what the others come to is the same on both sides.

Told from the text: a block is touched where it, or anything that it names, through locals, variables, outputs and
other blocks, stands in a file that differs. What is not touched on either side is equal, so that nobody has to
evaluate it to compare it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.terraform.modules import Blocks

_NAME: Final = regex(r"(?<![\w.-])(data\.)?([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)")
_OF_THE_BLOCK: Final = frozenset({"each", "count", "self", "path"})
"""What these mean is decided by the block itself, or by where it stands."""

_KINDS: Final[MappingOf[str, str]] = {"var": "variable", "local": "locals", "module": "module"}

Name = tuple[str, str]
"""``("var", "zone")``, ``("aws_vpc", "main")``, ``("data.aws_ami", "base")``."""


class Parts(NamedTuple):
    """own: whether a touched file states some of a node. names: what its expressions name."""

    own: bool
    names: frozenset[Name]


class Touched:
    """The files of one root that differ. load: the blocks of a directory. roots: the content of a file on this side
    and on the other; blocks and attributes of a differing file that it has on both count as not touched.
    everything: whether all counts as touched, since what decides on it cannot be told apart. none: no file does."""

    def __init__(
        self,
        paths: Collection[str],
        load: Callable[[str], Blocks | None],
        roots: Callable[[str], tuple[Node | None, Node | None]],
        *,
        everything: bool = False,
    ) -> None:
        self.everything = everything
        self.none = not paths
        self._paths = frozenset(paths)
        self._load = load
        self._roots = roots
        self._kept: dict[str, dict[int, Node]] = {}
        self._parts: dict[int, tuple[Node, Parts]] = {}
        self._directories: dict[str, bool] = {}

    def states(self, node: Node | None) -> bool:
        """Whether one of them states `node` itself."""
        return node is not None and node.source.path in self._paths

    def parts(self, node: Node) -> Parts:
        """Of `node` and all below it; remembered, since each instance of a module asks for the same."""
        known = self._parts.get(id(node))
        if known is None:
            known = self._parts[id(node)] = (node, self._read(node))
        return known[1]

    def _read(self, node: Node) -> Parts:
        own = False
        names: set[Name] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            path = one.source.path
            own = own or (path in self._paths and id(one) not in self._kept_of(path))
            if isinstance(one, Mapping):
                for key, value in one.entries:
                    waiting += (key, value)
            elif isinstance(one, Sequence):
                waiting += one.items
            if isinstance(one, Scalar) and one.tag == EXPRESSION:
                names.update((data + kind, name) for data, kind, name in _NAME.findall(one.raw))
        return Parts(own, frozenset(names))

    def _kept_of(self, path: str) -> dict[int, Node]:
        """The nodes that a differing file has on both sides under the same names, by their identity."""
        known = self._kept.get(path)
        if known is None:
            here, there = self._roots(path)
            found = _kept(here, there, 0) if here is not None and there is not None else ()
            known = self._kept[path] = {id(one): one for node in found for one in _all_of(node)}
        return known

    def below(self, directory: str) -> bool:
        """Whether anything that a module of `directory` is made of is touched, modules that it calls included."""
        if directory not in self._directories:
            self._directories[directory] = False  # what calls itself says no more
            self._directories[directory] = self._is_below(directory)
        return self._directories[directory]

    def _is_below(self, directory: str) -> bool:
        blocks = self._load(directory)
        if blocks is None:
            return False
        nodes = [value for held in blocks.named.values() for _, value in held.values()]
        nodes += [item for items in blocks.listed.values() for item in items]
        if any(self.parts(node).own for node in nodes):
            return True
        calls = (block for _, block in blocks.named.get("module", {}).values())
        return any(self.below(one) for block in calls if (one := called(directory, block)) is not None)


_LEVELS: Final[MappingOf[str, int]] = {"resource": 3, "data": 3}
"""Keys above a block, its type included; two for those with one name."""


def _kept(here: Node, there: Node, level: int, most: int = 1) -> Iterator[Node]:
    """Blocks that are equal on both sides; of those that are not, the attributes that are."""
    if is_same(here, there):
        yield here
        return
    if not isinstance(here, Mapping) or not isinstance(there, Mapping) or level > most:
        return
    for key, node in here.entries:
        other = there.get(key.raw)
        if other is not None:
            named = isinstance(node, Mapping) and level == 0
            yield from _kept(node, other, level + 1, _LEVELS.get(key.raw, 2) if named else most)


def is_same(one: Node, other: Node) -> bool:
    """Whether two nodes say the same, wherever they stand."""
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            if (left.raw, left.tag, left.style) != (right.raw, right.tag, right.style):
                return False
        elif isinstance(left, Mapping) and isinstance(right, Mapping):
            if [key.raw for key, _ in left.entries] != [key.raw for key, _ in right.entries]:
                return False
            waiting += zip((v for _, v in left.entries), (v for _, v in right.entries), strict=True)
        elif isinstance(left, Sequence) and isinstance(right, Sequence):
            if len(left.items) != len(right.items):
                return False
            waiting += zip(left.items, right.items, strict=True)
        else:
            return False
    return True


def _all_of(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Mapping):
            for key, value in one.entries:
                waiting += (key, value)
        elif isinstance(one, Sequence):
            waiting += one.items


class Reach:
    """What the touched files reach in one module instance. given: the names of its arguments. argument: whether
    what the caller gives under a name is touched. workspace: what ``terraform.workspace`` is."""

    def __init__(
        self,
        touched: Touched,
        blocks: Blocks,
        given: Collection[str],
        argument: Callable[[str], bool],
        workspace: Node | None,
    ) -> None:
        self.files = touched
        self._blocks = blocks
        self._given = given
        self._argument = argument
        self._workspace = workspace
        self._known: dict[Name, bool] = {}

    def touches(self, node: Node | None) -> bool:
        """Whether they have a part in what `node` comes to here."""
        if node is None:
            return False
        if self.files.everything:
            return True
        if self._is_quiet:
            return False
        parts = self.files.parts(node)
        return parts.own or any(map(self._is_touched, parts.names))

    @cached_property
    def _is_quiet(self) -> bool:
        """Whether nothing of the instance is touched: neither its files nor what it is given."""
        files = self.files
        if files.none:
            return True
        if files.states(self._workspace) or files.below(self._blocks.directory):
            return False
        return not any(map(self._argument, self._given))

    def _is_touched(self, name: Name) -> bool:
        if name[0] in _OF_THE_BLOCK:
            return False
        if name not in self._known:
            self._known[name] = False  # what names itself says no more
            self._known[name] = self._find(*name)
        return self._known[name]

    def _find(self, kind: str, name: str) -> bool:
        if kind == "terraform":
            return self.files.states(self._workspace)
        if kind in _KINDS:
            found = self._blocks.named.get(_KINDS[kind], {}).get(name)
            node = None if found is None else found[1]
            if kind == "var" and name in self._given and self._argument(name):
                return True
            directory = called(self._blocks.directory, node) if kind == "module" else None
            return self.touches(node) or (directory is not None and self.files.below(directory))
        group, _, inner = kind.rpartition(".")
        held = self._blocks.named.get(group or "resource", {}).get(inner)
        return held is not None and isinstance(held[1], Mapping) and self.touches(held[1].get(name))


def called(directory: str, block: Node | None) -> str | None:
    """The directory of the local module that a call in `directory` names."""
    source = block.get("source") if isinstance(block, Mapping) else None
    if not isinstance(source, Scalar) or not source.raw.startswith(("./", "../")):
        return None
    return joined(directory, source.raw)
