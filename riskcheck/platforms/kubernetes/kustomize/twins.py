"""What one side of a comparison made of its nodes, for the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Twins:
    """Results by what they were made of. Both sides share the nodes of documents that are the same: identity tells.

    What is equal then stays identical all the way to the comparison, which does not look into it.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], tuple[object, object]] = {}

    def made(self, make: Callable[[], T], *by: object) -> T:
        """What `make` makes of `by`. Those are kept: otherwise something else could get the identity of one."""
        key = tuple(map(id, by))
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = (by, make())
        return cast("T", known[1])
