"""Edits of ``riskcheck.yaml`` after which files belong to an environment or a service of less weight.

Of environments the first whose paths match counts, of services the last: an entry that is put before or behind
another one takes its files from it, without a word of the other being touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.gate_values import TIERS, Weakening, at, named, rank, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.rules.checks.gate_values import Plain

MOST_PATTERNS: Final = 500
"""Patterns of one list that are held against each other."""


class _Place(NamedTuple):
    name: str
    entry: Plain
    globs: tuple[Glob, ...]

    def holds(self, path: str) -> bool:
        return any(glob.matches(path) for glob in self.globs)


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Files of production that come to belong to a lower stage, and files of a service that matters that come to
    belong to one that matters less."""
    old, new = _places(before, "environments"), _places(after, "environments")
    for path, pattern in _probes(old, new):
        was, becomes = _first(old, path), _first(new, path)
        if was and becomes and was.entry.get("stage") == "prod" and becomes.entry.get("stage") != "prod":
            if becomes.name != was.name:
                where = at("environments", f"[{becomes.name}]", "paths")
                yield Weakening(
                    where, f"{pattern} goes from {was.name} to {becomes.name}, which is not production"
                )
            break
    old, new = _places(before, "services")[::-1], _places(after, "services")[::-1]
    for path, pattern in _probes(old, new):
        was, becomes = _first(old, path), _first(new, path)
        if was and becomes and was.name != becomes.name and _lighter(was.entry, becomes.entry):
            where = at("services", f"[{becomes.name}]", "paths")
            yield Weakening(where, f"{pattern} goes from {was.name} to {becomes.name}, which matters less")
            break


def _lighter(was: Plain, becomes: Plain) -> bool:
    """Whether a service is less critical than another, or outside of a scope or a promise of support of it."""
    tiers = [rank(TIERS, one.get("criticality")) for one in (was, becomes)]
    return (
        tiers[1] < tiers[0]
        or any(scope not in words(becomes.get("scopes")) for scope in words(was.get("scopes")))
        or (bool(was.get("support")) and becomes.get("support") != was.get("support"))
    )


def _first(places: Sequence[_Place], path: str) -> _Place | None:
    return next((place for place in places if place.holds(path)), None)


def _probes(old: Sequence[_Place], new: Sequence[_Place]) -> Iterator[tuple[str, str]]:
    """Paths that the patterns of both sides are sure to match, each with its pattern."""
    patterns = dict.fromkeys(pattern for place in (*old, *new) for pattern in words(place.entry.get("paths")))
    for pattern in list(patterns)[:MOST_PATTERNS]:
        for filler in ("x", "x/x"):
            path = pattern.replace("**", filler).replace("*", "x").replace("?", "x")
            yield (f"{path}x" if path.endswith("/") else path), pattern
            if filler == "x":
                yield f"{path}/x.yaml", pattern


def _places(policy: Plain, key: str) -> list[_Place]:
    found = []
    for name, entry in named(policy.get(key)).items():
        globs = []
        for pattern in words(entry.get("paths"))[:MOST_PATTERNS]:
            try:
                globs.append(Glob(pattern))
            except GlobError:
                continue
        if globs:
            found.append(_Place(name, entry, tuple(globs)))
    return found
