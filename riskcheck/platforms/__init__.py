"""Platforms: documents of one tree into resources per environment, each platform in its own folder."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskcheck.platforms.base import EstateReader, Platform


@cache
def load() -> tuple[Platform, ...]:
    """All platforms, in the order in which they claim paths.

    Discovered, not listed: a folder with a ``PLATFORM`` is a platform.
    """
    import os
    from importlib import import_module

    # Not `pkgutil.iter_modules`, which brings `inspect` along.
    names = [
        entry.name
        for folder in __path__
        for entry in os.scandir(folder)
        if os.path.isfile(os.path.join(entry.path, "__init__.py"))
    ]
    found: list[Platform] = [import_module(f"{__name__}.{name}").PLATFORM for name in names]
    return tuple(sorted(found, key=lambda platform: platform.order))


@cache
def estate_readers() -> tuple[EstateReader, ...]:
    """What reads the files of units that a change does not touch, platform by platform: those that have a module
    ``stating``, which most runs never import."""
    from importlib import import_module
    from importlib.util import find_spec

    names = (f"{__name__}.{platform.name}.stating" for platform in load())
    return tuple(import_module(name).ESTATE for name in names if find_spec(name) is not None)
