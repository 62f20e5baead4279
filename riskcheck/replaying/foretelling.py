"""How likely each landed change looked when it landed, and what baselines know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import DAY
from riskcheck.history.baselines import history as known_before
from riskcheck.history.baselines import metadata
from riskcheck.history.calibration import Calibration, calibration_at, outcome
from riskcheck.history.likelihood import likelihood
from riskcheck.history.past import is_judged, walked
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.history.calibration import Outcome
    from riskcheck.history.model import History

CALIBRATED: Final = 90
"""Days after which points are held against what has become of the changes so far."""


class Foretold(NamedTuple):
    """See `riskcheck.history.model.ReplayedChange`."""

    points: float
    probability: float
    metadata: tuple[float, ...]
    history: tuple[float, ...]


def foretold(history: History) -> list[Foretold]:
    """What was known of each change of `history` before it landed, by nothing that came later."""
    found: list[Foretold] = []
    outcomes: list[Outcome] = []
    calibration, period = Calibration(), None
    for change, past, revert in walked(history):
        if change.time // (CALIBRATED * DAY) != period:
            period = change.time // (CALIBRATED * DAY)
            calibration = calibration_at(outcomes, change.number, change.time)
        points = likelihood(change, past).points
        found.append(
            Foretold(
                points, round(calibration.chance(points), 9), metadata(change), known_before(change, past)
            )
        )
        if is_judged(change):
            outcomes.append(outcome(change, points, revert))
    return found
