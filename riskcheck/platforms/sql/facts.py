"""What must be known around a statement that is new, to tell a loss from daily work.

Only statements that the other side does not have, or has with other flags, get facts: for the others they could
differ without any change.

- ``moved``: another file of the base has it, which the change empties of it.
- ``migration``: the file is run once, after others.
- ``made_again``: the same script makes or fills the thing afterwards.
- ``known``: statements of the base are about it.
- ``holds``: statements of the base create it, and not all of them bring its contents along.
- ``made_anew``: all of them do.
- ``fresh``: the change itself creates it.
- ``was``: ``{columns: name to type, properties: key to value}`` before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation
from riskcheck.platforms.sql.files import is_migration
from riskcheck.platforms.sql.script import read_script
from riskcheck.platforms.sql.states import KnownTables, is_filled_after, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Mapping
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.sql.script import Entry, Script

_MOST_SHOWN: Final = 2_000


class Facts:
    """Facts about the statements of the scripts of one side; all of the base side are without."""

    def __init__(self, workspace: Workspace, scripts: MappingOf[str, Script]) -> None:
        self._scripts = scripts
        base = workspace.other if workspace.side == "head" else None
        self._before: dict[str, dict[str, frozenset[str]]] = {}
        self._known = KnownTables(base) if base is not None else None
        self._asked = False
        if base is not None:
            for path in scripts:
                document = base.get(path)
                entries = read_script(path, "base", document.text).entries
                self._before[path] = {entry.id: entry.statement.flags for entry in entries}

    def of(self, script: Script, entry: Entry) -> Mapping | None:
        before = self._before.get(script.path, {})
        if self._known is None or before.get(entry.id) == entry.statement.flags:
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
        if self._is_moved(script, entry):
            yield "moved"
        if is_migration(script.path):
            yield "migration"
        if is_filled_after(script.entries, script.entries.index(entry)):
            yield "made_again"
        state = self._known.state(entry.full)
        if state.named:
            yield "known"
        if state.created:
            yield "made_anew" if state.made_anew else "holds"
        if not state.created and self._is_created(entry):
            yield "fresh"

    def _is_moved(self, script: Script, entry: Entry) -> bool:
        return any(
            entry.id in ids and all(entry.id != one.id for one in self._scripts[path].entries)
            for path, ids in self._before.items()
            if path != script.path
        )

    def _is_created(self, entry: Entry) -> bool:
        return any(
            one.verb == "CREATE" and same_name(one.full, entry.full) and one.object == entry.object
            for script in self._scripts.values()
            for one in script.entries
        )

    def limitations(self) -> Iterator[Limitation]:
        if self._asked and self._known is not None and not self._known.complete:
            message = "there are more SQL files than are looked through for what made a table"
            yield Limitation(next(iter(self._scripts), ""), "too-many-files", message)
