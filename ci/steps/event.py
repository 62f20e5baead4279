"""What an event of GitHub Actions says about the change.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steps.places import given
from steps.problem import StepError

LARGEST = 32 * 1024 * 1024
"""GitHub caps events at 25 MB."""


def payload(environ: Mapping[str, str]) -> dict[str, Any]:
    """The event, {} where there is none or it cannot be read."""
    try:
        with Path(environ.get("GITHUB_EVENT_PATH", "")).open("rb") as file:
            event = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def base_of(environ: Mapping[str, str]) -> str:
    """The revision that the change will be merged into: a branch of origin, or a commit. Raises `StepError`."""
    asked = given(environ, "base")
    if asked:
        return _revision(asked, "the input base")
    event = payload(environ)
    name = environ.get("GITHUB_EVENT_NAME", "")
    if environ.get("GITHUB_BASE_REF"):
        return f"origin/{_revision(environ['GITHUB_BASE_REF'], 'GITHUB_BASE_REF')}"
    if name == "merge_group":
        base = _at(event, "merge_group", "base_sha")
        if base:
            return _revision(base, "the event")
    if name == "push":
        before = _at(event, "before")
        if before.strip("0"):
            return _revision(before, "the event")
        default = _at(event, "repository", "default_branch")
        if default:
            return f"origin/{_revision(default, 'the event')}"
    raise StepError(
        f"an event of kind {name or 'unknown'} does not say what the change is merged into: give the input base"
    )


def number_of(environ: Mapping[str, str]) -> int | None:
    """The number of the pull request, None where the event is of none. Raises `StepError`."""
    asked = given(environ, "pull-request")
    if asked:
        if not re.fullmatch(r"[1-9]\d{0,9}", asked):
            raise StepError(f"the input pull-request is {asked!r}: write its number")
        return int(asked)
    number = payload(environ).get("pull_request", {})
    found = number.get("number") if isinstance(number, dict) else None
    return found if isinstance(found, int) else None


def from_fork(environ: Mapping[str, str]) -> bool:
    """Whether the pull request comes from another repository."""
    event = payload(environ)
    head = _at(event, "pull_request", "head", "repo", "full_name")
    return bool(event.get("pull_request")) and head != environ.get("GITHUB_REPOSITORY", "")


def _revision(name: str, said: str) -> str:
    """`name`, if git could not take it for anything but a revision. Raises `StepError`."""
    if not re.fullmatch(r"(?![-.])[\w./@{}^~+#=%,-]{1,250}", name) or ".." in name:
        raise StepError(f"{said} is no revision: {name!r}")
    return name


def _at(event: Mapping[str, Any], *keys: str) -> str:
    found: Any = event
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
