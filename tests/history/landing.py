"""Histories in a few words, for tests: one change a day unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from riskcheck.history.model import EditedKey, History, LandedChange, Operation, Revert, TouchedPath

DAY = 86_400
START = 1_700_000_000


class Log:
    """Collects landed changes. `edit` takes paths; `keys` are (path, key) or (path, key, operation)."""

    def __init__(self) -> None:
        self.changes: list[LandedChange] = []
        self.reverts: list[Revert] = []
        self.day = 0.0
        self._known: set[str] = set()

    def known(self, *paths: str) -> None:
        """Files that were there before the history begins."""
        self._known.update(paths)

    def edit(
        self,
        *paths: str,
        keys: Iterable[tuple[str, ...]] = (),
        days: float = 1,
        bot: bool = False,
        status: str = "",
        files: int = 0,
        undoes: int | None = None,
    ) -> int:
        """Lands a change `days` after the one before; returns its number."""
        self.day += days
        touched = [TouchedPath(path, status or self._status(path), path, True) for path in paths]
        return self._land(touched, keys, bot, files or len(paths), undoes)

    def rename(self, old: str, new: str) -> int:
        self.day += 1
        self._known.add(new)
        return self._land([TouchedPath(new, "R", old, True)], (), False, 1, None)

    def noise(self, count: int, days: float = 0.25) -> None:
        """Changes of other files, each of its own, so that nothing is common."""
        for _ in range(count):
            self.edit(f"other/{len(self.changes)}.yaml", days=days)

    def history(self) -> History:
        return History(self.changes, self.reverts)

    def _status(self, path: str) -> str:
        if path in self._known:
            return "M"
        self._known.add(path)
        return "A"

    def _land(
        self,
        touched: Sequence[TouchedPath],
        keys: Iterable[tuple[str, ...]],
        bot: bool,
        files: int,
        undoes: int | None,
    ) -> int:
        number = len(self.changes)
        edited = tuple(EditedKey(one[0], one[1], _operation(one)) for one in keys)
        time = START + int(self.day * DAY)
        commit = f"{number:040x}"
        self.changes.append(
            LandedChange(
                number, commit, time, bot, False, str(number), None, files, 1, 1, tuple(touched), edited, ()
            )
        )
        if undoes is not None:
            self.reverts.append(Revert(undoes, number, "commit", False))
        return number


def _operation(one: tuple[str, ...]) -> Operation:
    named = one[2] if len(one) > 2 else "modified"
    assert named in ("added", "removed", "modified")
    return named  # type: ignore[return-value]
