"""Declarative Automation Bundles (Databricks Asset Bundles), fully resolved per target, offline.

`discovery` finds bundles and what they read, `load` reads one, `settings` selects a target, `resolver` puts
values in place of references, `normalize`, `shape`, `presets` and `defaults` make of each resource what is
deployed, `edges` says what it needs, `actions` what a deployment does when it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.databricks.platform import Databricks

if TYPE_CHECKING:
    from riskcheck.platforms.base import Platform

PLATFORM: Final[Platform] = Databricks()
