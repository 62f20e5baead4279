"""Traffic that a Spark application cannot do without: its parts among themselves, and the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_objects import name_of, text_at
from riskcheck.rules.checks.network_cuts import Cut, Pod, all_responsible, responsible
from riskcheck.rules.checks.network_policies import Policies, Port
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.nodes import Mapping

_TITLES: Final = {"driver": "the driver", "executor": "executors"}
_API_SERVER: Final = (Port(443, name="https"), Port(6443))


def apart(pods: list[Pod], before: Policies, after: Policies) -> Iterator[Cut]:
    """Executors report to the driver, and all fetch blocks from each other.

    https://spark.apache.org/docs/latest/security.html#configuring-ports-for-network-security
    """
    found: dict[str, list[Pod]] = {}
    policies: set[str] = set()
    for driver, executor in _applications(pods):
        for caller, callee, port in _flows(driver, executor):
            ends = (caller.labels, callee.labels, port)
            if before.connect(*ends) and not after.connect(*ends):
                what = f"{caller.role}s no longer reach {_TITLES[callee.role]} on port {port.number}"
                found.setdefault(what, []).append(driver)
                policies |= responsible(caller, "egress", before, after)
                policies |= responsible(callee, "ingress", before, after)
    if found:
        drivers = tuple({one.owner.address: one for hit in found.values() for one in hit}.values())
        yield Cut(f"{next(iter(found))} ({_names(drivers)})", drivers, frozenset(policies), apart=True)


def _names(drivers: Collection[Pod]) -> str:
    names = [name_of(one.owner) for one in drivers]
    return listed(names, most=2 if len(names) == 2 else 1)


def _applications(pods: list[Pod]) -> Iterator[tuple[Pod, Pod]]:
    drivers = {pod.owner.address: pod for pod in pods if pod.role == "driver"}
    for pod in pods:
        if pod.role == "executor":
            yield drivers[pod.owner.address], pod


def _flows(driver: Pod, executor: Pod) -> Iterator[tuple[Pod, Pod, Port]]:
    spec = application_of(driver.owner)
    blocks = _port(spec, "spark.blockManager.port", 7079)
    yield executor, driver, Port(_port(spec, "spark.driver.port", 7078), name="driver-rpc-port")
    yield (
        executor,
        driver,
        Port(_port(spec, "spark.driver.blockManager.port", blocks), name="blockmanager"),
    )
    yield driver, executor, Port(blocks, name="blockmanager")
    yield executor, executor, Port(blocks, name="blockmanager")


def _port(spec: Mapping | None, key: str, default: int) -> int:
    stated = text_at(spec, "sparkConf", key) or ""
    return int(stated) if stated.isdecimal() and 0 < int(stated) < 65536 else default


def no_api_server(pods: list[Pod], before: Policies, after: Policies) -> Iterator[Cut]:
    hit = [
        pod
        for pod in pods
        if pod.role == "driver" and _reaches_api(pod.labels, before) and not _reaches_api(pod.labels, after)
    ]
    if hit:
        what = f"drivers no longer reach the Kubernetes API, which makes their executors ({_names(hit)})"
        yield Cut(what, tuple(hit), all_responsible(hit, "egress", before, after), apart=True)


def _reaches_api(labels: dict[str, str], policies: Policies) -> bool:
    if not policies.isolated(labels, "egress"):
        return True
    rules = policies.allowing(labels, "egress")
    # The API server may also be behind a selector of another namespace, as some network plugins have it.
    return any(one.lets_outside(_API_SERVER) for one in rules) or any(
        any(one.lets_port(port) for port in _API_SERVER) and one.ports is not None for one in rules
    )
