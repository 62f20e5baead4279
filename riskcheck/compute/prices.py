"""A price table that somebody keeps beside the policy, and what compute costs by it.

On the clouds' side a machine costs by the hour; Databricks bills DBUs, of which a machine or a warehouse takes so
many an hour, at a price that hangs on the product (https://www.databricks.com/product/pricing). Photon multiplies
the DBUs (https://docs.databricks.com/aws/en/compute/photon). Nothing of it is known here: what the table leaves out
stays unknown.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from riskcheck.globs import wildcard

if TYPE_CHECKING:
    from riskcheck.compute.clusters import Cluster
    from riskcheck.compute.usage import Part, Usage
    from riskcheck.pricetable import Prices

DAYS: Final = 365.25 / 12
"""Days of a month."""


def hours_a_day(prices: Prices, address: str, usage: Usage) -> float | None:
    """Hours a day that the resource at `address` runs; None where nothing tells."""
    if usage.runs == inf:
        return 24.0
    stated = next((one for one in prices.hours if wildcard(one.where, address)), None)
    if usage.runs == 0:
        return 0.0
    if stated is None:
        return None
    if stated.per_day is not None:
        return min(stated.per_day, 24.0)
    return None if usage.runs is None or stated.per_run is None else usage.runs * stated.per_run


def monthly(prices: Prices, address: str, usage: Usage) -> float | None:
    """What the resource costs a month at the most workers it may have; None if a price or a time is missing."""
    hours = hours_a_day(prices, address, usage)
    if hours == 0:
        return 0.0
    rates = [hourly(prices, part) for part in usage.parts]
    if hours is None or not rates:
        return None
    total = 0.0
    for one in rates:
        if one is None:
            return None
        total += one
    return total * hours * DAYS


def hourly(prices: Prices, part: Part) -> float | None:
    """What a part costs an hour; None where a price is missing."""
    price = prices.products.get(part.product, prices.products.get(part.product.partition("-")[0]))
    if part.cluster is not None:
        return None if price is None else _of_cluster(prices, part.cluster, price)
    rate = prices.dbus.get(part.warehouse.lower()) if part.warehouse else None
    return None if price is None or rate is None else rate * part.clusters * price


def _of_cluster(prices: Prices, cluster: Cluster, price: float) -> float | None:
    if cluster.most is None:
        return None
    types = cluster.driver.lower(), cluster.worker.lower()
    machines = [prices.machines.get(name) for name in types]
    dbus = [prices.dbus.get(name) for name in types]
    factor = prices.photon if cluster.photon else 1.0
    spot = cluster.market.startswith("spot")
    if None in machines or None in dbus or factor is None or (spot and prices.spot_discount is None):
        return None
    driver, worker = (one or 0.0 for one in machines)
    driver_dbus, worker_dbus = (one or 0.0 for one in dbus)
    bought = _bought(cluster, driver, worker, (prices.spot_discount or 0.0) if spot else 0.0)
    return bought + (driver_dbus + cluster.most * worker_dbus) * price * factor


def _bought(cluster: Cluster, driver: float, worker: float, discount: float) -> float:
    """The machines of a cluster. The driver counts as on demand unless ``first_on_demand`` is 0: an upper bound."""
    assert cluster.most is not None
    first = 1.0 if cluster.first_on_demand is None else cluster.first_on_demand
    full = min(max(first - 1, 0.0), cluster.most)
    kept = 1.0 - discount
    return driver * (1.0 if first > 0 else kept) + worker * (full + (cluster.most - full) * kept)
