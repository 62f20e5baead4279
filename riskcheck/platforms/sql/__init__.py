"""SQL of Databricks: what scripts and migrations do, and the tables that they declare."""

from __future__ import annotations

from riskcheck.platforms.sql.platform import Sql

PLATFORM = Sql()
