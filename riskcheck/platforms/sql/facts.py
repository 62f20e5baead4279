"""What must be known around a statement that is new, to tell a loss from daily work.

Only statements that the other side does not have, or has with other flags, get facts: for the others they could
differ without any change.

- ``moved``: another file of the base has it, which the change empties of it.
- ``migration``: the file is run once, after others.
- ``made_again``: the same script makes or fills the thing afterwards.
- ``known``: statements of the base are about it.
- ``holds``: statements of the base create it, and not all of them bring its contents along.
- ``made_anew``: all of them do.
- ``external``: dropping it leaves its files.
- ``fresh``: the change itself creates it.
- ``was``: ``{columns: name to type, properties: key to value}`` before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from riskcheck.models import Limitation
from riskcheck.platforms.sql.files import is_migration
from riskcheck.platforms.sql.script import read_script
from riskcheck.platforms.sql.states import MOST_COMPARED, Fillings, KnownTables, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Mapping
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.sql.script import Entry, Script

_MOST_SHOWN: Final = 2_000


class Known(Protocol):
    """What `riskcheck.platforms.sql.bodies` asks about a statement."""

    def of(self, script: Script, entry: Entry) -> Mapping | None:
        """The facts, None for a statement without any."""


class Facts:
    """Facts about the statements of the scripts of one side; all of the base side are without."""

    def __init__(self, workspace: Workspace, scripts: MappingOf[str, Script]) -> None:
        self._scripts = scripts
        base = workspace.other if workspace.side == "head" else None
        self._before: dict[str, dict[str, frozenset[str]]] = {}
        self._known = KnownTables(base) if base is not None else None
        self._asked = False
        self._numbers: dict[str, dict[str, int]] = {}
        self._fillings: dict[str, Fillings] = {}
        self._created: dict[str, list[Entry]] = {}
        if base is not None:
            for path in scripts:
                document = base.get(path)
                entries = read_script(path, "base", document.text).entries
                self._before[path] = {entry.id: entry.statement.flags for entry in entries}
            self._index()

    def _index(self) -> None:
        for path, script in self._scripts.items():
            self._numbers[path] = {entry.id: number for number, entry in enumerate(script.entries)}
            self._fillings[path] = Fillings(script.entries)
            for entry in script.entries:
                if entry.verb == "CREATE":
                    self._created.setdefault(entry.full.rpartition(".")[2], []).append(entry)

    def is_new(self, script: Script, entry: Entry) -> bool:
        """Whether this side is the head and the base has no such statement."""
        before = self._before.get(script.path, {})
        return self._known is not None and before.get(entry.id) != entry.statement.flags

    def of(self, script: Script, entry: Entry) -> Mapping | None:
        if self._known is None or not self.is_new(script, entry):
            return None
        self._asked = True
        words = self._words(script, entry)
        places, at = script.places, entry.statement.piece
        span = (at.start, at.tokens[0].end)
        was = self._known.state(entry.full)
        earlier = [
            (key, places.mapping(*span, [(name, places.scalar(text, *span)) for name, text in some]))
            for key, some in (
                ("columns", list(was.columns.items())[:_MOST_SHOWN]),
                ("properties", list(was.properties.items())[:_MOST_SHOWN]),
            )
            if some
        ]
        fields = [(word, places.scalar(True, *span)) for word in words]
        return places.mapping(*span, [*fields, ("was", places.mapping(*span, earlier) if earlier else None)])

    def _words(self, script: Script, entry: Entry) -> Iterator[str]:
        assert self._known is not None
        if self._is_moved(entry, script.path):
            yield "moved"
        if is_migration(script.path):
            yield "migration"
        if self._fillings[script.path].after(self._numbers[script.path][entry.id], entry.full):
            yield "made_again"
        state = self._known.state(entry.full)
        if state.named:
            yield "known"
        if state.created:
            yield "made_anew" if state.made_anew else "holds"
        if state.external:
            yield "external"
        if not state.created and self._is_created(entry):
            yield "fresh"

    def _is_moved(self, entry: Entry, path: str) -> bool:
        return any(
            entry.id in ids and entry.id not in self._numbers[other]
            for other, ids in self._before.items()
            if other != path
        )

    def _is_created(self, entry: Entry) -> bool:
        known = self._created.get(entry.full.rpartition(".")[2], ())[:MOST_COMPARED]
        return any(one.object == entry.object and same_name(one.full, entry.full) for one in known)

    def limitations(self) -> Iterator[Limitation]:
        if self._asked and self._known is not None and not self._known.complete:
            message = "there is more SQL than is looked through for what made a table"
            yield Limitation(next(iter(self._scripts), ""), "too-many-files", message)
