"""The form in which git would store a working-tree file, found out without running a program.

Attributes: https://git-scm.com/docs/gitattributes
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.sources.git import NOT_UNDERSTOOD, GitError
from riskcheck.sources.names import printable
from riskcheck.sources.spec import SourceError
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from riskcheck.sources.disk import Disk
    from riskcheck.sources.git import Git

_FILTER_KEY: Final = regex(r"filter\.(.*)\.[^.]*", re.DOTALL)
_IDENT: Final = regex(rb"\$Id:[^$\n]*\$")
_ENCODING: Final = regex(
    r"(?:utf-?(?:8|16|32)(?:-?[bl]e)?(?:-bom)?|iso-?8859-?\d+|latin-?\d+|windows-?\d+|cp-?\d+"
    r"|shift[-_]?jis|euc-?(?:jp|kr|cn)|gb\d+|gbk|big5|koi8-?[ru])",
    re.IGNORECASE,
)
"""Encodings of text files. Others that Python knows take quadratic time (idna, punycode) or are none."""

_WORDS: Final = frozenset({"unspecified", "unset", "set"})


class Attributes(NamedTuple):
    """What the attributes of a path say about storing it. filter: one that has a program, else None."""

    filter: str | None = None
    encoding: str | None = None
    ident: bool = False


PLAIN: Final = Attributes()


def filter_names(listed: bytes) -> frozenset[str]:
    """Names of the configured filters, out of ``git config -z --name-only --get-regexp ^filter[.]``."""
    keys = listed.decode("utf-8", "surrogateescape").split("\0")
    return frozenset(match[1] for key in keys if (match := _FILTER_KEY.fullmatch(key)))


def without_filters(names: Collection[str]) -> tuple[str, ...]:
    """Settings for a git command under which none of the filters `names` runs. Raises `SourceError`."""
    settings: list[str] = []
    for name in sorted(names):
        if "=" in name or "\n" in name:
            raise SourceError(
                f"the git filter {printable(name)!r} cannot be switched off: rename it without '='"
            )
        for setting in ("clean=", "smudge=", "process=", "required=false"):
            settings += "-c", f"filter.{name}.{setting}"
    return tuple(settings)


def attributes_of(
    git: Git, paths: Sequence[str], prefix: str, filters: Collection[str]
) -> dict[str, Attributes]:
    """Attributes of those of `paths` that have any. prefix: the folder git runs in. Raises `GitError`."""
    up = "../" * prefix.count("/")
    answer = git.run(
        *("check-attr", "-z", "--stdin", "filter", "working-tree-encoding", "ident"),
        stdin="".join(f"{up}{path}\0" for path in paths).encode("utf-8", "surrogateescape"),
    )
    values = answer.decode("utf-8", "surrogateescape").split("\0")[2::3]
    if len(values) != 3 * len(paths):
        raise GitError("check-attr", 0, NOT_UNDERSTOOD)
    found: dict[str, Attributes] = {}
    for path, name, encoding, ident in zip(paths, values[0::3], values[1::3], values[2::3], strict=True):
        attributes = Attributes(
            name if name in filters else None, None if encoding in _WORDS else encoding, ident == "set"
        )
        if attributes != PLAIN:
            found[path] = attributes
    return found


def stored(disk: Disk, path: str, attributes: Attributes = PLAIN) -> bytes:
    """Content of a file as git would store it, line ends aside. Raises `UnreadableError`.

    No filter is run: behind one it is the content as people edit it.
    """
    data = disk.read(path)
    if disk.kind(path) != "file":
        return data
    if attributes.encoding is not None:
        try:
            data = _decoded(data, attributes.encoding).encode("utf-8")
        except (LookupError, ValueError):
            raise UnreadableError(
                path, "encoding", f"{printable(path)}: it is not {printable(attributes.encoding)} text"
            ) from None
    return _IDENT.sub(b"$Id$", data) if attributes.ident else data


def _decoded(data: bytes, encoding: str) -> str:
    """Raises `LookupError` for an encoding that is not read, `ValueError` for what is not text in it."""
    if not _ENCODING.fullmatch(encoding):
        raise LookupError(encoding)
    name = encoding.lower()
    text = data.decode(name.removesuffix("-bom"))
    return text.removeprefix("\ufeff") if name.endswith("-bom") else text
