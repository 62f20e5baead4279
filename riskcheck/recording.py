"""Brings the history store of a repository up to date with its log, and hands its history out.

One pass over the commits along the first parents. What is there already is not read again; an interrupted pass goes
on where it was; where the branch was rewritten, what follows the last common commit is read anew.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from riskcheck.cache import Memory
from riskcheck.documents.store import format_of
from riskcheck.edits import MOST_FILES, Edits, edits_of
from riskcheck.errors import RunError
from riskcheck.history.messages import told
from riskcheck.history.model import MOST_PATHS, History, LandedChange, TouchedPath
from riskcheck.history.reverts import Claim, reverts
from riskcheck.history.store import HistoryStore, Noted, StoreError
from riskcheck.sources.git import GitError
from riskcheck.sources.landed import LandedTree, brought, first_parents, landed, messages_of
from riskcheck.sources.raw import changes as path_changes
from riskcheck.sources.repository import Repository
from riskcheck.sources.spec import RangeSpec
from riskcheck.workers import count, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.observing import Observer
    from riskcheck.sources.landed import LandedCommit, ListedCommit

BATCH: Final = 500
"""Commits that are read and put into the store in one go: what an interrupted pass loses at most."""

CLOCKS: Final = 256
"""Earlier changes whose clocks are looked at: see `_times`."""

PAYS: Final = 100
"""Changes from which on sharing them out to processes pays."""

NAME: Final = "history"


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
    repository = Repository(RangeSpec(root=root, environ=environ))
    repository.locate()
    commit = repository.commit(tip, or_remote=True)
    path = file or store_of(repository.top or repository.folder)
    if path is None:
        path = ":memory:"
    try:
        store = HistoryStore(path)
        try:
            known = update(store, repository, commit.id, observer, jobs)
            return history(store, known, cut=repository.shallow)
        finally:
            store.close()
    except StoreError as error:
        raise RunError(
            f"the history store cannot be used: {error}; name another file with --history"
        ) from None
    except GitError as error:
        raise repository.refusal(error) from None


def store_of(root: str) -> str | None:
    """The private store of the repository at `root`; None where there is no safe place for one."""
    return Memory(root).file(NAME)


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
        missing = chain[same:]
        members = _members(repository, tip, chain, same)
        if observer is not None:
            observer.stage("reading history", len(missing), "changes")
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            _put(store, repository, batch, same + start, members, observer, jobs)
    return len(chain)


def history(store: HistoryStore, known: int | None = None, *, cut: bool = False) -> History:
    """What `store` holds, the first `known` changes. Raises `StoreError`."""
    found = tuple(one for one in store.changes() if known is None or one.number < known)
    subjects, claims = store.subjects(), store.claims()
    if known is not None:
        subjects = [one for one in subjects if one.number < known]
        claims = [one for one in claims if one.number < known]
    return History(found, reverts(subjects, claims, store.commits()), cut=cut)


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
    repository: Repository, tip: str, chain: Sequence[ListedCommit], same: int
) -> dict[str, tuple[str, ...]]:
    """Commit of the chain to the other commits that landed with it, from number `same` on."""
    known = chain[same - 1].commit if same else None
    parents = dict(brought(repository, tip, known))
    seen = {one.commit for one in chain[same:]}
    found: dict[str, tuple[str, ...]] = {}
    for one in chain[same:]:
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
    if len(commit.records) > MOST_PATHS:
        return Edits((), 0, commented=False)
    wanted = [
        one
        for one in commit.records
        if format_of(one.path) is not None or format_of(one.old_path) is not None
    ]
    if len(wanted) > MOST_FILES:
        wanted = []
    base = LandedTree(repository, wanted, "base", commit.commit)
    head = LandedTree(repository, wanted, "head", commit.commit)
    return edits_of(base, head, path_changes(wanted))


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
    signals = {
        "revert": said.reverting,
        "again": said.again,
        "planned": said.planned,
        "commented": edits.commented,
    }
    paths = tuple(
        TouchedPath(
            one.path,
            one.status,
            one.old_path,
            format_of(one.path) is not None or format_of(one.old_path) is not None,
        )
        for one in commit.records[:MOST_PATHS]
    )
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
        tuple(name for name, holds in signals.items() if holds),
        edits.unread,
    )
    claims = tuple(Claim(number, source, what) for source, what in taken)
    return Noted(change, commit.time, (said.title, said.also), claims, members)
