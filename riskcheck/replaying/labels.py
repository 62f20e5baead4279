"""Labels that somebody gives: a JSON object a line, ``unit`` (a commit) and ``label`` (A, B, C: reverted; P: as
planned), and ``hours`` until it was reverted, where they are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.errors import Problem, ProblemsError, RunError
from riskcheck.records import NamedTuple
from riskcheck.sources.objects import is_id

if TYPE_CHECKING:
    from riskcheck.history.model import Label

_LABELS: Final[dict[str, Label]] = {"A": "reverted", "B": "reverted", "C": "reverted", "P": "planned"}
_MOST_BYTES: Final = 64 * 1024 * 1024


class GivenLabel(NamedTuple):
    """How a change ended. hours: until it was reverted, None where nobody says."""

    label: Label
    hours: float | None


def read_labels(path: str) -> dict[str, GivenLabel]:
    """Commit to label. Raises `RunError`, for lines that are none with all of them."""
    try:
        with open(path, "rb") as stream:  # as the rest of the package
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RunError(f"--labels {path}: cannot be read ({error.strerror})") from None
    if len(data) > _MOST_BYTES:
        raise RunError(f"--labels {path}: more than {_MOST_BYTES // (1024 * 1024)} MiB")
    found: dict[str, GivenLabel] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        told = _label(line)
        if told is None:
            problems.append(
                Problem(path, number, 'write {"unit": COMMIT, "label": "A", "B", "C" or "P"}, ids in full')
            )
        else:
            found[told[0]] = told[1]
    if problems:
        raise ProblemsError(problems[:20])
    return found


def _label(line: str) -> tuple[str, GivenLabel] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match value:
        case {"unit": str(unit), "label": str(label)} if label in _LABELS and is_id(unit):
            hours = value.get("hours")
            known = isinstance(hours, int | float) and not isinstance(hours, bool)
            return unit, GivenLabel(_LABELS[label], float(hours) if known else None)
    return None
