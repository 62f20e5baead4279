"""How big a SQL warehouse is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.compute.clusters import Settings

WORKERS: Final = {
    "2x-small": 1,
    "x-small": 2,
    "small": 4,
    "medium": 8,
    "large": 16,
    "x-large": 32,
    "2x-large": 64,
    "3x-large": 128,
    "4x-large": 256,
    "5x-large": 512,
}
"""Workers of one cluster of a SQL warehouse by its size:
https://docs.databricks.com/aws/compute/sql-warehouse/warehouse-behavior"""


def warehouse_workers(settings: Settings) -> float | None:
    """Workers of all clusters that a warehouse may have; None where its size is none that is known."""
    size = WORKERS.get(settings.text("cluster_size").lower())
    return None if size is None else size * (settings.number("max_num_clusters") or 1)
