"""What a check makes of all resources of a side, once a run: made for each change, it would cost the square."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from riskcheck.rules.context import ResourceView

T = TypeVar("T")

_made: WeakKeyDictionary[ResourceView, dict[Hashable, object]] = WeakKeyDictionary()


def once(view: ResourceView, name: Hashable, make: Callable[[], T]) -> T:
    """What `make` makes of `view`, which it must not keep. name: of the index, the same for the same `make`."""
    indexes = _made.setdefault(view, {})
    if name not in indexes:
        indexes[name] = make()
    return cast("T", indexes[name])
