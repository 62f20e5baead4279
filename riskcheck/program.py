"""Which program this is: for what is kept between runs and holds for the very same program only."""

from __future__ import annotations

import os
import sys
from typing import Final

from riskcheck import __version__

_PARSERS: Final = ("_ruamel_yaml", "sqlglot", "tree_sitter", "tree_sitter_hcl")
"""What reads files for us where it is installed; without it the same files say less."""


def stamp() -> str:
    """The same for the same code, Python and parsers; told from sizes and times of files, none of which is read."""
    seen = [__version__, sys.version]
    seen += sorted(_files(os.path.dirname(os.path.abspath(__file__))))
    seen += (_parser(name) for name in _PARSERS)
    from hashlib import blake2b

    return blake2b("\n".join(seen).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def parsers() -> str:
    """The same for the same parsers."""
    from hashlib import blake2b

    seen = "\n".join((sys.version, *map(_parser, _PARSERS)))
    return blake2b(seen.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _files(folder: str) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
            elif entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                found += _files(entry.path)
    return found


def _parser(name: str) -> str:
    from importlib.util import find_spec

    spec = find_spec(name)
    origin = spec.origin if spec is not None else None
    if origin is None:
        return f"{name} is not here"
    try:
        status = os.stat(origin)
    except OSError:
        return f"{name} in {origin}"
    return f"{name} in {origin} {status.st_size} {status.st_mtime_ns}"
