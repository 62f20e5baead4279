"""riskcheck's own files in the working tree, as they are on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, Format


def on_disk(root: str, name: str, format_: Format) -> Document | None:
    """The file called `name` in folder `root`; None where there is none. Raises `click.UsageError`."""
    path = Path(root) / name
    if path.is_symlink():
        raise click.UsageError(f"{name} is a symbolic link; riskcheck writes files only")
    if not path.is_file():
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{name} cannot be read ({error.strerror})") from None
    return in_memory(name, content, format_)


def in_memory(name: str, content: bytes, format_: Format) -> Document:
    """`content` as if it were the file called `name`."""
    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import MemoryTree

    return DocumentStore(MemoryTree({name: content}, "head", "disk")).get(name, format_)
