"""The platform ``contracts``. A unit is a file, told by what stands in it; each table of it is a resource of kind
``tables`` in the shape of `riskcheck.tables.shape`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.declaring import action_of
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace
    from riskcheck.trees import Tree

_ENDINGS: Final = (".yaml", ".yml", ".json", ".avsc")
_MARKS: Final = (
    (b"dataContractSpecification",),
    (b"DataContract", b"apiVersion"),
    (b"checks for ",),
    (b"expectation", b"kwargs"),
    (b'"struct"', b'"fields"'),
)
"""Words that a file holds which is read: all of one line."""


class Contracts:
    """A change that concerns none of them imports nothing else of this package."""

    name = "contracts"
    order = 35

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        return frozenset(
            path
            for path in paths
            if path.endswith(_ENDINGS) and may_hold(workspace.tree, path) and _is_read(workspace, path)
        )

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.contracts.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.tables.shape import NATURAL_KEYS

        return NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        """A contract says what is; no data is made or lost by it alone."""
        return action_of(changes)


def may_hold(tree: Tree, path: str) -> bool:
    """Whether the bytes of a file have the words of what is read."""
    try:
        content = tree.read(path)
    except UnreadableError:
        return False
    return path.endswith(".avsc") or any(all(word in content for word in words) for words in _MARKS)


def _is_read(workspace: Workspace, path: str) -> bool:
    from riskcheck.platforms.contracts.resolve import is_read

    return is_read(workspace, path)
