"""Modules of one root configuration for one environment: their variables, locals, instances and outputs."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from functools import cached_property
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.platforms.terraform.evaluate import Scope, plain, through
from riskcheck.platforms.terraform.values import has_open_keys, text_of, whole_in
from riskcheck.records import NamedTuple
from riskcheck.redact import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.platforms.terraform.effort import Effort
    from riskcheck.platforms.terraform.touching import Reach, Touched

MAX_MODULES: Final = 20
"""Modules inside of modules."""

MAX_INSTANCES: Final = 500
"""Instances of one block that are told apart; more stay one block."""


UNKNOWN: Final = "[*]"
"""Key of the instances of a block whose ``for_each`` is not known: they stay one."""


class Blocks(NamedTuple):
    """All files of one directory together: block type to the mapping of its names, or the list of its blocks.
    asks_workspace: whether the text of any of them has ``terraform.workspace`` in it."""

    directory: str
    named: MappingOf[str, MappingOf[str, tuple[Scalar, Node]]]
    listed: MappingOf[str, tuple[Node, ...]]
    asks_workspace: bool = True


class Instance(NamedTuple):
    """One instance of a block. key: ``""`` for the only or first one, ``[1]``, ``["a"]``, ``[*]``. each: what
    ``each`` and ``count`` mean in it. undecided: the ``count`` or ``for_each`` that is not known."""

    key: str
    each: MappingOf[str, Node]
    undecided: Node | None = None


class Arguments(MappingOf[str, Node]):
    """What a call gives to a module, evaluated in `scope` when it is asked for. written: before that."""

    def __init__(self, scope: Scope, call: Mapping) -> None:
        self.written = {key.raw: value for key, value in call.entries if key.raw not in _OF_CALLS}
        self._scope = scope
        self._known: dict[str, Node] = {}

    def __getitem__(self, name: str) -> Node:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._scope.value(self.written[name])
        return known

    def __contains__(self, name: object) -> bool:
        return name in self.written

    def __iter__(self) -> Iterator[str]:
        return iter(self.written)

    def __len__(self) -> int:
        return len(self.written)


class Module:
    """One module instance. prefix: ``module.net.``, or "" for the root. given: what the caller or variable files
    set. load: the blocks of a directory; None where the repository does not hold it. effort: what the whole root
    may cost. above: directories of its callers; one that is called again below itself is left alone: Terraform
    refuses it. workspace: what ``terraform.workspace`` is. undecided: what decides how many instances of it, or of
    a module around it, there are, where that is not known. touched: the files that differ; without them everything
    counts as touched. argument: whether they have a part in what is given under a name."""

    def __init__(
        self,
        blocks: Blocks,
        prefix: str,
        given: MappingOf[str, Node],
        load: Callable[[str], Blocks | None],
        effort: Effort,
        above: tuple[str, ...] = (),
        workspace: Node | None = None,
        undecided: Node | None = None,
        touched: Touched | None = None,
        argument: Callable[[str], bool] | None = None,
    ) -> None:
        self.blocks = blocks
        self.undecided = undecided
        self.empty: list[str] = []
        """Addresses of calls without an instance, each with a dot at its end; known once `calls` is through."""
        self._touched = touched
        self._argument = argument
        self._workspace = workspace
        self.prefix = prefix
        self._given = given
        self._load = load
        self._effort = effort
        self._above = above
        self._locals: dict[str, Node | None] = {}
        self._children: dict[str, Module | None] = {}
        self._outputs: dict[str, Node | None] = {}
        self._variables: dict[str, Node | None] = {}
        self._stated: dict[tuple[str | int, ...], Node | None] = {}

    @cached_property
    def _reach(self) -> Reach | None:
        if self._touched is None:
            return None
        from riskcheck.platforms.terraform.touching import Reach

        argument = self._argument or self._is_given
        return Reach(self._touched, self.blocks, self._given, argument, self._workspace)

    def touches(self, *nodes: Node | None) -> bool:
        """Whether the files that differ have a part in what any of `nodes` comes to in it."""
        return self._reach is None or any(map(self._reach.touches, nodes))

    def _is_given(self, name: str) -> bool:
        """Whether they state what variable files give under a name."""
        node = self._given.get(name)
        return node is not None and self._touched is not None and self._touched.parts(node).own

    def scope(self, each: MappingOf[str, Node] | None = None) -> Scope:
        """What names mean in it. each: in one instance of a block, ``each.key`` and its like."""

        def lookup(root: str, name: str) -> Node | None:
            known = None if each is None else each.get(f"{root}.{name}")
            return self._lookup(root, name) if known is None else known

        return Scope(lookup, self._effort, self._attributes)

    def _attributes(self, steps: list[str | int]) -> tuple[Node, int] | None:
        """What a resource or data source of the module states, as `evaluate.Attributes` has it."""
        from riskcheck.platforms.terraform.attributes import found_in

        return found_in(self, steps, self._stated)

    def _lookup(self, root: str, name: str) -> Node | None:
        if root == "var":
            return self._remembered(self._variables, name, self._variable)
        if root == "local":
            return self._remembered(self._locals, name, self._local)
        if root == "module":
            child = self.child(name)
            return None if child is None else child.outputs()
        if (root, name) == ("terraform", "workspace"):
            return self._workspace
        return None

    def _remembered(
        self, known: dict[str, Node | None], name: str, find: Callable[[str], Node | None]
    ) -> Node | None:
        if name not in known:
            known[name] = None  # what refers to itself stays unknown
            found = find(name)
            known[name] = found if found is None or self._effort.fits(found) else None
        return known[name]

    def _variable(self, name: str) -> Node | None:
        declared = self.blocks.named.get("variable", {}).get(name)
        block = declared[1] if declared is not None and isinstance(declared[1], Mapping) else None
        value = self._given[name] if name in self._given else block.get("default") if block else None
        if block is not None and value is not None and (declared_type := block.get("type")) is not None:
            from riskcheck.platforms.terraform.conversions import converted

            value = converted(value, declared_type)
        mark = block.get("sensitive") if block is not None else None
        if value is None or mark is None or plain(mark) is False:
            return value
        place = (mark.source, mark.line, mark.column, mark.end_line, mark.end_column)
        return through(value, Scalar("sensitive", *place, "native", SENSITIVE))

    def _local(self, name: str) -> Node | None:
        found = self.blocks.named.get("locals", {}).get(name)
        return None if found is None else _known(self.scope().value(found[1]))

    def outputs(self) -> Mapping | None:
        """What it hands to its caller, as far as it is known."""
        declared = self.blocks.named.get("output", {})
        entries = [
            (key, value)
            for key, _ in declared.values()
            if (value := self._remembered(self._outputs, key.raw, self._output)) is not None
        ]
        near = next((key for key, _ in declared.values()), None)
        if near is None:
            return None
        return Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)

    def _output(self, name: str) -> Node | None:
        block = self.blocks.named["output"][name][1]
        value = block.get("value") if isinstance(block, Mapping) else None
        return None if value is None else _known(self.scope().value(value))

    def child(self, address: str) -> Module | None:
        """The module called `address`, where its files are in the repository. Without a key (``net``) the only
        instance that it has, with one (``net["a"]``, ``net[0]``) that instance."""
        if address not in self._children:
            self._children[address] = None
            name, bracket, key = address.partition("[")
            found = self.blocks.named.get("module", {}).get(name)
            if found is not None and isinstance(found[1], Mapping):
                instances = list(self.instances(found[1]))
                if bracket:
                    wanted = "" if key == "0]" else bracket + key
                    instances = [one for one in instances if one.key == wanted]
                if len(instances) == 1:
                    self._children[address] = self._called(found[1], name, instances[0])
        return self._children[address]

    def _called(self, block: Mapping, name: str, instance: Instance) -> Module | None:
        source = block.get("source")
        if not isinstance(source, Scalar) or not source.raw.startswith(("./", "../")):
            return None
        directory = joined(self.blocks.directory, source.raw)
        callers = (*self._above, self.blocks.directory)
        if directory in callers or len(callers) > MAX_MODULES or not self._effort.call():
            return None
        blocks = self._load(directory)
        if blocks is None:
            return None
        given = Arguments(self.scope(instance.each), block)
        repeated = (block.get("count"), block.get("for_each"))

        def argument(name: str) -> bool:
            return self.touches(given.written.get(name), *repeated)

        prefix = f"{self.prefix}module.{name}{instance.key}."
        return Module(
            blocks,
            prefix,
            given,
            self._load,
            self._effort,
            callers,
            self._workspace,
            self.undecided or instance.undecided,
            self._touched,
            argument,
        )

    def calls(self) -> Iterator[tuple[Scalar, Mapping, Instance, Module | None]]:
        """Each instance of each module call, with the module where its files are in the repository."""
        for key, block in self.blocks.named.get("module", {}).values():
            if isinstance(block, Mapping):
                instances = list(self.instances(block))
                if not instances:
                    self.empty.append(f"{self.prefix}module.{key.raw}.")
                for instance in instances:
                    yield key, block, instance, self._called(block, key.raw, instance)

    def instances(self, block: Mapping) -> Iterator[Instance]:
        """The instances of a block by its ``count`` and ``for_each``; one where those are not known: ``[*]`` of a
        ``for_each``.

        The first of a count has no key, as a block without a count: Terraform itself takes the one for the other.
        """
        scope = self.scope()
        count, for_each = block.get("count"), block.get("for_each")
        if count is not None:
            number = whole_in(scope.value(count))
            if number is not None and 0 <= number <= MAX_INSTANCES:
                for index in range(number):
                    yield Instance(f"[{index}]" if index else "", {"count.index": made(index, count)})
                return
            yield Instance("", {}, count if number is None else None)
            return
        if for_each is not None:
            found = scope.value(for_each)
            keyed = list(_keyed(found))
            if keyed and len(keyed) <= MAX_INSTANCES:
                for key, value in keyed:
                    each = {"each.key": made(key, value), "each.value": value}
                    yield Instance(f'["{key}"]', each)
                return
            if isinstance(found, Mapping | Sequence) and not keyed and not _children(found):
                return
            yield Instance(UNKNOWN, {}, None if keyed else for_each)
            return
        yield Instance("", {})


_OF_CALLS: Final = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


def _children(node: Mapping | Sequence) -> int:
    return len(node.entries) if isinstance(node, Mapping) else len(node.items)


def _keyed(node: Node) -> Iterator[tuple[str, Node]]:
    """Key and value of each instance that ``for_each`` makes of a map or a set of texts."""
    if isinstance(node, Mapping):
        if not has_open_keys(node):
            yield from ((key.raw, value) for key, value in node.entries)
    elif isinstance(node, Sequence):
        keys = [(text, item) for item in node.items if (text := text_of(item)) is not None]
        if len(keys) == len(node.items):
            yield from dict(keys).items()


def _known(node: Node) -> Node | None:
    """None for an expression that stayed one: whoever refers to it keeps the reference."""
    return None if isinstance(node, Scalar) and node.tag == EXPRESSION else node
