"""Data that ships with the program: rule files and schemas."""

from __future__ import annotations

from pathlib import Path


def data_dir(name: str) -> Path:
    """The folder of ``rules`` or ``schemas``: packed into the wheel, or read in place in a checkout."""
    here = Path(__file__).parent
    packaged = here / "_data" / name
    return packaged if packaged.is_dir() else here.parent / name
