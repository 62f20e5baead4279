"""One cluster as it is configured: how many machines of which type, and what they are bought as.

Fields and their defaults: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json
(compute.ClusterSpec, compute.AwsAttributes and its siblings).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.compute.machines import vcpus
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import MISSING, Mapping, MaybeValue, Reading, Scalar
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import KeyPath

Market: TypeAlias = Literal["on-demand", "spot", "spot with fallback", ""]
"""What machines beyond the first on-demand ones are bought as; ``""`` where nothing says it."""

CLOUDS: Final = ("aws", "azure", "gcp")

_MARKETS: Final[dict[str, Market]] = {
    "ON_DEMAND": "on-demand",
    "ON_DEMAND_AZURE": "on-demand",
    "ON_DEMAND_GCP": "on-demand",
    "SPOT": "spot",
    "SPOT_AZURE": "spot",
    "PREEMPTIBLE_GCP": "spot",
    "SPOT_WITH_FALLBACK": "spot with fallback",
    "SPOT_WITH_FALLBACK_AZURE": "spot with fallback",
    "PREEMPTIBLE_WITH_FALLBACK_GCP": "spot with fallback",
}

_MOST: Final = 1e9

MOST_KNOWN: Final = 4096
"""Clusters remembered: targets share the nodes of what they deploy alike, and several rules ask for each."""


class Settings(NamedTuple):
    """The settings of one cluster, warehouse or pipeline, and how its scalars are read."""

    mapping: Mapping
    reading: Reading

    def value(self, *path: str) -> MaybeValue:
        """The scalar at `path`; `MISSING` where it is absent or no scalar."""
        node = self.mapping.at(*path)
        return scalar_value(node, self.reading) if isinstance(node, Scalar) else MISSING

    def text(self, *path: str) -> str:
        value = self.value(*path)
        return value if isinstance(value, str) else ""

    def number(self, *path: str) -> float | None:
        """A count or size; None for anything else, and for what no platform would accept as one."""
        value = self.value(*path)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if 0 <= value <= _MOST else None

    def states(self, *path: str) -> bool:
        """Whether anything but null stands at `path`."""
        node = self.mapping.at(*path)
        if isinstance(node, Scalar):
            return scalar_value(node, self.reading) is not None
        return node is not None


class Cluster(NamedTuple):
    """The machines of a cluster. least, most: workers; None where a reference is open.

    driver, worker: node types, ``""`` where a pool or policy decides. cloud: whose attributes it has, maybe empty.
    first_on_demand: machines that are never spot, the driver first; None where the default of the workspace holds.
    """

    least: float | None
    most: float | None
    driver: str
    worker: str
    pool: str = ""
    cloud: str = ""
    market: Market = ""
    first_on_demand: float | None = None
    photon: bool = False

    @property
    def vcpus(self) -> float | None:
        """vCPUs of driver and most workers; None where one of them is unknown."""
        driver, worker = vcpus(self.driver), vcpus(self.worker)
        if self.most is None or driver is None or worker is None:
            return None
        return driver + self.most * worker

    @property
    def machines(self) -> float | None:
        """Driver and most workers."""
        return None if self.most is None else 1 + self.most


@lru_cache(MOST_KNOWN)
def cluster_of(mapping: Mapping, reading: Reading) -> Cluster:
    """The cluster that `mapping` configures. Shapes that no loader accepts read as unknown."""
    settings = Settings(mapping, reading)
    least, most = _workers(settings)
    worker = settings.text("node_type_id")
    cloud = next((name for name in CLOUDS if isinstance(mapping.get(f"{name}_attributes"), Mapping)), "")
    return Cluster(
        least=least,
        most=most,
        driver=settings.text("driver_node_type_id") or worker,
        worker=worker,
        pool=settings.text("instance_pool_id"),
        cloud=cloud,
        market=_market(settings, cloud),
        first_on_demand=settings.number(f"{cloud}_attributes", "first_on_demand") if cloud else None,
        photon=settings.text("runtime_engine") == "PHOTON" or "-photon-" in settings.text("spark_version"),
    )


def _workers(settings: Settings) -> tuple[float | None, float | None]:
    if settings.states("autoscale"):
        return settings.number("autoscale", "min_workers"), settings.number("autoscale", "max_workers")
    count = settings.number("num_workers")
    if count is None and not settings.states("num_workers"):
        count = 0.0
    return count, count


def _market(settings: Settings, cloud: str) -> Market:
    if not cloud:
        return ""
    stated = _MARKETS.get(settings.text(f"{cloud}_attributes", "availability"), "")
    if not stated and cloud == "gcp":
        preemptible = settings.value("gcp_attributes", "use_preemptible_executors")
        return "spot" if preemptible is True else ""
    return stated


def cluster_path(path: KeyPath, kind: str) -> KeyPath | None:
    """The path of the cluster that `path` leads into, in a resource of `kind`; None where it leads into none."""
    if kind == "clusters":
        return ()
    for position, step in enumerate(path[:-1]):
        if step == "new_cluster":
            return path[: position + 1]
        if kind == "pipelines" and step == "clusters":
            return path[: position + 2]
    return None


def cluster_name(path: KeyPath) -> str:
    """The natural key of the cluster at `path`: ``main``; ``""`` where it has none."""
    name = next((step for step in reversed(path) if step.startswith("[")), "")
    return name[1:-1]
