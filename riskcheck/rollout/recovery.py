"""The class of an edit, R0 to R4: what taking it back takes.

The worst of what its rules declare, what the platform does to the resource, and what the key itself says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import DECLARED_CLASS, RECOVERY_CLASSES, RecoveryClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.models import Action, Change, Reversibility
    from riskcheck.rollout.losses import Loss

WORDS: Final[Mapping[RecoveryClass, str]] = {
    "toggle": "a weight or flag is set back",
    "reapply": "the previous file is applied again",
    "ordered": "something has to be provisioned anew, or to go in steps",
    "restore": "what is lost has to be restored from elsewhere",
    "one-way": "nothing that is known here brings it back",
}

_WEIGHTS: Final = frozenset({"weight", "traffic_percentage", "setWeight", "canaryWeight"})

_SECRETS: Final = frozenset({"Secret", "SealedSecret", "ExternalSecret", "Certificate"})

_PROTOCOL: Final = ("delta.minReaderVersion", "delta.minWriterVersion", "delta.feature.")
"""Table properties that raise the protocol: older readers fail until the table is rewritten.
https://docs.databricks.com/aws/en/delta/drop-feature"""


def recovery_class(
    changes: Iterable[Change], declared: Iterable[Reversibility], losses: Iterable[Loss], action: Action
) -> tuple[RecoveryClass, str]:
    """The class and why. changes: the edit in every environment. declared: classes of the rules that it hits.
    action: the gravest thing that the deployment does to a resource of the edit."""
    edits = list(changes)
    found: list[tuple[RecoveryClass, str]] = [_of_key(change) for change in edits]
    found.extend(
        (DECLARED_CLASS[one], WORDS[DECLARED_CLASS[one]]) for one in set(declared) if one != "reversible"
    )
    found.extend(
        (DECLARED_CLASS[loss.reversibility], WORDS[DECLARED_CLASS[loss.reversibility]]) for loss in losses
    )
    if action in ("recreate", "rename") and not all(map(_is_resubmitted, edits)):
        found.append(("ordered", f"the deployment has to {action} the resource once more"))
    if action == "delete":
        found.append(("ordered", "the deleted resource has to be created anew"))
    return max(found, key=lambda one: RECOVERY_CLASSES.index(one[0]), default=("reapply", WORDS["reapply"]))


def _is_resubmitted(change: Change) -> bool:
    """Nothing is provisioned where the Spark operator ends a run and starts it again; SPK-011 tells of streams,
    which lose by it."""
    resource = change.resource
    return resource.platform == "kubernetes" and resource.kind == "SparkApplication" and change.path != ()


def _of_key(change: Change) -> tuple[RecoveryClass, str]:
    resource, path = change.resource, change.path
    if resource.platform == "kubernetes":
        if resource.kind == "CustomResourceDefinition":
            return "ordered", "readers of the definition go back before it does"
        if path == ("apiVersion",):
            return "ordered", "readers of the new API version go back first"
        if resource.kind in _SECRETS and path[:1] in (("data",), ("stringData",), ("spec",)):
            return "ordered", "both secrets have to be accepted until all readers are back on the old one"
    if any(step.startswith(_PROTOCOL) for step in path):
        return "ordered", "the table's protocol goes down only by rewriting it"
    if path and path[-1] in _WEIGHTS and change.kind == "modified":
        return "toggle", WORDS["toggle"]
    return "reapply", WORDS["reapply"]
