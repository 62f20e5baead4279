"""Links that leave `docs/`: to schemas, examples, tests and the files at the top of the repository."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK: Final = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)#\s]+)((?:#[^)\s]*)?)(?=\))")
"""A relative link: its path and its fragment."""


def repository_path(uri: str) -> str:
    """Where the page `uri` of the site stands in the repository."""
    return uri.removeprefix("repository/") if uri.startswith("repository/") else f"docs/{uri}"


def page_of(path: str) -> str:
    """The page of the site that shows the file `path` of the repository. Source code becomes a page of its own."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"repository/{path}.md" if path.endswith(".py") else f"repository/{path}"


def with_site_links(markdown: str, place: str, root: Path) -> str:
    """The text of the page at `place`, with its relative links as they are on the site."""

    def settled(link: re.Match[str]) -> str:
        target = _target(place, link[1], root)
        if target is None:
            return link[0]
        return posixpath.relpath(page_of(target), posixpath.dirname(page_of(place)) or ".") + link[2]

    return LINK.sub(settled, markdown)


@lru_cache(maxsize=1)
def copies(root: Path) -> tuple[str, ...]:
    """Files outside of `docs/` that pages link to, and those that these link to, by path."""
    waiting = [path.relative_to(root).as_posix() for path in sorted((root / "docs").rglob("*.md"))]
    seen = set(waiting)
    while waiting:
        for target in _targets(waiting.pop(), root):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return tuple(sorted(path for path in seen if not path.startswith("docs/")))


def _targets(place: str, root: Path) -> Iterator[str]:
    if place.endswith(".md"):
        for link in LINK.finditer((root / place).read_text("utf-8")):
            target = _target(place, link[1], root)
            if target is not None:
                yield target


def _target(place: str, link: str, root: Path) -> str | None:
    """The file of the repository that `link` leads to; of a directory its README. None where there is none."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place), link))
    if path.startswith(".."):
        return None
    if (root / path).is_dir():
        path = f"{path}/README.md"
    return path if (root / path).is_file() else None
