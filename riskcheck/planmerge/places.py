"""Where the blocks and module calls stand that a plan's addresses mean."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Source
from riskcheck.platforms.terraform.discovery import CONFIGURATION, concerns, joined
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.documents.store import DocumentStore
    from riskcheck.planfiles.model import PlannedState
    from riskcheck.platforms.base import Workspace

_MOST_STEPS: Final = 20


class Place(NamedTuple):
    """key: what the finding points at. lines: the block or call there, None at a plan file. exact: it is the block
    itself, not a call that leads to it."""

    key: Node
    lines: Mapping | None
    exact: bool


class Places:
    """The blocks of one root, and of the modules that it calls, on one side.

    directories: where its own blocks are written; Terragrunt applies a module of another directory.
    """

    def __init__(self, workspace: Workspace, directories: Iterable[str]) -> None:
        self._documents: DocumentStore = workspace.documents
        self._files: dict[str, list[str]] = {}
        for path in workspace.tree.entries():
            if path.endswith(CONFIGURATION) and concerns(path):
                self._files.setdefault(dirname(path), []).append(path)
        self._roots = tuple(directories)

    def of(self, state: PlannedState) -> Place | None:
        """The block of a resource, else the innermost call known to lead to it. None where there is none."""
        return self.named(state.module, state.kind, state.name)

    def named(self, module: Sequence[str], kind: str, name: str) -> Place | None:
        """The same by the parts of an address. name: with its modules and key, as `Resource.name` has it."""
        directories: tuple[str, ...] = self._roots
        found: Place | None = None
        for step in module[:_MOST_STEPS]:
            call = self._labelled(directories, "module", step.partition("[")[0])
            if call is None:
                return found
            directory, key, block = call
            found = Place(key, block, False)
            source = block.get("source")
            if not isinstance(source, Scalar) or not source.raw.startswith(("./", "../")):
                return found
            directories = (joined(directory, source.raw),)
        last = name[sum(len(step) + 8 for step in module) :].partition("[")[0]
        block_found = self._labelled(directories, "resource", kind, last)
        return found if block_found is None else Place(*block_found[1:], True)

    def _labelled(self, directories: Iterable[str], *labels: str) -> tuple[str, Scalar, Mapping] | None:
        """The directory, key and body of a block."""
        for directory, path in ((one, path) for one in directories for path in self._files.get(one, ())):
            node: Node | None = self._documents.get(path).root
            for label in labels[:-1]:
                node = node.get(label) if isinstance(node, Mapping) else None
            if isinstance(node, Mapping):
                key, block = node.key(labels[-1]), node.get(labels[-1])
                if key is not None and isinstance(block, Mapping):
                    return directory, key, block
        return None


def of_plan_file(source: str) -> Place:
    """The plan file itself, for what stands in no file of the repository."""
    return Place(Scalar("", Source(source, "head"), 0, 0, 0, 0), None, False)
