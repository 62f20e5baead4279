"""The same finding from less text: lines go, then signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from fuzz.bounds import checked
from fuzz.findings import place_of
from fuzz.model import Target


def failure(target: Target, data: bytes) -> str | None:
    """What `data` breaks, None where it breaks nothing."""
    try:
        checked(target, data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is what is looked for
        return f"{type(error).__name__} at {place_of(error)}"
    return None


def shrunk(target: Target, data: bytes, seconds: float = 20.0) -> bytes:
    """The shortest part of `data` found within `seconds` that breaks at the same place."""
    wanted = failure(target, data)
    if wanted is None:
        return data
    until = monotonic() + seconds

    def breaks(parts: Sequence[bytes]) -> bool:
        return monotonic() < until and failure(target, b"".join(parts)) == wanted

    lines = _less(data.splitlines(keepends=True), breaks)
    return b"".join(_less([bytes([sign]) for sign in b"".join(lines)], breaks))


def _less(parts: list[bytes], breaks: Callable[[Sequence[bytes]], bool]) -> list[bytes]:
    """`parts` without those that are not needed: halves are tried first, single ones last."""
    size = len(parts)
    while size:
        at = 0
        while at < len(parts):
            left = parts[:at] + parts[at + size :]
            if len(left) < len(parts) and breaks(left):
                parts = left
            else:
                at += size
        size //= 2
    return parts


def shrink_file(target: Target, path: Path) -> bytes:
    """Shrinks the input in `path`, in place, and gives it."""
    data = shrunk(target, path.read_bytes())
    path.write_bytes(data)
    return data
