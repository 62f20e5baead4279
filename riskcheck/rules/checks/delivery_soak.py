"""How long a canary is held: pauses, intervals, and the soak that freight needs before it is promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.progressive.values import go_seconds, spell
from riskcheck.rules.checks.delivery_reading import STEPS, option, sides, summed
from riskcheck.rules.checks.delivery_weights import step_before, step_node
from riskcheck.rules.checks.kubernetes_objects import group_of, is_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change
    from riskcheck.progressive.model import Problem, ProgressiveDelivery
    from riskcheck.rules.context import CheckContext

_KARGO: Final = "kargo.akuity.io"
_SOAK: Final = "requiredSoakTime"


def soak_missing(change: Change, context: CheckContext) -> Iterator[Match]:
    """A canary that holds its steps too short a time, or not at all, and shorter than before (CAN-008).

    Values: what (text), weakened (bool: the canary was there before).
    """
    if change.resource.kind == "Stage":
        yield from _freight_soak(change)
        return
    if change.resource_after is None or not is_first(change, context, *STEPS):
        return
    pair = sides(change.resource_before, change.resource_after, context)
    old, new = pair
    if new is None or new.problem("no-steps") or new.strategy not in ("canary", "blue-green", "ab-test"):
        return
    if old is None and change.resource_before is not None:
        return
    if new.controller == "argo-rollouts" and new.strategy != "canary":
        return
    parts: list[str] = []
    unheld = _unheld(new)
    if len(unheld) > (len(_unheld(old)) if old is not None else 0):
        parts.extend(one.text for one in unheld[:2])
    total = _total(old, new, option(context, "min_soak", 600))
    if total:
        parts.append(total)
    if parts:
        node = unheld[0].node if unheld and not total else step_node(new, largest=False)
        yield Match(
            {"what": summed(parts), "weakened": old is not None}, node=node, related=step_before(pair)
        )


def _unheld(delivery: ProgressiveDelivery) -> list[Problem]:
    return [one for one in delivery.problems if one.code in ("no-soak", "zero-pause")]


def _unknown(delivery: ProgressiveDelivery) -> bool:
    """Whether some step takes a time that nobody can tell from the manifests."""
    return any(step.soak_seconds is None for step in delivery.steps)


def _total(old: ProgressiveDelivery | None, new: ProgressiveDelivery, least: float) -> str:
    """What is said where all steps together take less than `least` seconds, and less than before."""
    now = new.soak_seconds
    if now >= least or new.manual or _unknown(new):
        return ""
    if old is None:
        return f"everyone has it after {spell(now)}" if now else "nothing is waited for until everyone has it"
    if old.strategy == "rolling":
        return ""
    if old.manual:
        return f"no person is waited for any more, and everyone has it after {spell(now)}"
    if _unknown(old) or old.soak_seconds <= now:
        return ""
    return f"the total soak goes from {spell(old.soak_seconds)} to {spell(now)}"


def _freight_soak(change: Change) -> Iterator[Match]:
    """The soak time that a Kargo Stage asks for before it takes freight of the Stages before it.

    https://github.com/akuity/kargo/blob/1c764767a/docs/docs/50-user-guide/20-how-to-guides/60-verification.md
    """
    resource = change.resource_after
    if resource is None or group_of(resource) != _KARGO or not change.path or change.path[-1] != _SOAK:
        return
    was = go_seconds(change.before) if isinstance(change.before, str) else None
    now = go_seconds(change.after) if isinstance(change.after, str) else None
    if was and change.node_after is None:
        yield Match({"what": f"freight is promoted without the soak of {spell(was)}", "weakened": True})
    elif was and now is not None and now < was:
        yield Match({"what": f"the soak of freight goes from {spell(was)} to {spell(now)}", "weakened": True})
