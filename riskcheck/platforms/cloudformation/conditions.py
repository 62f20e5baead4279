"""Conditions of a template: true, false, or only known where the stack is made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.nodes import Node

    Called = Callable[[Node], tuple[str, Node] | None]
    """A node to the intrinsic function that it calls and its argument; None where it calls none."""

_MOST_DEPTH: Final = 50
"""Conditions inside of each other."""


class Conditions:
    """declared: the section; None where there is none. called: reads calls. text: what a node comes to, None where
    that is not known."""

    def __init__(self, declared: Mapping | None, called: Called, text: Callable[[Node], str | None]) -> None:
        self._declared = declared
        self._called = called
        self._text = text
        self._known: dict[str, bool | None] = {}
        self._depth = 0

    def holds(self, name: str) -> bool | None:
        """Whether the condition `name` holds; None where nobody can say."""
        if name not in self._known:
            # A circle of conditions is refused by CloudFormation; here it is not known.
            self._known[name] = None
            node = self._declared.get(name) if self._declared is not None else None
            self._known[name] = None if node is None else self._of(node)
        return self._known[name]

    def _of(self, node: Node) -> bool | None:
        if self._depth >= _MOST_DEPTH:
            return None
        self._depth += 1
        try:
            return self._told(node)
        finally:
            self._depth -= 1

    def _told(self, node: Node) -> bool | None:
        call = self._called(node)
        if call is None:
            return None
        name, argument = call
        if name == "Condition":
            return self.holds(argument.raw) if isinstance(argument, Scalar) else None
        if not isinstance(argument, Sequence):
            return None
        items = argument.items
        if name == "Equals":
            if len(items) != 2:
                return None
            one, other = map(self._text, items)
            return None if one is None or other is None else one == other
        values = [self._of(item) for item in items]
        if name == "Not":
            return None if len(values) != 1 or values[0] is None else not values[0]
        if name == "And":
            return False if False in values else None if None in values or not values else True
        if name == "Or":
            return True if True in values else None if None in values or not values else False
        return None
