"""The features of the models that the likelihood is measured against: what is used elsewhere to predict defects.

Change metrics after Kamei et al., TSE 2013 (doi:10.1109/TSE.2012.70), without those about people; and reverts of
the same files. Counts as logarithms.
"""

from __future__ import annotations

from collections import Counter
from math import log1p, log2
from typing import TYPE_CHECKING, Final

from riskcheck.durations import DAY
from riskcheck.history.past import folder_of

if TYPE_CHECKING:
    from riskcheck.history.model import LandedChange
    from riskcheck.history.past import Past

METADATA: Final = (
    *("lines added", "lines removed", "files", "folders", "components", "entropy of files over folders"),
    *("new files", "removed files", "files that are no configuration", "merge", "weekend"),
)
"""What `metadata` returns."""

HISTORY: Final = (
    *(
        "file reverted in 7 days",
        "file reverted in 30 days",
        "file reverted in 90 days",
        "reverts of the file",
    ),
    *("changes of the file", "days since the last change of the file"),
)
"""What `history` returns."""


def metadata(change: LandedChange) -> tuple[float, ...]:
    """The size and the spread of a change, in the order of `METADATA`."""
    folders = Counter(folder_of(one.path) for one in change.paths)
    components = {"/".join(one.path.split("/")[:1]) for one in change.paths}
    total = sum(folders.values()) or 1
    entropy = -sum(number / total * log2(number / total) for number in folders.values())
    configuration = sum(one.configuration for one in change.paths)
    return (
        log1p(change.added),
        log1p(change.removed),
        log1p(change.files),
        log1p(len(folders)),
        log1p(len(components)),
        entropy,
        float(any(one.status == "A" for one in change.paths)),
        float(any(one.status == "D" for one in change.paths)),
        float(configuration < change.files),
        float(change.merge),
        float((change.time // DAY + 4) % 7 in (0, 6)),
    )


def history(change: LandedChange, past: Past) -> tuple[float, ...]:
    """What was known of its configuration files, in the order of `HISTORY`."""
    files = [one.path for one in change.paths if one.configuration]
    reverts = [past.reverts("file", path) for path in files]
    last = max((times[-1] for times in reverts if times), default=None)
    touches = [past.touches("file", path) for path in files]
    touched = max((one.last for one in touches if one.last is not None), default=None)
    days = [float(last is not None and change.time - last <= within * DAY) for within in (7, 30, 90)]
    return (
        *days,
        log1p(max((len(times) for times in reverts), default=0)),
        log1p(max((one.number for one in touches), default=0)),
        log1p(max(change.time - touched, 0) / DAY) if touched is not None else log1p(3_650),
    )
