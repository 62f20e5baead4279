"""What a repository's log tells of its landed changes, as the stages about history hand it on.

Nothing here names a person: who wrote a change is looked at once, to tell bots from people, and then forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Operation: TypeAlias = Literal["added", "removed", "modified"]

RevertSource: TypeAlias = Literal["commit", "branch", "pull", "title"]
"""How a revert says what it takes back: by the id of a commit, by the name of its branch
(``revert-<number>-…``), by the number of a pull request, by repeating a title."""

Label: TypeAlias = Literal["ordinary", "reverted", "planned"]
"""planned: taken back as it was meant to be (an experiment, a maintenance); neither good nor bad."""


class TouchedPath(NamedTuple):
    """One path that a landed change touched.

    status: git's letter, A, D, M, R, T. old_path: its name before, the same but for R. configuration: whether
    riskcheck reads files of that name.
    """

    path: str
    status: str
    old_path: str
    configuration: bool


class EditedKey(NamedTuple):
    """One key that a landed change edited, as it is written in its file.

    key: the resource and the path of the key in it, lists by their natural keys
    (``Deployment/shop/web spec.replicas``); "" for a file that appeared, vanished or could not be read by key.
    shape: what kind of edit, "" for no special one: see `riskcheck.history.shapes`.
    """

    path: str
    key: str
    operation: Operation
    shape: str = ""


class LandedChange(NamedTuple):
    """A commit along the first parents of a branch, against its first parent.

    number: position along them, the oldest is 0. time: seconds since the epoch, never before that of the change
    under it, however the clocks went. bot: a program wrote it. added, removed: lines of all files, as far as they
    were read. files: how many it touched, also where `paths` was cut at `MOST_PATHS`. title: a digest, to find
    titles that are repeated; pull: the number of the pull request, where one is named. signals: what shape it has
    as a whole: ``revert``, ``again``, ``planned``, ``commented``, by `riskcheck.history.messages` and
    `riskcheck.edits`. unread: files that could not be read (missing, too large). lines: of its configuration files,
    those that only one side has.
    """

    number: int
    commit: str
    time: int
    bot: bool
    merge: bool
    title: str
    pull: int | None
    files: int
    added: int
    removed: int
    paths: tuple[TouchedPath, ...]
    keys: tuple[EditedKey, ...]
    signals: tuple[str, ...]
    unread: int = 0
    lines: int = 0


MOST_PATHS = 1_000
"""Paths of one change that are kept. Renames of whole trees and vendored code touch more, and tell nothing."""


class Revert(NamedTuple):
    """A landed change that was taken back by a later one, the first that did. number, by: positions of both."""

    number: int
    by: int
    source: RevertSource
    planned: bool


class FiredRule(NamedTuple):
    """A rule that fired on a replayed change: its code, and the worst level of its findings."""

    code: str
    level: str


class ReplayedChange(NamedTuple):
    """A landed change as riskcheck would have judged it when it landed.

    repository: the name it is reported by. lag: hours until it was reverted, None where it was not. followed: days
    of history that there are after it: what has just landed may still be reverted. verdict, level, score: of the
    report, None where it was not judged (`error` says why). points: likelihood in points, 10 of which double the
    odds. metadata, history: the features that baselines are fitted on, in the order of `METADATA` and `HISTORY` of
    `riskcheck.history.baselines`; no baseline knows who wrote a change. human: not by a bot, no revert itself, and
    touching configuration: the population that is judged. probability: that it is reverted, as was said then;
    None where nothing was said.
    """

    repository: str
    commit: str
    number: int
    time: int
    label: Label
    human: bool
    lag: float | None
    followed: float
    files: int
    lines: int
    verdict: str | None
    level: str | None
    score: float | None
    rules: tuple[FiredRule, ...]
    points: float
    metadata: tuple[float, ...]
    history: tuple[float, ...]
    error: str | None = None
    probability: float | None = None


class History:
    """Landed changes of one branch with their reverts, oldest first. The store hands one out; tests make their own.

    reverts: known at the newest change; who asks as of an earlier one leaves out those with a later `by`.
    """

    def __init__(
        self, changes: Sequence[LandedChange], reverts: Sequence[Revert], *, cut: bool = False
    ) -> None:
        """cut: the history begins somewhere in the middle (a shallow clone)."""
        self.changes = tuple(changes)
        self.reverts = tuple(reverts)
        self.cut = cut
