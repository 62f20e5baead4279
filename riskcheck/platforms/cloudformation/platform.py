"""The platform ``cloudformation``. A unit is the path of a template: what a stack is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.cloudformation.parameters import Nearby

_ENDINGS: Final = (".yaml", ".yml", ".json", ".template")

_NATURAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "AttributeDefinitions": ("AttributeName",),
    "Entries": ("Cidr",),
    "GlobalSecondaryIndexes": ("IndexName",),
    "KeySchema": ("AttributeName",),
    "LocalSecondaryIndexes": ("IndexName",),
    "Policies": ("PolicyName",),
    "Tags": ("Key",),
}
"""By the name of the property."""


class CloudFormation:
    """A change that concerns no template imports nothing else of this package."""

    name = "cloudformation"
    order = 45

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        """Templates among `paths`, and those that are given the values of parameter files among them."""
        named = [path for path in paths if path.endswith(_ENDINGS)]
        if not named:
            return frozenset()
        from riskcheck.trees import UnreadableError

        found: set[str] = set()
        files: Nearby | None = None
        workspace.tree.prefetch(named)
        for path in named:
            try:
                content = workspace.tree.read(path)
            except UnreadableError:
                continue
            if b"AWS::" in content or b"Parameter" in content:
                from riskcheck.platforms.cloudformation.files import is_template, may_hold_parameters

                if is_template(content):
                    found.add(path)
                elif may_hold_parameters(content):
                    from riskcheck.platforms.cloudformation.parameters import Nearby, templates_for

                    files = files or Nearby(workspace.tree)
                    found |= templates_for(workspace, path, files)
        return frozenset(found)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.cloudformation.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        return _NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        from riskcheck.stackupdates import action_of

        return action_of(changes)
