"""A back-test of one repository, up to its numbers: which changes landed, what became of them, and what riskcheck
says of each as it was known then."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.recording import recorded
from riskcheck.records import NamedTuple
from riskcheck.replaying.model import ReplaySettings
from riskcheck.replaying.selection import LAST, Wanted, selected
from riskcheck.sources.asked_range import landed_range
from riskcheck.workers import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.history.model import ReplayedChange
    from riskcheck.observing import Observer
    from riskcheck.replaying.rows import RowsFile
    from riskcheck.replaying.selection import Selected
    from riskcheck.sources.asked_range import LandedRange

ROWS: Final = "replayed"
"""Name of the private file that rows are kept in."""


class BacktestRequest(NamedTuple):
    """What is replayed, and how.

    root: a folder of the repository. revisions: see `landed_range`. last, since, follow_days: see `Wanted`. config:
    path of a policy file that judges every change, instead of the one that each found. history: the history store,
    rows: the file of what was judged already, both private ones unless given. labels: path of a file: see
    `read_labels`. likelihood_only: nothing is judged. jobs: processes, 0 for as many as pay. name: what the
    repository is reported as, its folder's name unless given. part: of all that counts only changes of these
    numbers, the end left out; what is said of them is the same.
    """

    root: str
    environ: Mapping[str, str]
    revisions: str | None = None
    last: int | None = LAST
    since: int | None = None
    follow_days: float = Wanted().follow_days
    config: str | None = None
    history: str | None = None
    rows: str | None = None
    labels: str | None = None
    likelihood_only: bool = False
    jobs: int = 0
    cache: bool = True
    name: str = ""
    part: tuple[int, int] | None = None


class Backtested(NamedTuple):
    """rows: see `Selected`, judged. notes: one line each, for people. rules_digest: of the built-in rules, "" where
    nothing was judged. newest: when the newest change landed, seconds since the epoch; None where none did."""

    rows: tuple[ReplayedChange, ...]
    notes: tuple[str, ...]
    rules_digest: str
    newest: int | None


def backtested(request: BacktestRequest, observer: Observer | None = None) -> Backtested:
    """The landed changes that are asked for, as they would have been judged. Raises `RunError`."""
    labels = None
    if request.labels is not None:
        from riskcheck.replaying.labels import read_labels

        labels = read_labels(request.labels)
    if request.config is not None:
        _check_config(request.config)
    found = landed_range(request.root, request.revisions, request.environ)
    history = recorded(
        found.root, tip=found.tip, file=request.history, observer=observer, environ=request.environ
    )
    wanted = Wanted(found.commits, request.since, request.last, request.follow_days, labels)
    chosen = selected(history, wanted, request.name or os.path.basename(found.root))
    newest = history.changes[-1].time if history.changes else None
    del history  # of a large repository it takes a gigabyte, and judging takes minutes
    notes = list(_notes(found, chosen, request))
    if request.part is not None:
        chosen = _part(chosen, *request.part)
    rows: Sequence[ReplayedChange] = chosen.rows
    digest = ""
    if not request.likelihood_only:
        from riskcheck.rules.load import load_rules

        digest = load_rules(use_cache=request.cache).digest
        rows = _judged(chosen, found, request, digest, observer, notes)
    return Backtested(tuple(rows), tuple(notes), digest, newest)


def _part(chosen: Selected, start: int, end: int) -> Selected:
    """The changes of `chosen` with a number from `start` on and below `end`."""
    kept = [at for at, row in enumerate(chosen.rows) if start <= row.number < end]
    place = {at: new for new, at in enumerate(kept)}
    return chosen._replace(
        rows=tuple(chosen.rows[at] for at in kept),
        judged=tuple(place[at] for at in chosen.judged if at in place),
        bases=tuple(chosen.bases[at] for at in kept),
    )


def _judged(
    chosen: Selected,
    found: LandedRange,
    request: BacktestRequest,
    digest: str,
    observer: Observer | None,
    notes: list[str],
) -> list[ReplayedChange]:
    from riskcheck.replaying.replay import replay

    settings = ReplaySettings(
        root=found.root,
        branch=found.branch,
        config=os.path.abspath(request.config) if request.config is not None else None,
        jobs=count(request.jobs, pays=True),
        cache=request.cache,
    )
    kept = _kept(found.root, request, digest)
    if kept is not None and kept.dropped:
        notes.append(
            f"{many(kept.dropped, 'row')} of an earlier run could not be used: damaged, or of another version of "
            "riskcheck or its rules"
        )
    judged = replay(chosen.asked(), settings, kept, observer)
    reasons = Counter(one.error for one in judged if one.error is not None)
    for reason, times in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))[:_REASONS]:
        notes.append(f"{many(times, 'change')} could not be judged: {reason}")
    return chosen.with_judged(judged)


_REASONS: Final = 5
"""Reasons that are told, the most frequent first."""


def _kept(root: str, request: BacktestRequest, digest: str) -> RowsFile | None:
    """What was judged already; None where nothing may be kept."""
    from riskcheck.replaying.rows import RowsFile
    from riskcheck.replaying.stamp import content_of, stamp

    by = stamp(digest, None if request.config is None else content_of(request.config))
    if request.rows is not None:
        return RowsFile(request.rows, by)
    if not request.cache:
        return None
    from riskcheck.cache import Memory

    path = Memory(root).file(ROWS)
    return None if path is None else RowsFile(path, by, ours=True)


def _check_config(path: str) -> None:
    """Raises `PolicyError` for a policy that could judge nothing, before anything is read."""
    from riskcheck.policy.load import check_rule_names, load_policy
    from riskcheck.replaying.stamp import content_of
    from riskcheck.rules.load import load_rules
    from riskcheck.trees import MemoryTree

    content_of(path)
    policy = load_policy(MemoryTree({}, "base", "EMPTY"), os.path.abspath(path))
    # Rules of the repository are those of each change's time.
    if not policy.rules.packs:
        check_rule_names(policy, load_rules().names())


def _notes(found: LandedRange, chosen: Selected, request: BacktestRequest) -> Iterator[str]:
    if found.shallow:
        yield (
            "this clone is shallow: what landed before its history begins is left out, and how long values had "
            "been running is known of the rest only; `git fetch --unshallow` brings it"
        )
    if chosen.unknown:
        yield f"{many(chosen.unknown, 'label')} of commits that did not land here, or not in this history"
    if not chosen.judged:
        yield _why_none(chosen, request)


def _why_none(chosen: Selected, request: BacktestRequest) -> str:
    if not chosen.rows:
        return "nothing landed in the range that was asked for"
    human = [row for row in chosen.rows if row.human]
    if not human:
        return f"of {many(len(chosen.rows), 'landed change')} none is by people and touches configuration"
    return (
        f"none of {many(len(human), 'change')} was followed for {request.follow_days:g} days: what landed later "
        "may still be reverted; name fewer days with --follow"
    )
