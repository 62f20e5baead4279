"""A price table as it is read: what compute costs, as somebody states it. `riskcheck.compute.prices` counts with
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


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
