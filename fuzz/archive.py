"""Several files in one text, so that one input can be two trees and still be read and edited by people.

-- base/databricks.yml --
bundle: {name: orders}
-- head/databricks.yml --
bundle: {name: payments}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_HEADING: Final = re.compile(rb"^-- ([^\n]{1,500}?) --\n", re.MULTILINE)


def packed(files: Mapping[str, bytes]) -> bytes:
    """The text of `files`, in their order. A last line without an end gets one."""
    parts = []
    for name, data in files.items():
        ended = data if not data or data.endswith(b"\n") else data + b"\n"
        parts.append(b"-- " + name.encode("utf-8", "surrogateescape") + b" --\n" + ended)
    return b"".join(parts)


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a text; the last of two with one name counts. What stands before all headings is dropped."""
    pieces = _HEADING.split(data)[1:]
    return {
        name.decode("utf-8", "surrogateescape"): body
        for name, body in zip(pieces[::2], pieces[1::2], strict=True)
    }


def sides(data: bytes) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, bytes]]:
    """The trees ``base/`` and ``head/`` of a text, and the plans in ``plan/``. Paths are as git allows them: no
    empty name, no ``.`` or ``..``, no ``.git``."""
    trees: dict[str, dict[str, bytes]] = {"base": {}, "head": {}, "plan": {}}
    for name, body in unpacked(data).items():
        side, _, path = name.partition("/")
        if (
            side in trees
            and path
            and not _FORBIDDEN.intersection(path.lower().split("/"))
            and "\0" not in path
        ):
            trees[side][path] = body
    for tree in trees.values():
        for path in list(tree):
            if any(other.startswith(f"{path}/") for other in tree):
                del tree[path]  # git has a name either as a file or as a folder
    return trees["base"], trees["head"], trees["plan"]


_FORBIDDEN: Final = frozenset({"", ".", "..", ".git"})
