"""A price table that somebody keeps beside the policy, and what compute costs by it.

On the clouds' side a machine costs by the hour; Databricks bills DBUs, of which a machine or a warehouse takes so
many an hour, at a price that hangs on the product (https://www.databricks.com/product/pricing). Photon multiplies
the DBUs (https://docs.databricks.com/aws/en/compute/photon). Nothing of it is known here: what the table leaves out
stays unknown.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.globs import wildcard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.compute.clusters import Cluster
    from riskcheck.compute.usage import Part, Usage

DAYS: Final = 365.25 / 12
"""Days of a month."""


class Hours(NamedTuple):
    """How long the resources of an address pattern run: hours a run, or hours a day."""

    where: str
    per_run: float | None = None
    per_day: float | None = None


class Prices(NamedTuple):
    """machines: price an hour by node type. dbus: DBUs an hour by node type, and of one cluster by warehouse size;
    both by names in lower case.

    products: price of a DBU by product, ``pipelines`` standing for all editions. spot_discount: share off the price
    of a machine. photon: by how much it multiplies the DBUs; None: not stated. source: path of the file.
    """

    currency: str
    machines: Mapping[str, float]
    dbus: Mapping[str, float]
    products: Mapping[str, float]
    hours: tuple[Hours, ...] = ()
    spot_discount: float | None = None
    photon: float | None = None
    source: str = ""

    def hours_a_day(self, address: str, usage: Usage) -> float | None:
        """Hours a day that the resource at `address` runs; None where nothing tells."""
        if usage.runs == inf:
            return 24.0
        stated = next((one for one in self.hours if wildcard(one.where, address)), None)
        if usage.runs == 0:
            return 0.0
        if stated is None:
            return None
        if stated.per_day is not None:
            return min(stated.per_day, 24.0)
        return None if usage.runs is None or stated.per_run is None else usage.runs * stated.per_run

    def monthly(self, address: str, usage: Usage) -> float | None:
        """What the resource costs a month at the most workers it may have; None where a price or a time is
        missing.
        """
        hours = self.hours_a_day(address, usage)
        if hours == 0:
            return 0.0
        hourly = [self.hourly(part) for part in usage.parts]
        if hours is None or not hourly:
            return None
        total = 0.0
        for one in hourly:
            if one is None:
                return None
            total += one
        return total * hours * DAYS

    def hourly(self, part: Part) -> float | None:
        """What a part costs an hour; None where a price is missing."""
        price = self.products.get(part.product, self.products.get(part.product.partition("-")[0]))
        if part.cluster is not None:
            return None if price is None else self._of_cluster(part.cluster, price)
        rate = self.dbus.get(part.warehouse.lower()) if part.warehouse else None
        return None if price is None or rate is None else rate * part.clusters * price

    def _of_cluster(self, cluster: Cluster, price: float) -> float | None:
        if cluster.most is None:
            return None
        types = cluster.driver.lower(), cluster.worker.lower()
        machines = [self.machines.get(name) for name in types]
        dbus = [self.dbus.get(name) for name in types]
        factor = self.photon if cluster.photon else 1.0
        spot = cluster.market.startswith("spot")
        if None in machines or None in dbus or factor is None or (spot and self.spot_discount is None):
            return None
        driver, worker = (one or 0.0 for one in machines)
        driver_dbus, worker_dbus = (one or 0.0 for one in dbus)
        bought = _bought(cluster, driver, worker, (self.spot_discount or 0.0) if spot else 0.0)
        return bought + (driver_dbus + cluster.most * worker_dbus) * price * factor


def _bought(cluster: Cluster, driver: float, worker: float, discount: float) -> float:
    """The machines of a cluster. The driver counts as on demand unless ``first_on_demand`` is 0: an upper bound."""
    assert cluster.most is not None
    first = 1.0 if cluster.first_on_demand is None else cluster.first_on_demand
    full = min(max(first - 1, 0.0), cluster.most)
    kept = 1.0 - discount
    return driver * (1.0 if first > 0 else kept) + worker * (full + (cluster.most - full) * kept)
