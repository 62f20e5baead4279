"""What could not be read or resolved in one run of this platform, each said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Limitation, Side, location_of

if TYPE_CHECKING:
    from riskcheck.nodes import Node


class Limits:
    """Collects limitations of one side. The same one from several targets is one."""

    def __init__(self, side: Side) -> None:
        self._side: Side = side
        self._found: dict[tuple[str, str, str, int | None], Limitation] = {}

    def at(self, node: Node, kind: str, message: str, *, failed: bool = False) -> None:
        """A limitation at the place of `node`."""
        place = location_of(node)
        self.file(place.path, kind, message, place.line, failed=failed)

    def unmergeable(self, node: Node, reason: str) -> None:
        """Two values that cannot be merged, at the place of `node`."""
        self.at(node, "unmergeable", reason)

    def file(
        self, path: str, kind: str, message: str, line: int | None = None, *, failed: bool = False
    ) -> None:
        """A limitation of `path`. failed: the analysis of input that this change touched failed."""
        found = Limitation(path, kind, message, line, self._side, failed)
        self._found.setdefault((path, kind, message, line), found)

    def all(self) -> tuple[Limitation, ...]:
        """In the order of path and line."""

        def place(found: Limitation) -> tuple[str, int, str, str]:
            return found.path, found.line or 0, found.kind, found.message

        return tuple(sorted(self._found.values(), key=place))
