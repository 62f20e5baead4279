"""How far a canary goes at once: its first share, its largest jump, and what whole pods make of a weight."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.gateway_api import KINDS as ROUTES
from riskcheck.progressive.values import body_of, percent
from riskcheck.rules.checks.delivery_reading import STEPS, Sides, counted, option, sides, summed
from riskcheck.rules.checks.delivery_shares import shares_moved
from riskcheck.rules.checks.kubernetes_objects import is_first, neighbours
from riskcheck.rules.checks.kubernetes_pods import pod_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Change
    from riskcheck.nodes import Node
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.rules.context import CheckContext


def steps_too_large(change: Change, context: CheckContext) -> Iterator[Match]:
    """The first share, or a jump, of a canary is larger than a canary may have, and larger than before (CAN-007).

    Values: what (text), weakened (bool: the canary was there before).
    """
    if change.resource.kind in (*ROUTES, "VirtualService"):
        yield from shares_moved(change, context)
        return
    if change.resource_after is None or not is_first(change, context, *STEPS):
        return
    pair = sides(change.resource_before, change.resource_after, context)
    new = pair.after
    if new is None or new.strategy != "canary" or new.problem("no-steps") or None in _shares(new):
        return
    old = pair.before
    if old is None and change.resource_before is not None:
        return
    comparable = old is not None and None not in _shares(old)
    if old is None and _decided(new):
        return
    known = old if comparable else None
    first = _larger(known, new, _first, option(context, "max_first", 20))
    jump = _larger(known, new, _jump, option(context, "max_jump", 50))
    parts = []
    if first is not None:
        parts.append(_moved("first step", first, _first(new)))
    if jump is not None and not (old is None and new.manual):
        parts.append(_moved("largest jump", jump, _jump(new)))
    if not parts:
        return
    if comparable and old is not None and len(old.weights) > len(new.weights):
        parts.append(f"{counted(len(old.weights), 'step')} become {len(new.weights)}")
    node = step_node(new, largest=first is None)
    yield Match({"what": summed(parts), "weakened": old is not None}, node=node, related=step_before(pair))


def _decided(delivery: ProgressiveDelivery) -> bool:
    """Whether all traffic moves at once, and an analysis or a person decides before: a preview."""
    before = [step for step in delivery.steps if step.share == 0]
    return _first(delivery) == 1 and (delivery.manual or any(step.analysis for step in before))


def _shares(delivery: ProgressiveDelivery) -> list[float | None]:
    return [step.share for step in delivery.steps]


def _first(delivery: ProgressiveDelivery) -> float:
    return delivery.weights[0]


def _jump(delivery: ProgressiveDelivery) -> float:
    """The most that one step adds, the first one left out; the last one to everyone counts."""
    return max((round(high - low, 6) for low, high in pairwise(delivery.weights)), default=0.0)


def _larger(
    old: ProgressiveDelivery | None,
    new: ProgressiveDelivery,
    measure: Callable[[ProgressiveDelivery], float],
    most: float,
) -> float | None:
    """What it was before where it is now over `most` per cent and over what it was; 0 where nothing was."""
    now = measure(new)
    was = 0.0 if old is None else measure(old)
    return was if now * 100 > most and now > was else None


def _moved(name: str, was: float, now: float) -> str:
    unit = "points" if name == "largest jump" else "%"
    if not was:
        return f"the {name} is {round(now * 100, 2):g} {unit}"
    return f"the {name} goes from {round(was * 100, 2):g} {unit} to {round(now * 100, 2):g} {unit}"


def step_node(delivery: ProgressiveDelivery, *, largest: bool) -> Node | None:
    steps = [step for step in delivery.steps if step.share]
    if largest and len(steps) > 1:
        return max(pairwise(steps), key=lambda two: (two[1].share or 0) - (two[0].share or 0))[1].node
    return steps[0].node if steps else None


def step_before(pair: Sides) -> tuple[Related, ...]:
    if pair.before is None:
        return ()
    node = step_node(pair.before, largest=False)
    return () if node is None else (Related("before", location_of(node)),)


def too_coarse(change: Change, context: CheckContext) -> Iterator[Match]:
    """A weight that whole pods cannot make, further off than before (CAN-012).

    Values: what (text).
    """
    watched = (("spec", "strategy"), ("spec", "replicas"))
    if change.resource_after is None or not is_first(change, context, *watched):
        return
    pair = sides(change.resource_before, change.resource_after, context)
    old, new = pair
    if new is None or new.strategy != "canary" or new.replicas is None or not _serves(new, context):
        return
    most = option(context, "max_deviation", 15)
    now, few = _off(new), new.replicas < option(context, "min_replicas", 4)
    if old is not None and old.replicas is not None and old.strategy == "canary":
        was = _off(old)
        worse = (now is not None and (was is None or now[0] > was[0])) or new.replicas < old.replicas
        if not worse:
            return
    if now is None or not (now[0] * 100 > most or few):
        return
    share, actual = now[1], now[2]
    pods = counted(new.replicas, "pod")
    if round(share, 3) == round(actual, 3):
        return
    text = f"{percent(share)} of {pods} comes to {percent(actual)}"
    yield Match({"what": text}, node=change.node_after if change.path else now[3])


def _off(delivery: ProgressiveDelivery) -> tuple[float, float, float, Node | None] | None:
    """The step whose pods are furthest from its weight: deviation, weight, share of pods, node."""
    found = [
        (abs(step.actual - step.share), step.share, step.actual, step.node)
        for step in delivery.steps
        if step.actual is not None and step.share
    ]
    return max(found, key=lambda one: one[0], default=None)


def _serves(delivery: ProgressiveDelivery, context: CheckContext) -> bool:
    """Whether a Service sends requests to its pods: the share of a queue worker is that of its work."""
    if delivery.workload is None:
        return False
    labels = pod_labels(delivery.workload)
    return any(
        wanted and all(labels.get(key) == value for key, value in wanted.items())
        for service in neighbours(delivery.resource, context.head, "Service")
        for wanted in (body_of(service).texts("spec", "selector"),)
    )
