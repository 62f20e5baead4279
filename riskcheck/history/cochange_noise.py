"""What tells nothing about files that belong together: changes that are left out, files that are no partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.generated import stands_among_generated

if TYPE_CHECKING:
    from riskcheck.history.model import LandedChange

MOST_FILES: Final = 30
"""Files of a change that is looked at: larger ones move, format or generate, and tie everything to everything."""

_LOCKS: Final = frozenset(
    {
        ".terraform.lock.hcl",
        "cargo.lock",
        "chart.lock",
        "composer.lock",
        "flake.lock",
        "gemfile.lock",
        "go.sum",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pipfile.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "requirements.lock",
        "uv.lock",
        "yarn.lock",
    }
)
_WRITTEN: Final = (
    "authors",
    "changelog",
    "changes.",
    "codeowners",
    "contributing",
    "history.",
    "license",
    "owners",
    "readme",
    "release-notes",
)
_GENERATED: Final = (".generated.", ".gen.", ".rendered.", "_generated.", "-generated.")
_DOCUMENTS: Final = (".adoc", ".lock", ".markdown", ".md", ".rst", ".txt")


def is_ordinary(change: LandedChange) -> bool:
    """Whether `change` may tell what belongs together. `History.reverts` tells what else does not."""
    return not change.bot and 0 < change.files <= MOST_FILES and len(change.paths) <= MOST_FILES


def may_be_partner(path: str) -> bool:
    """Whether anybody may be reminded of `path`: lock files, generated files and documents follow by themselves, or
    are nobody's risk."""
    name = path.rpartition("/")[2].lower()
    return not (
        name in _LOCKS
        or name.startswith(_WRITTEN)
        or name.endswith(_DOCUMENTS)
        or any(word in name for word in _GENERATED)
        or stands_among_generated(path)
    )
