"""Data that ships with the program: rule files, schemas, the graph library of the HTML report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def data_path(name: str) -> str:
    """The folder of ``rules``, ``schemas`` or ``vendor``: packed into the wheel, or read in place in a checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    packaged = os.path.join(here, "_data", name)
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(here), name)


def data_text(folder: str, name: str) -> str:
    """The text of file `name` in ``rules`` or ``schemas``."""
    with open(os.path.join(data_path(folder), name), encoding="utf-8") as file:
        return file.read()


def data_dir(name: str) -> Path:
    """`data_path`, for those who can afford a `Path`."""
    from pathlib import Path

    return Path(data_path(name))
