"""The file of ``--approvals``: what CI says was approved, never what the change says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from riskcheck.policy.model import Approval
    from riskcheck.trees import Comparison


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
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--approvals {path}: cannot be read ({error})") from None
    return read_approvals(path, text)


def _comes_with_the_change(path: str, comparison: Comparison) -> bool:
    """Whether a file is part of what is judged, and not as it is on the branch that is merged into."""
    if comparison.root is None:
        return False
    file, root = Path(path).resolve(), Path(comparison.root).resolve()
    if not file.is_relative_to(root):
        return False
    name = file.relative_to(root).as_posix()
    here, decided = comparison.head.entry(name), comparison.deciding.entry(name)
    return here is not None and (decided is None or here.blob is None or decided.blob != here.blob)
