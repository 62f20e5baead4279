"""What was known when a change lands, asked of the store: only of what the change at hand touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.history.past import Touches, component_of, folder_of, key_of
from riskcheck.history.store import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.history.past import Kind
    from riskcheck.history.store import HistoryStore


class StoredPast:
    """`riskcheck.history.past.Past` before change `number`. Raises `riskcheck.history.store.StoreError`."""

    def __init__(self, store: HistoryStore, number: int) -> None:
        self._store = store
        self._number = number
        self._known: dict[Kind, dict[str, list[int]]] | None = None

    def reverts(self, kind: Kind, name: str) -> Sequence[int]:
        if self._known is None:
            self._known = self._load()
        return self._known[kind].get(storable(name), ())

    def touches(self, kind: Kind, name: str) -> Touches:
        column = {"file": "path", "folder": "folder", "component": "component"}[kind]
        rows = self._store.ask(
            f"""select count(distinct touched.number), max(touched.number) from path
            join touched on touched.path = path.id
            where path.{column} = ? and touched.configuration and touched.number < ?""",  # noqa: S608
            (storable(name), self._number),
        )
        count, last = rows[0]
        if not count:
            return Touches(0, None)
        time = self._store.ask("select time from landed where number = ?", (last,))
        return Touches(count, time[0][0])

    def totals(self) -> tuple[int, int]:
        judged = self._store.ask("select count(*) from landed where judged and number < ?", (self._number,))
        reverted = self._store.ask(
            """select count(*) from reverted join landed on landed.number = reverted.number
            where judged and by < ?""",
            (self._number,),
        )
        return judged[0][0], reverted[0][0]

    def _load(self) -> dict[Kind, dict[str, list[int]]]:
        """When what was touched by changes that were taken back was taken back."""
        found: dict[Kind, dict[str, list[int]]] = {"key": {}, "file": {}, "folder": {}, "component": {}}
        files = self._store.ask(
            """select distinct reverted.number, reverting.time, path.path from reverted
            join landed on landed.number = reverted.number and not landed.bot
            join landed reverting on reverting.number = reverted.by
            join touched on touched.number = reverted.number and touched.configuration
            join path on path.id = touched.path
            where reverted.by < ? order by reverted.by, reverted.number""",
            (self._number,),
        )
        seen: set[tuple[int, Kind, str]] = set()
        for number, time, path in files:
            for kind, name in _named(path):
                if (number, kind, name) not in seen:
                    seen.add((number, kind, name))
                    found[kind].setdefault(name, []).append(time)
        keys = self._store.ask(
            """select distinct reverted.number, reverting.time, path.path, name.key from reverted
            join landed on landed.number = reverted.number and not landed.bot
            join landed reverting on reverting.number = reverted.by
            join edited on edited.number = reverted.number
            join name on name.id = edited.name and name.key != ''
            join path on path.id = name.path
            where reverted.by < ? order by reverted.by, reverted.number""",
            (self._number,),
        )
        for _, time, path, key in keys:
            found["key"].setdefault(key_of(path, key), []).append(time)
        return found


def _named(path: str) -> tuple[tuple[Kind, str], ...]:
    return (("file", path), ("folder", folder_of(path)), ("component", component_of(path)))
