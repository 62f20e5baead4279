"""How likely each landed change looked when it landed, and what baselines know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.history.baselines import history as known_before
from riskcheck.history.baselines import metadata
from riskcheck.history.calibration import FOLLOWED, Calibration, calibrated
from riskcheck.history.likelihood import likelihood
from riskcheck.history.past import is_judged, walked
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.history.model import History

DAY: Final = 86_400

CALIBRATED: Final = 90
"""Days after which points are held against what has become of the changes so far."""


class Foretold(NamedTuple):
    """See `riskcheck.history.model.ReplayedChange`."""

    points: float
    probability: float
    metadata: tuple[float, ...]
    history: tuple[float, ...]


class _Outcome(NamedTuple):
    """A change of the population. by: number of the change that took it back, None for none that is known today."""

    time: int
    points: float
    by: int | None
    planned: bool


def foretold(history: History) -> list[Foretold]:
    """What was known of each change of `history` before it landed, by nothing that came later."""
    found: list[Foretold] = []
    outcomes: list[_Outcome] = []
    calibration, period = Calibration(), None
    for change, past, revert in walked(history):
        if change.time // (CALIBRATED * DAY) != period:
            period = change.time // (CALIBRATED * DAY)
            calibration = _calibration(outcomes, change.number, change.time)
        points = likelihood(change, past).points
        found.append(
            Foretold(
                points, round(calibration.chance(points), 9), metadata(change), known_before(change, past)
            )
        )
        if is_judged(change):
            by, planned = (None, False) if revert is None else (revert.by, revert.planned)
            outcomes.append(_Outcome(change.time, points, by, planned))
    return found


def _calibration(outcomes: list[_Outcome], number: int, now: int) -> Calibration:
    """By what had become of `outcomes` when change `number` landed. Planned reverts count as neither."""
    known = []
    for one in outcomes:
        back = one.by is not None and one.by < number
        if (back and not one.planned) or (not back and now - one.time >= FOLLOWED * DAY):
            known.append((one.points, back))
    return calibrated(known)
