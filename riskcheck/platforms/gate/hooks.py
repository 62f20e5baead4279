"""riskcheck's own entries in ``.pre-commit-config.yaml``. https://pre-commit.com/#pre-commit-configyaml---top-level"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.gate.ci import at, items, mapping, scalars, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARED = ("default_stages", "files", "exclude", "fail_fast")
"""Settings of the file that hold for every hook. ``ci.skip`` is pre-commit.ci's."""


def hooks(root: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    """The id and the settings of each hook that runs riskcheck, those of the whole file beside its own."""
    shared: list[tuple[str | Scalar, Node | None]] = [(f"all.{name}", root.get(name)) for name in _SHARED]
    for repository in items(root.get("repos")):
        for hook in items(at(repository, "hooks")):
            name = text(at(hook, "id"))
            if name is None or not isinstance(hook, Mapping) or not _is_ours(name, hook):
                continue
            skipped = [entry for entry in scalars(root.at("ci", "skip")) if entry.raw == name.raw]
            rest = [("repo", at(repository, "repo")), ("rev", at(repository, "rev")), *shared]
            yield name, mapping(hook, [*hook.entries, *rest, ("skipped", skipped[0] if skipped else None)])


def _is_ours(name: Scalar, hook: Mapping) -> bool:
    entry = text(hook.get("entry"))
    return name.raw == "riskcheck" or (entry is not None and "riskcheck" in entry.raw.split())
