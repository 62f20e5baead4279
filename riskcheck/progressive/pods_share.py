"""What a weight comes to where it is approximated by whole pods.

As https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/utils/replicaset/canary.go computes it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from riskcheck.progressive.surroundings import namespace_of
from riskcheck.progressive.values import as_number, body_of

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

_SURGE: Final = 25
_SCALERS: Final = (("HorizontalPodAutoscaler", "minReplicas"), ("ScaledObject", "minReplicaCount"))


def actual_share(replicas: int, weight: int, whole: int, surge: int) -> float:
    """Share (0..1) of the pods that are new once `weight` of `whole` is asked for.

    surge: pods that may be added during the update; with any, one more pod than `replicas` is considered, too.
    """
    if replicas <= 0 or whole <= 0:
        return 0.0
    high, low = math.ceil(replicas * weight / whole), replicas * weight // whole
    zero_allowed = weight in (0, whole) or (replicas == 1 and surge == 0)
    options: list[tuple[int, int]] = []
    if high < replicas or zero_allowed:
        options.append((high, replicas))
    if not _tied(replicas, weight, whole) and (low or zero_allowed):
        options.append((low, replicas))
    if surge > 0:
        options.append((high, replicas + 1))
        if not _tied(replicas + 1, weight, whole) and (low or zero_allowed):
            options.append((low, replicas + 1))
    if not options:
        return 0.0
    new, total = min(options, key=lambda option: abs(option[0] * whole / option[1] - weight))
    return min(new / total, 1.0)


def _tied(replicas: int, weight: int, whole: int) -> bool:
    return (replicas * weight * 2) % whole == 0 and (replicas * weight) % whole != 0


def surge_of(canary: Part, replicas: int) -> int:
    """``maxSurge`` in pods, rounded up; 25 % where it is not stated."""
    written = canary.value("maxSurge")
    if isinstance(written, str) and written.endswith("%"):
        number = as_number(written[:-1])
        return math.ceil(replicas * (_SURGE if number is None else number) / 100)
    number = as_number(written)
    return math.ceil(replicas * _SURGE / 100) if number is None else int(number)


def replicas_of(rollout: Resource, around: Surroundings) -> int | None:
    """The least number of pods, from its autoscaler or as stated; None where neither tells."""
    name = rollout.name.rpartition("/")[2]
    for kind, field in _SCALERS:
        for scaler in around.kind(kind):
            target = body_of(scaler).part("spec", "scaleTargetRef")
            if (target.text("kind"), target.text("name")) == ("Rollout", name) and (
                not namespace_of(scaler) or namespace_of(scaler) == namespace_of(rollout)
            ):
                return body_of(scaler).whole("spec", field)
    node = rollout.body.at("spec", "replicas")
    if node is None or node.synthetic:
        return None
    return body_of(rollout).whole("spec", "replicas")
