"""Brings the history store of a repository up to date with its log, and hands its history out.

One pass over the commits along the first parents. What is there already is not read again; an interrupted pass goes
on where it was; where the branch was rewritten, what follows the last common commit is read anew.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from riskcheck.cache import Memory
from riskcheck.edits import Edits, edits_of, signals, touched
from riskcheck.errors import RunError
from riskcheck.history.calibration import calibration, written
from riskcheck.history.messages import told
from riskcheck.history.model import MOST_PATHS, History, LandedChange
from riskcheck.history.reverts import Claim, reverts
from riskcheck.history.store import REVERTS, HistoryStore, Noted, StoreError, is_store
from riskcheck.records import NamedTuple
from riskcheck.sources.git import GitError
from riskcheck.sources.landed import LandedTree, brought, first_parents, landed, messages_of
from riskcheck.sources.raw import changes as path_changes
from riskcheck.sources.repository import located
from riskcheck.workers import count, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.observing import Observer
    from riskcheck.sources.landed import LandedCommit, ListedCommit
    from riskcheck.sources.repository import Repository

BATCH: Final = 500
"""Commits that are read and put into the store in one go: what an interrupted pass loses at most."""

CLOCKS: Final = 256
"""Earlier changes whose clocks are looked at: see `_times`."""

PAYS: Final = 100
"""Changes from which on sharing them out to processes pays."""

_TRIES: Final = 3
"""How often it is begun anew where the store is damaged, or another run wrote the same at the same time."""

NAME: Final = "history"

CALIBRATION: Final = "calibration"
"""What the store calls the calibration that was made of it last. ``calibration-at`` is the newest change then."""


def recorded(
    root: str,
    *,
    tip: str = "HEAD",
    file: str | None = None,
    observer: Observer | None = None,
    environ: Mapping[str, str] = os.environ,
    jobs: int = 0,
) -> History:
    """The landed changes of the repository that folder `root` belongs to, up to `tip`, oldest first.

    file: the store; the private one of this repository unless given. jobs: processes that may read, 0 for as many
    as pay; what is read is the same. Raises `RunError`.
    """
    repository = located(root, environ)
    commit = repository.commit(tip, or_remote=True)
    path = file or store_of(repository.top or repository.folder) or ":memory:"
    try:
        for _ in range(_TRIES):
            try:
                return _recorded(path, repository, commit.id, observer, jobs, private=file is None)
            except StoreError as error:
                if error.damaged and path != ":memory:" and (file is None or is_store(path)):
                    os.truncate(path, 0)
                elif not error.raced:
                    raise
        return _recorded(path, repository, commit.id, observer, jobs, private=file is None)
    except (StoreError, OSError) as error:
        raise RunError(
            f"the history store cannot be used: {error}; name another file with --history"
        ) from None
    except GitError as error:
        raise repository.refusal(error) from None


def _recorded(
    path: str, repository: Repository, tip: str, observer: Observer | None, jobs: int, *, private: bool
) -> History:
    store = HistoryStore(path, private=private)
    try:
        known = update(store, repository, tip, observer, jobs)
        found = history(store, known, cut=repository.shallow)
        _calibrate(store, found)
        return found
    finally:
        store.close()


def store_of(root: str) -> str | None:
    """The private store of the repository at `root`; None where there is no safe place for one."""
    return Memory(root).file(NAME)


def _calibrate(store: HistoryStore, found: History) -> None:
    """Keeps what the whole of the store says about chances, where more has landed since that was last asked."""
    newest = found.changes[-1] if found.changes else None
    if newest is not None and newest.commit == store.tip() != store.meta(f"{CALIBRATION}-at"):
        store.set_meta(CALIBRATION, written(calibration(found)))
        store.set_meta(f"{CALIBRATION}-at", newest.commit)


def update(
    store: HistoryStore, repository: Repository, tip: str, observer: Observer | None = None, jobs: int = 0
) -> int:
    """Puts into `store` what landed up to `tip`. Returns how many changes there are up to it.

    Raises `StoreError`, `GitError`.
    """
    chain = first_parents(repository, tip)
    same = _common(store, chain)
    if same < len(chain):
        store.cut_after(same - 1)
        _add(store, repository, chain[same:], same, chain[same - 1].commit if same else None, observer, jobs)
    _settle(store)
    return len(chain)


def go_on(store: HistoryStore, repository: Repository, tip: str, known: str) -> int:
    """As `update`, onto commit `known`, the newest that the store has. What it has stays as it is, also where the
    repository at hand begins later.

    Raises `StoreError`, `GitError`.
    """
    first = len(store)
    missing = first_parents(repository, tip, known)
    _add(store, repository, missing, first, known, None, 1)
    _settle(store)
    return first + len(missing)


def _settle(store: HistoryStore) -> None:
    """Says which changes were taken back, where that is not said of all that the store has."""
    if store.meta(REVERTS) != store.tip():
        store.set_reverts(reverts(store.subjects(), store.claims(), store.commits()))


def _add(
    store: HistoryStore,
    repository: Repository,
    missing: Sequence[ListedCommit],
    first: int,
    known: str | None,
    observer: Observer | None,
    jobs: int,
) -> None:
    """Puts `missing` into `store`, after commit `known`, as changes from number `first` on."""
    if not missing:
        return
    members = _members(repository, missing, known)
    if observer is not None:
        observer.stage("reading history", len(missing), "changes")
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        _put(store, repository, batch, first + start, members, observer, jobs)


def history(store: HistoryStore, known: int | None = None, *, cut: bool = False) -> History:
    """What `store` holds, the first `known` changes. Raises `StoreError`."""
    found = tuple(one for one in store.changes() if known is None or one.number < known)
    # What is the first revert of a change does not depend on what landed later.
    taken_back = (one for one in store.reverts() if known is None or one.by < known)
    return History(found, tuple(taken_back), cut=cut)


class Nearest(NamedTuple):
    """The newest change before a commit that the store knows. is_tip: it is the newest that the store has."""

    commit: str
    number: int
    is_tip: bool


def behind(store: HistoryStore, repository: Repository, commit: str, most: int) -> Nearest | None:
    """The newest of the first parents of `commit` that `store` knows; None where none of the last `most` is.

    Raises `StoreError`, `GitError`.
    """
    arguments = ("rev-list", "--first-parent", f"--max-count={most}", "--end-of-options", commit)
    for parent in repository.git.run(*arguments).decode("ascii", "replace").split():
        number = store.number_of(parent)
        if number is not None:
            return Nearest(parent, number, parent == store.tip())
    return None


def _common(store: HistoryStore, chain: Sequence[ListedCommit]) -> int:
    """How many commits of `chain` the store begins with."""
    held = store.newest(1)
    low, high = 0, min(held[0][0] + 1 if held else 0, len(chain))
    while low < high:
        middle = (low + high + 1) // 2
        if store.number_of(chain[middle - 1].commit) == middle - 1:
            low = middle
        else:
            high = middle - 1
    return low


def _members(
    repository: Repository, missing: Sequence[ListedCommit], known: str | None
) -> dict[str, tuple[str, ...]]:
    """Commit of `missing`, which landed after `known`, to the other commits that landed with it."""
    parents = dict(brought(repository, missing[-1].commit, known))
    seen = {one.commit for one in missing}
    found: dict[str, tuple[str, ...]] = {}
    for one in missing:
        waiting = list(one.parents[1:])
        members: list[str] = []
        while waiting:
            commit = waiting.pop()
            if commit in seen or commit not in parents:
                continue
            seen.add(commit)
            members.append(commit)
            waiting += parents[commit]
        if members:
            found[one.commit] = tuple(members)
    return found


def _put(
    store: HistoryStore,
    repository: Repository,
    batch: Sequence[ListedCommit],
    first: int,
    members: Mapping[str, tuple[str, ...]],
    observer: Observer | None,
    jobs: int,
) -> None:
    """Reads a batch whose first change is number `first`, and puts it into the store."""
    commits = landed(repository, batch)
    edits = spread(partial(_edits, repository), commits, count(jobs, pays=len(batch) >= PAYS))
    before = store.newest(CLOCKS)
    times = _times([clock for _, _, clock in before], [one.time for one in commits])
    within = [one for commit in batch for one in members.get(commit.commit, ())]
    messages = {commit: message for commit, (_, message) in messages_of(repository, within).items()}
    noted = []
    for number, (commit, found, time) in enumerate(zip(commits, edits, times, strict=True), first):
        landed_with = members.get(commit.commit, ())
        inner = [messages[one] for one in landed_with if one in messages]
        noted.append(_noted(number, commit, found, time, landed_with, inner))
        if observer is not None:
            observer.step("changes")
    store.append(noted)


def _edits(repository: Repository, commit: LandedCommit) -> Edits:
    base = LandedTree(repository, commit.records, "base", commit.commit)
    head = LandedTree(repository, commit.records, "head", commit.commit)
    return edits_of(base, head, path_changes(commit.records))


def _times(before: Sequence[int], own: Sequence[int]) -> Iterator[int]:
    """When each landed: the latest of its own clock and those of the changes right before it.

    A clock that is behind would put a change before what it changes; one that ran ahead is forgotten after some.
    """
    clocks = list(before)
    for clock in own:
        clocks.append(clock)
        yield max(clocks[-CLOCKS:])


def _noted(
    number: int,
    commit: LandedCommit,
    edits: Edits,
    time: int,
    members: tuple[str, ...],
    inner: Sequence[str],
) -> Noted:
    """inner: the messages of `members`, which say by id what they take back where that of the merge does not."""
    said = told(commit.message)
    taken = dict.fromkeys(said.reverts)
    for message in inner:
        if "revert" in message.lower():
            taken |= dict.fromkeys(one for one in told(message).reverts if one[0] == "commit")
    paths = tuple(touched(one.path, one.status, one.old_path) for one in commit.records[:MOST_PATHS])
    change = LandedChange(
        number,
        commit.commit,
        time,
        commit.automatic,
        len(commit.parents) > 1,
        said.also,
        said.pull,
        len(commit.records),
        commit.added or 0,
        commit.removed or 0,
        paths,
        edits.keys,
        signals(said, edits),
        edits.unread,
        edits.lines,
    )
    claims = tuple(Claim(number, source, what) for source, what in taken)
    return Noted(change, commit.time, (said.title, said.also), claims, members)
