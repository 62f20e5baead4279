"""Account-level networks and workspaces of the Databricks provider (`riskcheck.replacing`).

From https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {}
