"""The file of ``--approvals``: what CI says was approved, never what the change says of itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from riskcheck.policy.model import Approval
    from riskcheck.trees import Comparison

MOST_BYTES: Final = 16 * 1024 * 1024


def given_approvals(path: str, comparison: Comparison) -> tuple[Approval, ...]:
    """The approvals that CI hands in at `path`. Raises `click.UsageError` where it cannot be read or comes with
    the change, `RunError` where it holds something else."""
    from riskcheck.policy.approvals import read_approvals

    if _comes_with_the_change(path, comparison):
        raise click.UsageError(
            f"--approvals {path}: this file comes with the change, which cannot approve itself; "
            "let CI write what was approved to a file outside of the repository"
        )
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise click.UsageError(f"--approvals {path}: cannot be read ({error})") from None
    if len(data) > MOST_BYTES:
        raise click.UsageError(f"--approvals {path}: is larger than {MOST_BYTES:,} bytes")
    return read_approvals(path, text)


def _comes_with_the_change(path: str, comparison: Comparison) -> bool:
    """Whether a file is part of what is judged, and not as it is on the branch that is merged into."""
    if comparison.root is None:
        return False
    root = Path(comparison.root).resolve()
    written = Path(os.path.normpath(Path(path).absolute()))
    # A link may lead out of the repository and is of the change all the same; so may a folder on the way.
    return any(
        _differs(file.relative_to(root), comparison)
        for file in (written, written.parent.resolve() / written.name, written.resolve())
        if file.is_relative_to(root)
    )


def _differs(file: Path, comparison: Comparison) -> bool:
    """Whether `file` or a link on the way to it is not as it was decided."""
    return any(_other(one.as_posix(), comparison) for one in (file, *file.parents[:-1]))


def _other(name: str, comparison: Comparison) -> bool:
    here, decided = comparison.head.entry(name), comparison.deciding.entry(name)
    return here is not None and (decided is None or here.blob is None or decided.blob != here.blob)
