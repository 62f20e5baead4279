"""What starts something, as the body of its resource writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.cadence import rate
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.cadence.rate import Cadence


class Start(NamedTuple):
    """block: ``schedule``, ``trigger`` or ``continuous``. node: the expression or block that says when.

    cadence: None where it starts on an event, or at times that cannot be read. paused: whether it is held. zone:
    the time zone of an expression, where one is written.
    """

    block: str
    node: Node
    cadence: Cadence | None
    paused: bool
    zone: Node | None = None


def started_by(body: Mapping) -> Start | None:
    """What starts a job, a pipeline, an alert, a quality monitor, or an object of Kubernetes (CronJob,
    ScheduledSparkApplication); None where nothing in `body` does."""
    for find in (_schedule, _trigger, _continuous, _kubernetes):
        found = find(body)
        if found is not None:
            return found
    return None


def _schedule(body: Mapping) -> Start | None:
    block = body.get("schedule")
    if not isinstance(block, Mapping):
        return None
    for field in ("quartz_cron_expression", "quartz_cron_schedule"):
        node = block.get(field)
        if isinstance(node, Scalar):
            return _by_expression(rate.quartz, "schedule", node, block.get("timezone_id"), _paused(block))
    return Start("schedule", block, None, _paused(block))


def _trigger(body: Mapping) -> Start | None:
    block = body.get("trigger")
    if not isinstance(block, Mapping):
        return None
    periodic, cron = block.get("periodic"), block.get("cron")
    if isinstance(periodic, Mapping):
        return Start("trigger", periodic, _periodic(periodic), _paused(block))
    if isinstance(cron, Mapping):
        node = cron.get("quartz_cron_schedule")
        if isinstance(node, Scalar):
            return _by_expression(rate.quartz, "trigger", node, cron.get("timezone_id"), _paused(block))
    return None if "manual" in block.index else Start("trigger", block, None, _paused(block))


def _periodic(block: Mapping) -> Cadence | None:
    interval = _text(block.get("interval"))
    known = interval.isascii() and interval.isdigit() and len(interval) < 7
    return rate.periodic(int(interval), _text(block.get("unit"))) if known else None


def _continuous(body: Mapping) -> Start | None:
    block = body.get("continuous")
    if isinstance(block, Mapping):
        return Start("continuous", block, rate.CONTINUOUS, _paused(block))
    is_on = isinstance(block, Scalar) and _text(block).lower() == "true"
    return Start("continuous", block, rate.CONTINUOUS, paused=False) if is_on and block is not None else None


def _kubernetes(body: Mapping) -> Start | None:
    spec = body.get("spec")
    node = spec.get("schedule") if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(node, Scalar):
        return None
    held = "true" in (_text(spec.get(field)).lower() for field in ("suspend", "paused"))
    return _by_expression(rate.unix, "schedule", node, spec.get("timeZone"), held)


def _by_expression(
    read: Callable[[str, str], Cadence | None], block: str, node: Scalar, zone: Node | None, paused: bool
) -> Start:
    return Start(block, node, read(node.raw, _text(zone) or "UTC"), paused, zone)


def _paused(block: Mapping) -> bool:
    return _text(block.get("pause_status")).upper() == "PAUSED"


def _text(node: Node | None) -> str:
    return node.raw if isinstance(node, Scalar) else ""
