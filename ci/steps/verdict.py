"""Ends the job as riskcheck said: after the summary, the annotations and the comment are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steps.problem import StepError, command


def run(environ: Mapping[str, str], _: Sequence[str]) -> int:
    """The exit code of riskcheck. Raises `StepError` where there is none: nothing was judged, so nothing passes."""
    code = environ.get("EXIT_CODE", "")
    if code == "1":
        print(command("error", "the change is blocked: the job summary and the comment say why"))
    if code not in ("0", "1"):
        raise StepError("nothing was judged: the steps before say why")
    return int(code)
