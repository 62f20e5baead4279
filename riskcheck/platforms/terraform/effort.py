"""What the configuration of one root may cost: nesting, text and values that doubled references make of little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import MAX_DEPTH as MAX_NESTING
from riskcheck.documents.errors import MAX_EXPANSION
from riskcheck.documents.hcl import EXPRESSION
from riskcheck.growth import MAX_TEXTS, Growth
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import Node

MAX_DEPTH: Final = 150
"""Evaluations inside of each other: expressions that refer to expressions, and their own nesting."""

MAX_TEXT: Final = 65_536
"""Characters of a text that is put together."""

MAX_CALLS: Final = 5_000
"""Module instances of one root: modules that call others twice double at each level."""

MAX_RESOURCES: Final = 50_000
"""Resource instances of one root in all of its environments."""

MAX_ROUNDS: Final = 20_000
"""Blocks of one root that dynamic ones are written out into."""

MAX_STEPS: Final = 2_000_000
"""Parts of expressions that are evaluated in one root, loops each time."""

MAX_VALUES: Final = 2_000_000
"""Values in all resources of one root, and in what functions make."""


class Effort:
    """Shared by everything that one root consists of.

    exceeded: the first bound that was met, for people; "" while none was. What goes beyond it stays the expression
    that it is. full: resources were left out.
    """

    def __init__(self) -> None:
        self.exceeded = ""
        self.full = False
        self.depth = 0
        self._calls = 0
        self._resources = 0
        self._rounds = 0
        self._values = 0
        self._steps = 0
        self._growth = Growth()
        self._measured: dict[int, _Measure] = {}

    def call(self) -> bool:
        """Whether one more module instance is looked into."""
        self._calls += 1
        return self._calls <= MAX_CALLS or self._fill(f"more than {MAX_CALLS:,} module instances")

    def round(self) -> bool:
        """Whether a dynamic block is written out once more."""
        self._rounds += 1
        return self._rounds <= MAX_ROUNDS or self._exceed(f"more than {MAX_ROUNDS:,} blocks of dynamic ones")

    def put_off(self) -> bool:
        """Whether there may be one more resource."""
        self._resources += 1
        return self._resources <= MAX_RESOURCES or self._fill(f"more than {MAX_RESOURCES:,} resources")

    def resource(self, body: Node) -> bool:
        """Whether one more resource is made of `body`."""
        if not self.put_off():
            return False
        return self.spend(body) or self._fill(f"more than {MAX_VALUES:,} values in all resources")

    def spend(self, node: Node) -> bool:
        """Whether a value that was made anew is within what all of them may come to."""
        self._values += self._measure(node).size
        return self._values <= MAX_VALUES or self._exceed(f"more than {MAX_VALUES:,} values in all")

    def deeper(self) -> bool:
        """Whether evaluation may go one deeper; if so, `depth` is for the caller to lower again."""
        if self.depth >= MAX_DEPTH:
            return self.nested()
        self.depth += 1
        return True

    def nested(self) -> bool:
        """Notes that evaluation went too deep."""
        return self._exceed(f"expressions that need more than {MAX_DEPTH} others")

    def step(self) -> bool:
        """Whether one more part of an expression is evaluated."""
        self._steps += 1
        return self._steps <= MAX_STEPS or self._exceed(f"more than {MAX_STEPS:,} steps of evaluation")

    def text(self, length: int) -> bool:
        """Whether a text of `length` is put together."""
        if length > MAX_TEXT:
            return self._exceed(f"a text of more than {MAX_TEXT:,} characters")
        return self._growth.takes(length) or self._exceed(
            f"texts of more than {MAX_TEXTS:,} characters in all"
        )

    def fits(self, node: Node) -> bool:
        """Whether a value is small and flat enough to be put elsewhere."""
        found = self._measure(node)
        if found.size > MAX_EXPANSION:
            return self._exceed(f"a value of more than {MAX_EXPANSION:,} parts")
        return found.depth <= MAX_NESTING or self._exceed(f"a value nested more than {MAX_NESTING} deep")

    def is_open(self, node: Node) -> bool:
        """Whether something in a value is not known."""
        return self._measure(node).open

    def _measure(self, node: Node) -> _Measure:
        """What stands in `node` several times counts each time, and is looked at once."""
        if isinstance(node, Scalar):
            return _OPEN if node.tag == EXPRESSION else _KNOWN
        found = self._measured.get(id(node))
        if found is None:
            assert isinstance(node, Mapping | Sequence)
            items = node.items if isinstance(node, Sequence) else [child for _, child in node.entries]
            below = [self._measure(item) for item in items]
            size = 1 + sum(one.size for one in below)
            depth = 1 + max((one.depth for one in below), default=0)
            open_ = any(one.open for one in below)
            if isinstance(node, Mapping) and not open_:
                open_ = any(key.tag == EXPRESSION for key, _ in node.entries)
            found = _Measure(size, depth, open_, node)
            self._measured[id(node)] = found
        return found

    def _fill(self, bound: str) -> bool:
        self.full = True
        self.exceeded = bound
        return False

    def _exceed(self, bound: str) -> bool:
        self.exceeded = self.exceeded or bound
        return False


class _Measure(NamedTuple):
    """Parts and nesting of a value, and whether something in it is not known. of: keeps it from being collected,
    since it is known by its identity."""

    size: int
    depth: int
    open: bool
    of: Node | None = None


_KNOWN: Final = _Measure(1, 1, open=False)
_OPEN: Final = _Measure(1, 1, open=True)
