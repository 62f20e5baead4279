"""Inputs that broke something, kept with the words of what they broke."""

from __future__ import annotations

import hashlib
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

FOUND: Final = Path("build/fuzz/found")
_OURS: Final = re.compile(r"(?:^|/)(riskcheck|fuzz)/(?!bounds\.py)")


class Finding(NamedTuple):
    """Where the input of a finding was written, and where it broke. new: nothing broke there before."""

    path: Path
    place: str
    new: bool


def keep(target: str, data: bytes, error: BaseException, folder: Path = FOUND) -> Finding:
    """Writes `data` below `folder`, named after the kind of error and the place in riskcheck that it came from,
    with the traceback beside it. One input for each such place is kept: the shortest."""
    place = place_of(error)
    name = re.sub(r"[^\w.-]+", "-", f"{type(error).__name__}-{place}")[:120]
    there = folder / target
    there.mkdir(parents=True, exist_ok=True)
    path = there / name
    new = not path.exists()
    if new or len(data) < path.stat().st_size:
        path.write_bytes(data)
        path.with_name(f"{name}.txt").write_text(
            "".join(traceback.format_exception(error)), "utf-8", "backslashreplace"
        )
    return Finding(path, f"{type(error).__name__} at {place}: {str(error)[:200]}", new)


def place_of(error: BaseException) -> str:
    """The innermost line of riskcheck, or of a check of it, that the error went through; an error that depends on
    when the time was up is placed at the outermost function below the target."""
    lines = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if _OURS.search(frame.filename)
    ]
    if type(error).__name__ == "TooSlow":
        return lines[min(2, len(lines) - 1)] if lines else "?"
    return lines[-1] if lines else _last(error.__traceback__)


def _last(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def digest(data: bytes) -> str:
    """A short name for an input."""
    return hashlib.sha256(data).hexdigest()[:12]
