"""How likely the change at hand has to be taken back, where the history of its repository is known.

The store is one that `riskcheck learn` or `riskcheck backtest` made. It is brought up to date with what landed
before base; where that cannot be done quickly, or nothing of base is known, nothing is said.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from riskcheck.edits import edits_of, signals, touched
from riskcheck.errors import RunError
from riskcheck.history.calibration import Calibration, read
from riskcheck.history.likelihood import WEIGHTS, likelihood
from riskcheck.history.messages import told
from riskcheck.history.model import MOST_PATHS, LandedChange
from riskcheck.history.store import HistoryStore, StoreError
from riskcheck.history.stored import StoredPast
from riskcheck.recording import CALIBRATION, behind, go_on
from riskcheck.results import ChangeLikelihood, LikelihoodTerm
from riskcheck.sources.landed import messages_of
from riskcheck.sources.objects import is_id
from riskcheck.sources.repository import located
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.history.past import Past
    from riskcheck.sources.repository import Repository
    from riskcheck.trees import Comparison

PATIENCE: Final = 0.5
"""Seconds that it waits for another run that writes the store."""

MOST_BEHIND: Final = 300
"""Changes that the store may be behind; catching up with more is for `riskcheck learn`."""


def likelihood_of(comparison: Comparison, file: str, environ: Mapping[str, str]) -> ChangeLikelihood | None:
    """The likelihood of `comparison` by the store in `file`; None where there is none to be had."""
    if comparison.root is None or not is_id(comparison.base.label):
        return None
    try:
        store = HistoryStore(file, fresh=False, patience=PATIENCE)
        try:
            repository = located(comparison.root, environ)
            number = _moment(store, comparison.base.label, repository)
            if number is None:
                return None
            head = comparison.head.label
            said = messages_of(repository, [head]) if is_id(head) else {}
            change = change_at_hand(comparison, number, said.get(head, (False, ""))[1])
            return weighed(change, StoredPast(store, number), read(store.meta(CALIBRATION)))
        finally:
            store.close()
    except (StoreError, SourceError):
        return None


def check_store(file: str) -> None:
    """Raises `RunError` where somebody names a file that is no store."""
    try:
        HistoryStore(file, fresh=False, patience=PATIENCE).close()
    except StoreError as error:
        if not error.busy:
            raise RunError(
                f"the history store cannot be used: {error}; `riskcheck learn --history FILE` makes one"
            ) from None


def weighed(change: LandedChange, past: Past, known: Calibration) -> ChangeLikelihood:
    """The likelihood of `change`, as reports tell it."""
    found = likelihood(change, past)
    chance, usual = known.chance(found.points), known.chance(known.usual)
    return ChangeLikelihood(
        points=round(found.points, 1),
        usual=round(known.usual, 1),
        chance=chance,
        times=chance / (1 - chance) / (usual / (1 - usual)),
        terms=tuple(
            LikelihoodTerm(one.name, WEIGHTS[one.name].words, round(one.strength, 2), round(one.points, 1))
            for one in found.evidence
        ),
        calibrated=known.calibrated,
        judged=known.judged,
        reverted=known.reverted,
    )


def change_at_hand(comparison: Comparison, number: int, message: str = "") -> LandedChange:
    """The change of `comparison` as if it landed now, as change `number`. message: of its newest commit."""
    edits = edits_of(comparison.base, comparison.head, comparison.changes)
    status = {"added": "A", "deleted": "D", "modified": "M", "renamed": "R", "typechanged": "T"}
    paths = tuple(
        touched(one.path, status[one.status], one.old_path) for one in comparison.changes[:MOST_PATHS]
    )
    said = told(message)
    return LandedChange(
        number=number,
        commit=comparison.head.label,
        time=comparison.now,
        bot=False,
        merge=False,
        title=said.also,
        pull=said.pull,
        files=len(comparison.changes),
        added=0,
        removed=0,
        paths=paths,
        keys=edits.keys,
        signals=signals(said, edits),
        unread=edits.unread,
        lines=edits.lines,
    )


def _moment(store: HistoryStore, base: str, repository: Repository) -> int | None:
    """How many of the changes in the store had landed at commit `base`; None where that is not known. What landed
    since the store was made is added to it. Raises `StoreError`, `GitError`."""
    found = store.number_of(base)
    if found is not None:
        return found + 1
    known = behind(store, repository, base, MOST_BEHIND)
    if known is None:
        return None
    if known.is_tip:
        with suppress(StoreError):  # read-only, or somebody else writes it
            return go_on(store, repository, base, known.commit)
    return known.number + 1
