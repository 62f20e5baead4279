"""Ids of git's trees, computed without writing an object: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.sources.objects import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES: Final = {"symlink": "120000", "submodule": "160000"}
"""Kind of an entry to its octal mode; files have one of two."""

EXECUTABLE: Final = "100755"
FILE: Final = "100644"


def tree_id(files: Mapping[str, tuple[str, str]], algorithm: str) -> str:
    """The id of the tree that holds `files`: path to octal mode and object id.

    algorithm: ``sha1`` or ``sha256``.
    """
    children: dict[str, dict[str, tuple[str, str]]] = {"": {}}
    for path, entry in files.items():
        folder, _, name = path.rpartition("/")
        while folder and folder not in children:
            children[folder] = {}
            folder = folder.rpartition("/")[0]
        children[path.rpartition("/")[0]][name] = entry
    for folder in sorted(children, key=_depth, reverse=True):
        oid = _object_id(children[folder], algorithm)
        if not folder:
            return oid
        above, _, name = folder.rpartition("/")
        children[above][name] = (FOLDER, oid)
    raise AssertionError("the root is the last of all folders")


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _object_id(entries: Mapping[str, tuple[str, str]], algorithm: str) -> str:
    from hashlib import new

    # git sorts a folder as if its name ended in a slash.
    named = sorted(
        (name.encode("utf-8", "surrogateescape"), mode, oid) for name, (mode, oid) in entries.items()
    )
    named.sort(key=lambda one: one[0] + (b"/" if one[1] == FOLDER else b""))
    data = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for name, mode, oid in named)
    return new(algorithm, b"tree %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
