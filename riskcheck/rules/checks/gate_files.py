"""Edits of ``files`` in ``riskcheck.yaml`` after which less is analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    added,
    at,
    part,
    removed,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


_PROBES: Final = ("a.yaml", "deploy/prod/web.yaml")


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Patterns that are left out, or no longer included."""
    old, new = part(before, "files"), part(after, "files")
    known = words(old.get("exclude"))
    for pattern in added(old.get("exclude"), new.get("exclude")):
        # Where no policy was there, leaving out test data is part of writing the first one; everything is not.
        relevant = before or any(_matches(pattern, probe) for probe in _PROBES)
        if relevant and not any(_covers(one, pattern) for one in known):
            yield Weakening(at("files", "exclude", f"[{pattern}]"), f"{pattern} is not analysed any more")
    for pattern in removed(old.get("include"), new.get("include")):
        if not any(_covers(one, pattern) for one in words(new.get("include"))):
            yield Weakening(at("files", "include", f"[{pattern}]"), f"{pattern} is no longer included")


def _covers(wide: str, narrow: str) -> bool:
    """Whether all that `narrow` matches is sure to match `wide`."""
    shapes = [narrow.replace("**", filler) for filler in ("x", "x/x")]
    shapes += [narrow.replace("**/", "").replace("/**", "")] if "**" in narrow else []
    return all(_matches(wide, shape.replace("*", "x").replace("?", "x")) for shape in shapes)


def _matches(pattern: str, path: str) -> bool:
    try:
        return Glob(pattern).matches(path)
    except GlobError:
        return False
