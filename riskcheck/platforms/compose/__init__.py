"""Docker Compose: services and named volumes of a project, files merged as `docker compose` merges them."""

from __future__ import annotations

from riskcheck.platforms.compose.platform import Compose

PLATFORM = Compose()
