"""What a plain revert does not bring back, in one sentence a thing. Data with sources.

Sentences go on after "a revert". ``{name}`` is the thing's own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import HOLDINGS, holding
from riskcheck.models import LOSING
from riskcheck.records import NamedTuple
from riskcheck.rollout.statements import done

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Action, Change, Resource, Reversibility

GONE: Final = {
    **{("databricks", kind): known.reverted for kind, known in HOLDINGS.items()},
    ("sql", "CATALOG"): "does not run {name} backwards: it stays dropped, with its schemas and tables",
    ("sql", "SCHEMA"): "does not run {name} backwards: it stays dropped, with its tables, views and volumes",
    ("sql", "TABLE"): (
        "does not bring {name} back: only UNDROP TABLE does, for 7 days, without its constraints"
    ),
    ("sql", "VOLUME"): "does not bring {name} back: only UNDROP VOLUME does, for 7 days",
    ("sql", "ROWS"): (
        "leaves {name} as the statement left it: only an earlier version of the table has the rest"
    ),
    ("kubernetes", "PersistentVolumeClaim"): (
        "re-creates claim {name} with an empty volume: what the old one held went with the claim"
    ),
    ("kubernetes", "PersistentVolume"): "re-creates volume {name}, not the disk that was deleted with it",
    ("kubernetes", "StatefulSet"): "re-creates {name} with empty volumes: its claims were deleted with it",
    (
        "kubernetes",
        "VolumeSnapshot",
    ): "takes a new snapshot under the name {name}; the copy that it was is gone",
    ("kubernetes", "Namespace"): (
        "re-creates namespace {name} with what its files declare: the data of its claims and all that was made by "
        "hand stay deleted"
    ),
    ("kubernetes", "CustomResourceDefinition"): (
        "re-creates definition {name} without the objects of that kind, which were deleted with it"
    ),
}
"""(platform, kind) to what becomes of a resource that was deleted, or deleted and created anew.

Databricks: `riskcheck.bundles.losses`; claims and volumes:
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming ; namespaces:
https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ ; definitions:
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

IN_WORDS: Final = {
    "lossy": "brings the configuration of {thing} back, not what {code} says is lost",
    "irreversible": (
        "brings the configuration of {thing} back; of what {code} says goes, the repository holds no copy"
    ),
}
"""Class to what is said where the table above knows no better."""


OF_TARGETS: Final = "brings target {name} back, not what became of its resources meanwhile ({code})"
"""A target holds nothing itself: what is lost of its resources is told of each where the change shows it."""


class Loss(NamedTuple):
    """A rule of class lossy or irreversible hit `change`. action: what the deployment does to its resource."""

    change: Change
    code: str
    reversibility: Reversibility
    action: Action

    @property
    def is_gone(self) -> bool:
        """Whether the resource itself goes, though another may come under its name."""
        return self.action in LOSING


def sentence(loss: Loss) -> str:
    """What a revert does not bring back of it."""
    resource = loss.change.resource
    statement = done(loss)
    if statement is not None:
        text = GONE.get(("sql", statement.kind), "does not run the statement on {name} backwards")
        return "a revert " + text.format(name=statement.thing)
    known = _gone(loss.change) if loss.is_gone else None
    if known is None and (resource.platform, resource.kind) == ("databricks", "targets"):
        known = OF_TARGETS
    text = known or IN_WORDS["irreversible" if loss.reversibility == "irreversible" else "lossy"]
    name = resource.name.rpartition("/")[2]
    return "a revert " + text.format(name=name, thing=f"{_noun(resource)} {name}", code=loss.code)


def _gone(change: Change) -> str | None:
    """What became of the resource that was there, in words."""
    resource = change.resource_before or change.resource
    if resource.platform == "databricks" or resource.section != resource.kind:
        known = holding(resource)
        return known.reverted if known is not None else None
    return GONE.get((resource.platform, resource.kind))


def _noun(resource: Resource) -> str:
    """``Deployment``; ``model serving endpoint`` for the bundle's ``model_serving_endpoints``."""
    if resource.platform != "databricks" and resource.section == resource.kind:
        return resource.kind
    return resource.section.removesuffix("s").replace("_", " ")


def sentences(losses: Iterable[Loss]) -> tuple[str, ...]:
    """One sentence a thing, what is gone before what is only said by a rule; each once."""
    said: dict[tuple[str, bool], str] = {}
    for loss in sorted(losses, key=lambda one: (not one.is_gone, one.reversibility != "irreversible")):
        resource = loss.change.resource
        statement = done(loss)
        thing = (
            resource.address if statement is None else f"{resource.address} {statement.kind} {statement.name}"
        )
        if (thing, True) not in said:
            said.setdefault((thing, loss.is_gone), sentence(loss))
    return tuple(dict.fromkeys(said.values()))
