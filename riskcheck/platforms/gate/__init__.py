"""What guards merges: riskcheck's own policy and hook, CI definitions, code owners.

Such files count as production. They are compared like any other configuration, so that reformatting is no change
and every weakening has its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.filenames import POLICIES
from riskcheck.platforms.gate.paths import (
    CODE_OWNERS,
    HOOKS,
    LEFTHOOK,
    LEFTHOOK_LOCAL,
    OWNERS,
    kind_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Platform, Workspace
    from riskcheck.trees import Entry

_GITLAB: Final = ".gitlab-ci.yml"
_LINKABLE: Final = (*POLICIES, *HOOKS)
_OF_PROTECTION: Final = {"branches": ("name",), "rules": ("type",)}
_NAMED: Final = frozenset({"environments", "services", "freezes"})


class GatePlatform:
    """Units are paths; only those that the change touches are looked at."""

    name = "gate"
    order = 5

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        """The guards among `paths`, the files that the policy names, and the GitLab pipeline that takes one in."""
        found = {path for path in paths if kind_of(path) is not None or path == workspace.policy_path}
        if not found.isdisjoint(OWNERS):
            # One of them counts, whichever was touched.
            found = found.difference(OWNERS) | {CODE_OWNERS}
        # What a link leads to may change without the link.
        found |= {name for name in _LINKABLE if _is_link(workspace.tree.entry(name))}
        if not found.isdisjoint(LEFTHOOK_LOCAL):
            found = (found - LEFTHOOK_LOCAL) | {name for name in LEFTHOOK if workspace.tree.entry(name)}
        if paths and any(workspace.tree.entry(name) for name in (*POLICIES, workspace.policy_path)):
            from riskcheck.platforms.gate.named_files import named_files

            found |= named_files(workspace, paths)
        if workspace.tree.entry(_GITLAB) is not None and any(
            path.endswith((".yml", ".yaml")) for path in paths
        ):
            from riskcheck.platforms.gate.resolve import gitlab_includes

            included = gitlab_includes(workspace)
            if not included.isdisjoint(paths):
                found = (found - included) | {_GITLAB}
        return frozenset(found)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.gate.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        if kind == "Protection":
            return _OF_PROTECTION.get(field, ())
        return ("name",) if kind == "Policy" and field in _NAMED else ()

    def action(self, changes: Collection[Change]) -> Action:
        """Nothing is deployed: a guard holds from the moment it is merged."""
        return "none"


def _is_link(entry: Entry | None) -> bool:
    return entry is not None and entry.kind == "symlink"


PLATFORM: Platform = GatePlatform()
