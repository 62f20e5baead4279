"""Projects of dbt: models, snapshots, seeds and sources with their tests, contracts and settings."""

from __future__ import annotations

from riskcheck.platforms.dbt.platform import Dbt

PLATFORM = Dbt()
