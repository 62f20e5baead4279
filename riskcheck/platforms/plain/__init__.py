"""Configuration of no known platform, told apart by the environment in its path."""

from __future__ import annotations

from riskcheck.platforms.plain.platform import Plain

PLATFORM = Plain()
