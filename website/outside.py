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

SHOWN: Final = {".py": "python", ".sh": "bash", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
"""Endings of files that become pages, with the language that they are highlighted in."""


def repository_path(uri: str) -> str:
    """Where the page `uri` of the site stands in the repository."""
    return uri.removeprefix("repository/") if uri.startswith("repository/") else f"docs/{uri}"


def page_of(path: str) -> str:
    """What of the site shows `path` of the repository. Source code is a page, and so is a folder (`path/`)."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path.endswith("/"):
        return f"repository/{path}README.md"
    return f"repository/{path}.md" if posixpath.splitext(path)[1] in SHOWN else f"repository/{path}"


def content_of(path: str, root: Path) -> str | None:
    """The text of a page that is made for a file or folder; None for what is shown as it is."""
    if path.endswith("/"):
        names = sorted(one.name + "/" * one.is_dir() for one in (root / path).iterdir())
        links = (
            f"- [{name}]({posixpath.relpath(page_of(path + name), page_of(path)[:-10])})" for name in names
        )
        return "\n".join((f"# {path}", "", *links, ""))
    language = SHOWN.get(posixpath.splitext(path)[1])
    if language is None:
        return None
    text = (root / path).read_text("utf-8")
    return f"# {path}\n\n~~~~~{language}\n{text}~~~~~\n"


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
    """What pages link to outside of `docs/`, and what that links to or holds, by path."""
    waiting = [path.relative_to(root).as_posix() for path in sorted((root / "docs").rglob("*.md"))]
    seen = set(waiting)
    while waiting:
        for target in _targets(waiting.pop(), root):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return tuple(sorted(path for path in seen if not path.startswith("docs/")))


def _targets(place: str, root: Path) -> Iterator[str]:
    if place.endswith("/"):
        yield from (place + one.name + "/" * one.is_dir() for one in (root / place).iterdir())
    elif place.endswith(".md"):
        for link in LINK.finditer((root / place).read_text("utf-8")):
            target = _target(place, link[1], root)
            if target is not None:
                yield target


def _target(place: str, link: str, root: Path) -> str | None:
    """The file that `link` leads to; of a folder its README, or else the folder. None where there is nothing."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place), link))
    if path.startswith(".."):
        return None
    if (root / path).is_dir():
        return f"{path}/README.md" if (root / path / "README.md").is_file() else f"{path}/"
    return path if (root / path).is_file() else None
