"""All catalogs of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.codeowners import Owners
from riskcheck.catalogs.codeowners import read as read_owners
from riskcheck.catalogs.formats import OWNERS_IN_ORDER, format_of
from riskcheck.catalogs.read import read
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.dependencies import CatalogEntry
    from riskcheck.documents.store import DocumentStore
    from riskcheck.models import Limitation


class Catalogs(NamedTuple):
    """What all catalogs of a tree say. entries: in the order of paths and lines."""

    entries: tuple[CatalogEntry, ...]
    owners: Owners
    limitations: tuple[Limitation, ...]

    def owned(self, homes: Iterable[tuple[str, str]], known: Iterable[str]) -> Iterator[CatalogEntry]:
        """Entries of code owners for services that nothing else gives an owner: who reviews a file need not run
        what it configures. homes: name and own path of each service; known: the names that have an owner."""
        have = {*known, *(one.service.name for one in self.entries if one.service.owner is not None)}
        every = (*((one.service.name, one.location.path) for one in self.entries), *homes)
        first = dict(reversed([home for home in every if home[0] not in have]))
        yield from self.owners.entries(sorted(first.items()))


def read_all(documents: DocumentStore, paths: Iterable[str], globs: Sequence[str] = ()) -> Catalogs:
    """Every catalog among `paths`. globs: `catalogs` of the policy."""
    promised = {path: format_ for path in sorted(paths) if (format_ := format_of(path, globs)) is not None}
    documents.prefetch(promised)
    entries: list[CatalogEntry] = []
    limitations: list[Limitation] = []
    for path, format_ in promised.items():
        if format_ != "codeowners":
            found = read(documents.get(path), format_)
            entries.extend(found.entries)
            limitations.extend(found.limitations)
    owners = Owners(())
    for path in OWNERS_IN_ORDER:
        if path in promised:
            owners, limits = read_owners(documents.get(path))
            limitations.extend(limits)
            break
    return Catalogs(tuple(entries), owners, tuple(limitations))
