"""Terraform and OpenTofu configuration, resolved for each root module and environment, without a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Action, Change, Limitation, Resolution, Resource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.platforms.base import Memory, Workspace
    from riskcheck.platforms.terraform.discovery import Layout
    from riskcheck.trees import Tree

_ENDINGS: Final = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json", ".hcl")
"""Of all files that `discovery.concerns` may say yes to."""

_FACTS: Final = "terraform-3"
"""Under which name facts of files are kept; another one when more is told of a file."""

_DATA: Final = (".json", ".yaml", ".yml")
_TERRAGRUNT: Final = ("terragrunt.hcl", "root.hcl")
_STACK: Final = "terragrunt.stack.hcl"


class Terraform:
    """The platform ``terraform``. A unit is the directory of a root module, ``.`` at the top.

    A change that concerns no file of Terraform imports nothing else of this package.
    """

    name = "terraform"
    order = 40

    def __init__(self) -> None:
        self._layouts: tuple[Layout, ...] = ()
        self._memory: Memory | None = None
        self._recalled = 0

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        """Root modules that read any of `paths`, through modules that they call too."""
        named = [
            path
            for path in paths
            if path.endswith(_ENDINGS) or (path.endswith(_DATA) and _is_beside_terragrunt(workspace, path))
        ]
        if not named:
            return frozenset()
        from riskcheck.platforms.terraform.discovery import may_concern, units_of

        wanted = [path for path in named if may_concern(path) or path.endswith(_DATA)]
        if not wanted:
            return frozenset()
        found = frozenset(one or "." for one in units_of(self._layout(workspace), wanted))
        self._keep()
        return found

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.documents.hcl import is_available
        from riskcheck.platforms.terraform.discovery import concerns

        touched = sorted(
            path for path in workspace.touched if concerns(path) or path.rpartition("/")[2] == _STACK
        )
        if not is_available():
            return Resolution(limitations=_not_installed(touched, workspace), read=frozenset(touched))
        from riskcheck.platforms.terraform.resolve import Root

        layout = self._layout(workspace)
        base = self._base(workspace)
        trees = (workspace.tree, None if workspace.other is None else workspace.other.tree)
        sides = [one for one in self._layouts if one.tree in trees]
        resources: list[Resource] = []
        limitations: dict[Limitation, None] = dict.fromkeys(
            Limitation(path, "terragrunt", "stacks of Terragrunt are not evaluated", None, workspace.side)
            for path in touched
            if path.endswith(_STACK)
        )
        read: set[str] = set(touched)
        empty: set[tuple[str, str, str]] = set()
        for unit in sorted(units):
            if any(one.is_only_module(unit) for one in sides):
                limitations.update(dict.fromkeys(_not_applied(layout, unit, touched)))
                continue
            root = Root(workspace, layout, "" if unit == "." else unit, base)
            resources += root.resources()
            limitations.update(root.limitations)
            read |= root.read
            empty |= root.empty
        environments = {(one.environment.name, one.environment.cell): one.environment for one in resources}
        return Resolution(
            tuple(resources),
            tuple(environments[key] for key in sorted(environments)),
            tuple(limitations),
            frozenset(read),
            empty=frozenset(empty),
        )

    def _layout(self, workspace: Workspace) -> Layout:
        """The layout of a tree: those of both sides are asked for in turns."""
        tree: Tree = workspace.tree
        for layout in self._layouts:
            if layout.tree is tree:
                return layout
        from riskcheck.platforms.terraform.discovery import Layout

        self._recall(workspace)
        layout = Layout(tree)
        self._layouts = (layout, *self._layouts[:1])
        return layout

    def _base(self, workspace: Workspace) -> Layout | None:
        """The layout of the side that `workspace`, which is head, is compared with."""
        if workspace.side != "head" or workspace.other is None:
            return None
        return next((one for one in self._layouts if one.tree is workspace.other.tree), None)

    def _recall(self, workspace: Workspace) -> None:
        """Takes over what an earlier run learnt of files by their content."""
        if workspace.memory is None or workspace.memory is self._memory:
            return
        from riskcheck.platforms.terraform.discovery import remembered

        self._memory = workspace.memory
        known = self._memory.recall(_FACTS)
        told = known if isinstance(known, dict) else {}
        for blob, found in told.items():
            if isinstance(found, list) and {str}.issuperset(map(type, found)):
                remembered.setdefault(str(blob), tuple(found))
        self._recalled = len(told)

    def _keep(self) -> None:
        """Hands on what was learnt, once a twentieth of it is new."""
        from riskcheck.platforms.terraform.discovery import remembered

        if self._memory is not None and len(remembered) > self._recalled * 1.05:
            self._memory.keep(_FACTS, {blob: list(found) for blob, found in remembered.items()})
            self._recalled = len(remembered)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.platforms.terraform.fields import NATURAL_KEYS

        return NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        from riskcheck.platforms.terraform.fields import action_of

        return action_of(changes)


def _is_beside_terragrunt(workspace: Workspace, path: str) -> bool:
    """Whether a file of data lies below a configuration of Terragrunt, which may read it."""
    directory = path
    while directory:
        directory = directory.rpartition("/")[0]
        above = f"{directory}/" if directory else ""
        if any(workspace.tree.entry(f"{above}{name}") is not None for name in _TERRAGRUNT):
            return True
    return False


def _not_applied(layout: Layout, module: str, touched: Collection[str]) -> Iterator[Limitation]:
    """That nobody in the repository calls a module that the change touches."""
    if layout.is_only_module(module) and not layout.roots_above(module):
        path = next((one for one in touched if one.rpartition("/")[0] == module), None)
        if path is not None:
            message = f"nothing in this repository calls {module}: what it makes elsewhere is not judged"
            yield Limitation(path, "not-applied", message, None, layout.tree.side)


def _not_installed(paths: Collection[str], workspace: Workspace) -> tuple[Limitation, ...]:
    from riskcheck.documents.hcl import NOT_INSTALLED

    return tuple(Limitation(path, "not-installed", NOT_INSTALLED, None, workspace.side) for path in paths)
