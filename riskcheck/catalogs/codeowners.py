"""Code owners: which teams own which paths.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/

The last pattern that matches counts, and one without owners leaves a path without any. In GitLab that holds
section by section; a section may have owners for its patterns that name none. Persons are counted, never named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.teams import INDIVIDUAL, is_person, team
from riskcheck.dependencies import CatalogEntry
from riskcheck.globs import GlobError, GlobSet
from riskcheck.models import Limitation, Service, location_of
from riskcheck.nodes import Scalar, Source, made
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.models import Location

MAX_LINES = 20_000


class Line(NamedTuple):
    """One pattern. section: ``[Payments]`` in GitLab, else ``""``. owners: teams as written, persons as
    `INDIVIDUAL`."""

    pattern: Scalar
    owners: tuple[Scalar, ...]
    section: str = ""
    optional: bool = False


class Ownership(NamedTuple):
    """Who owns a path. teams: by name, in the order written; individuals: how many persons; location: of the
    line."""

    teams: tuple[str, ...]
    individuals: int
    location: Location


class Owners:
    """One CODEOWNERS file, asked by path."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = [(line, globs) for line in lines if (globs := _globs(line.pattern.raw)) is not None]

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def lines(self, path: str) -> tuple[Line, ...]:
        """The lines that decide who owns `path`: the last that matches, of each section."""
        last: dict[str, Line] = {}
        for line, globs in self._lines:
            if globs.matches(path):
                last[line.section] = line
        return tuple(last.values())

    def of(self, path: str) -> Ownership | None:
        """Who owns `path`, None where nobody does."""
        owned = [line for line in self.lines(path) if line.owners]
        if not owned:
            return None
        owners = [owner.raw for line in owned for owner in line.owners]
        names = [name for owner in owners if owner != INDIVIDUAL and (name := team(owner)) is not None]
        return Ownership(tuple(dict.fromkeys(names)), owners.count(INDIVIDUAL), location_of(owned[0].pattern))

    def entries(self, homes: Iterable[tuple[str, str]]) -> Iterator[CatalogEntry]:
        """Who owns each service. homes: name of a service, and a path that is its own (its catalog file, its first
        resource). Of several owners the first team counts."""
        for name, path in homes:
            found = self.of(path)
            if found is not None:
                owner = found.teams[0] if found.teams else INDIVIDUAL
                place = found.location
                service = Service(name, owner=owner, source=f"{place.path}:{place.line}")
                yield CatalogEntry("codeowners", service, place, fields=(("owner", place),))


def read(document: Document) -> tuple[Owners, tuple[Limitation, ...]]:
    """The owners of one file. A file that is longer than `MAX_LINES` is read so far, and said to be."""
    if document.unreadable is not None:
        reason = document.error.reason if document.error else document.unreadable
        return Owners(()), (Limitation(document.path, document.unreadable, reason, None, document.side),)
    lines = document.text.split("\n")
    found = Owners(parse(lines, Source(document.path, document.side)))
    if len(lines) <= MAX_LINES:
        return found, ()
    message = f"more than {MAX_LINES:,} lines; the rest is not read"
    return found, (Limitation(document.path, "too-large", message, MAX_LINES, document.side),)


def parse(lines: list[str], source: Source) -> Iterator[Line]:
    """The patterns of a file, in order."""
    section = ""
    defaults: tuple[Scalar, ...] = ()
    optional = False
    for number, line in enumerate(lines[:MAX_LINES]):
        words = _words(line, number, source)
        if not words:
            continue
        first = words[0].raw
        if first.startswith(("[", "^[")):
            optional = first.startswith("^")
            section = line.strip().removeprefix("^").partition("]")[0] + "] "
            defaults = tuple(_owner(word) for word in words if "@" in word.raw)
            continue
        yield Line(words[0], tuple(_owner(word) for word in words[1:]) or defaults, section, optional)


def _words(line: str, number: int, source: Source) -> list[Scalar]:
    """The words of a line with their columns, up to a comment; a backslash keeps a space in a pattern."""
    words: list[Scalar] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        if line[position] == "#":
            break
        end = position
        while end < len(line) and not line[end].isspace():
            end += 2 if line[end] == "\\" else 1
        raw = line[position:end].replace("\\ ", " ").replace("\\#", "#")
        words.append(Scalar(raw, source, number, position, number, end, "native", None, raw))
        position = end
    return words


def _owner(word: Scalar) -> Scalar:
    """A team (``@org/team``) or role (``@@maintainer``) as it is, a person as no one in particular."""
    return made(INDIVIDUAL, word) if is_person(word.raw) or not word.raw.startswith("@") else word


def as_glob(pattern: str) -> str:
    """A code owners pattern, which is one of gitignore, as a glob against the whole path."""
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    if pattern.endswith("/"):
        body += "/**"
    return body if anchored else f"**/{body}"


def _globs(pattern: str) -> GlobSet | None:
    """What `pattern` matches: a folder's name means all that is in it, ``docs/*`` only what is in it directly."""
    glob = as_glob(pattern)
    try:
        return GlobSet((glob,) if glob.endswith("/*") else (glob, f"{glob}/**"))
    except GlobError:
        return None
