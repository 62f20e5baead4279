"""Schemas of data and promises about it that stand in files of their own: data contracts, Avro and Spark schemas,
suites of Great Expectations, checks of Soda."""

from __future__ import annotations

from riskcheck.platforms.contracts.platform import Contracts

PLATFORM = Contracts()
