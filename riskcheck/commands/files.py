"""Files that a run writes: whole or not at all, and nowhere but where they were asked for.

A run stands in the checkout of a stranger. Links there are the stranger's: they lead no report out of it, and
nothing is written through them.
"""

from __future__ import annotations

import os

import click

from riskcheck.drafts import remove_leftovers, write_whole


def check_writable(path: str) -> None:
    """Raises `click.UsageError` where `write_file` could not write: told before the analysis, not after it."""
    folder = os.path.dirname(path) or "."
    _refuse_links(folder, path)
    if os.path.isdir(path):
        raise click.UsageError(f"cannot write {path}: it is a directory")
    if not os.path.isdir(folder):
        raise click.UsageError(f"cannot write {path}: there is no directory {folder}")
    if not os.access(path if _is_device(path) else folder, os.W_OK):
        raise click.UsageError(f"cannot write {path}: permission denied")


def write_file(path: str, text: str) -> None:
    """Written beside the target and moved over it, which replaces a link and leaves alone what it leads to. What is
    no file, as a device or a pipe, is written to: moving a file over `/dev/null` would take it from everybody."""
    folder, name = os.path.split(path)
    _refuse_links(folder or ".", path)
    if _is_device(path):
        try:
            with open(path, "w", encoding="utf-8") as device:
                device.write(text)
        except OSError as error:
            raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
        return
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
    remove_leftovers(folder, name)


def _is_device(path: str) -> bool:
    """Whether `path` is there and is neither file nor folder. A link to such a thing counts where the system keeps
    them: `/dev/stdout` is one."""
    if not os.path.exists(path) or os.path.isfile(path) or os.path.isdir(path):
        return False
    return not os.path.islink(path) or os.path.abspath(path).startswith(("/dev/", "/proc/"))


def _refuse_links(folder: str, path: str) -> None:
    """Raises `click.UsageError` where a folder that is named from here is a link that leads out of here."""
    if os.path.isabs(folder):
        return
    here = os.path.realpath(".")
    at = "."
    for part in folder.split(os.sep):
        at = os.path.join(at, part)
        if part != os.pardir and os.path.islink(at):
            found = os.path.realpath(at)
            if os.path.commonpath((here, found)) != here:
                link = os.path.normpath(at)
                raise click.UsageError(
                    f"cannot write {path}: {link} is a link that leads out of this folder; name {found} if it is "
                    "meant"
                )
