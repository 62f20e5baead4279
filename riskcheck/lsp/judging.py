"""One run for an editor: the working tree with unsaved edits, against HEAD, by the policy of HEAD."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.commands.running import RunRequest, judge_opened, open_run, report_of
from riskcheck.lsp.shown import Shown, shown
from riskcheck.opening import state_environ
from riskcheck.sources.buffers import with_buffers
from riskcheck.sources.spec import RangeSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.lsp.texts import Encoding


def root_of(path: str) -> str | None:
    """The root of the working tree that `path` lies in; None where it lies in none."""
    at = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        if os.path.exists(os.path.join(at, ".git")):
            return at
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


def judge(root: str, texts: Mapping[str, str], unit: Encoding) -> Shown:
    """What an editor shows of the repository at `root`. texts: path from there to what the editor holds of it.

    Raises `RunError` where the run cannot be made.
    """
    # What a person edits is judged as such; what is blocked is said, and what can go ahead is asked in a terminal.
    request = RunRequest(RangeSpec(root, environ=state_environ()), scope=False)
    opened = open_run(request)
    if opened is None:
        return Shown((), "nothing to check")
    comparison = with_buffers(opened.comparison, texts)
    judged = judge_opened(request, opened._replace(comparison=comparison))
    return shown(report_of(judged), comparison, unit)
