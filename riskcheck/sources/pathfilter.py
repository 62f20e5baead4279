"""Which changes are looked at: path filters in the manner of git's pathspecs."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, Final

from riskcheck.sources.names import printable
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.trees import PathChange

_GLOB: Final = frozenset("*?[")


class PathFilter:
    """Prefixes and globs, relative to `prefix` (a folder of the tree, "" or ending in a slash).

    ``dir`` and ``dir/`` take everything below; in globs ``*`` and ``?`` match ``/`` too, as in git. ``:/x`` and
    ``:(top)x`` count from the top, ``:!x``, ``:^x`` and ``:(exclude)x`` leave out; other magic is refused.
    Absolute paths are allowed below `top`, the root folder. Without any but excluding filters all is taken.
    """

    def __init__(self, filters: Sequence[str], prefix: str = "", top: str | None = None) -> None:
        """Raises `SourceError` for a filter that leads out of the tree or uses unknown magic."""
        self._take: list[re.Pattern[str]] = []
        self._leave: list[re.Pattern[str]] = []
        told: list[str] = []
        for text in filters:
            exclude, from_top, path = _magic(text)
            start = "" if from_top else prefix
            inside = _inside(text, path, start, top)
            (self._leave if exclude else self._take).append(_pattern(inside, start))
            told.append(f":{'!' if exclude else ''}/{inside}")
        self.filters = tuple(told)
        """The same filters, counted from the top of the tree."""

    def __bool__(self) -> bool:
        return bool(self._take or self._leave)

    def matches(self, path: str) -> bool:
        return (not self._take or any(pattern.fullmatch(path) for pattern in self._take)) and not any(
            pattern.fullmatch(path) for pattern in self._leave
        )

    def keeps(self, change: PathChange) -> bool:
        """A rename is looked at when either of its names is."""
        return self.matches(change.path) or self.matches(change.old_path)


def _magic(text: str) -> tuple[bool, bool, str]:
    """Exclude, from the top, and the rest of a filter."""
    if not text.startswith(":"):
        return False, False, text
    exclude = top = False
    if text.startswith(":("):
        words, closed, path = text[2:].partition(")")
        known = set(words.split(",")) - {""}
        if not closed or known - {"top", "exclude", "glob"}:
            raise SourceError(
                f"{printable(text)}: of git's path magic only top, exclude and glob are understood"
            )
        return "exclude" in known, "top" in known, path
    path = text[1:]
    while path[:1] in ("!", "^", "/"):
        exclude, top = exclude or path[0] != "/", top or path[0] == "/"
        path = path[1:]
    return exclude, top, path.removeprefix(":")


def _inside(text: str, path: str, prefix: str, top: str | None) -> str:
    """`path` from the top of the tree, "" for all of it."""
    path = path.replace(os.sep, "/")
    if posixpath.isabs(path):
        relative = posixpath.relpath(path, top) if top else ".."
    else:
        relative = posixpath.normpath(posixpath.join(prefix, path or "."))
    if relative == ".." or relative.startswith("../"):
        raise SourceError(f"{printable(text)} is outside of what is compared: name a path below its root")
    return "" if relative == "." else relative


def _pattern(path: str, literal: str) -> re.Pattern[str]:
    """literal: the folder started from, whose name may look like a glob but is none."""
    if not path:
        return re.compile(r"(?s:.*)")
    exact = re.escape(path) + r"(?s:/.*)?"
    if not _GLOB.intersection(path.removeprefix(literal)):
        return re.compile(exact)
    from fnmatch import translate

    start = literal if path.startswith(literal) else ""
    return re.compile(f"{exact}|{re.escape(start)}{translate(path.removeprefix(start))}")
