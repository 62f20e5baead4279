"""Fetches the base branch and the history that a shallow checkout lacks.

It uses the remote and the credentials that the checkout holds. git reads no configuration of the change for that:
`.git/config` and hooks are those of the checkout step, and hooks are off all the same.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from shutil import which

from steps.event import base_of
from steps.places import checkout, clean, given
from steps.problem import StepError

_QUIET = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never"),
    *("-c", "fetch.recurseSubmodules=false", "-c", "maintenance.auto=false", "-c", "gc.auto=0"),
)


def run(environ: Mapping[str, str], _: Sequence[str]) -> int:
    """Raises `StepError` where the base cannot be had."""
    wanted = given(environ, "history") or "full"
    if wanted not in ("full", "none"):
        raise StepError(f"the input history is {wanted!r}: write full or none")
    base = base_of(environ)
    if wanted == "none":
        return 0
    deeper = ["--unshallow"] if _git(environ, "rev-parse", "--is-shallow-repository") == "true" else []
    branch = base.removeprefix("origin/") if base.startswith("origin/") else ""
    if not branch and not deeper and _known(environ, base):
        return 0
    refspecs = [f"+refs/heads/{branch}:refs/remotes/origin/{branch}"] if branch else []
    options = ("--no-tags", "--no-recurse-submodules", "--quiet", *deeper)
    try:
        _git(environ, "fetch", *options, "origin", *refspecs)
        if not _known(environ, base):
            _git(environ, "fetch", *options[:3], "origin", base)
    except StepError as error:
        raise StepError(
            f"the history of {base} could not be fetched: {error}. Check out with `fetch-depth: 0`, and leave "
            "`persist-credentials` at its default in this job or set the input `history: none`"
        ) from None
    return 0


def _known(environ: Mapping[str, str], revision: str) -> bool:
    try:
        _git(environ, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    except StepError:
        return False
    return True


def _git(environ: Mapping[str, str], *arguments: str) -> str:
    """What git answers. Raises `StepError` with its words."""
    child = clean(environ)
    done = subprocess.run(
        [which("git", path=child["PATH"]) or "git", *_QUIET, *arguments],
        cwd=checkout(environ),
        env=child,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise StepError((done.stderr.strip() or f"git {arguments[0]} failed").replace("\n", "; ")[:500])
    return done.stdout.strip()
