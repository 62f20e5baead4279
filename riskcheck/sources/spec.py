"""What may be compared, as the caller states it, and how a comparison that cannot be made is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.errors import RunError
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Larger files are not read. Generated API schemas of real repositories reach 5 MB; parsing takes 50 ms a MB."""


class SourceError(RunError):
    """The comparison cannot be made. The message is one line: what, where, what to do. Exit code 2."""


class RangeSpec(NamedTuple):
    """One request to compare. At most one of the forms is given; none means the working tree against HEAD.

    root: folder to start from; the repository is found from there, and relative `paths` count from there.
    revision: ``REV``, ``A..B`` or ``A...B``. base, head: the two ends of a pull request, compared like
    ``base...head``; head is HEAD where it is None. staged: the index against HEAD. from_dir, to_dir: two
    folders, without git.

    paths: only changes of these paths are kept. Prefixes or globs as git's pathspecs: ``*`` also matches
    ``/``, ``:/x`` counts from the top of the repository, ``:!x`` excludes.
    environ: what git is run with, and where pre-commit and the CI say what they are checking.
    clock: seconds since the epoch; None asks the machine.
    max_file_bytes: larger files raise `UnreadableError` of kind ``too-large`` and are not read.
    """

    root: str | os.PathLike[str] = "."
    revision: str | None = None
    base: str | None = None
    head: str | None = None
    staged: bool = False
    from_dir: str | os.PathLike[str] | None = None
    to_dir: str | os.PathLike[str] | None = None
    paths: tuple[str, ...] = ()
    environ: Mapping[str, str] = os.environ
    clock: int | None = None
    max_file_bytes: int = MAX_FILE_BYTES
