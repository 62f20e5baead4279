"""riskcheck's own files in the working tree, as they are on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, Format


MOST_BYTES: Final = 16 * 1024 * 1024


def on_disk(root: str, name: str, format_: Format) -> Document | None:
    """The file called `name` in folder `root`; None where there is none.

    Raises `click.UsageError` for what is no regular file, for what is too large, and where a link on the way may
    lead out of the tree: what is read here is written again.
    """
    from riskcheck.sources.disk import Disk
    from riskcheck.trees import UnreadableError

    path = Path(root)
    for part in Path(name).parts:
        path /= part
        if path.is_symlink():
            told = f"{path.relative_to(root)} is a symbolic link; riskcheck writes files only"
            raise click.UsageError(plain(told))
    if not path.exists():
        return None
    try:
        content = Disk(root, MOST_BYTES).read(Path(name).as_posix())
    except UnreadableError as error:
        raise click.UsageError(f"{plain(name)} cannot be read ({error})") from None
    return in_memory(name, content, format_)


def in_memory(name: str, content: bytes, format_: Format) -> Document:
    """`content` as if it were the file called `name`."""
    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import MemoryTree

    return DocumentStore(MemoryTree({name: content}, "head", "disk")).get(name, format_)
