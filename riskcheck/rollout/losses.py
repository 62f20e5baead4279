"""What a plain revert does not bring back, in one sentence a thing. Data with sources.

Sentences go on after "a revert". ``{name}`` is the thing's own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Action, Change, Resource, Reversibility

GONE: Final = {
    ("databricks", "catalogs"): "re-creates catalog {name} empty: its schemas and tables went with it",
    ("databricks", "schemas"): "re-creates schema {name} empty: its tables, views and volumes went with it",
    ("databricks", "volumes"): (
        "re-creates volume {name} empty: the files it held are deleted within 30 days, and only UNDROP VOLUME has "
        "them back, for 7 days"
    ),
    ("databricks", "pipelines"): (
        "re-creates pipeline {name} without its streaming tables and materialized views: a full refresh fills them "
        "with what the sources still hold"
    ),
    ("databricks", "registered_models"): "re-creates registered model {name} without its versions",
    ("databricks", "experiments"): "re-creates experiment {name} without its runs",
    ("databricks", "secret_scopes"): "re-creates secret scope {name} without its secrets",
    ("databricks", "secrets"): "does not know the value of secret {name}",
    ("databricks", "database_instances"): "re-creates database instance {name} without its databases",
    ("databricks", "synced_database_tables"): "re-creates synced table {name} empty and has it synced anew",
    ("databricks", "postgres_projects"): "re-creates project {name} without its branches and databases",
    ("databricks", "postgres_branches"): "re-creates branch {name} without the data on it",
    ("databricks", "postgres_databases"): "re-creates database {name} without its data",
    ("databricks", "vector_search_indexes"): "re-creates index {name} without its vectors",
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

Databricks: https://github.com/databricks/cli/blob/7bbe285213/bundle/phases/messages.go ; volumes:
https://docs.databricks.com/volumes/managed-vs-external.html and
https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-volume ; pipelines:
https://docs.databricks.com/aws/en/ldp/full-refresh-st ; claims and volumes:
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


class Loss(NamedTuple):
    """A rule of class lossy or irreversible hit `change`. action: what the deployment does to its resource."""

    change: Change
    code: str
    reversibility: Reversibility
    action: Action

    @property
    def is_gone(self) -> bool:
        """Whether the resource itself goes, though another may come under its name."""
        return self.action in ("delete", "recreate")


def sentence(loss: Loss) -> str:
    """What a revert does not bring back of it."""
    resource = loss.change.resource
    known = GONE.get((resource.platform, resource.kind)) if loss.is_gone else None
    text = known or IN_WORDS["irreversible" if loss.reversibility == "irreversible" else "lossy"]
    name = resource.name.rpartition("/")[2]
    return "a revert " + text.format(name=name, thing=f"{_noun(resource)} {name}", code=loss.code)


def _noun(resource: Resource) -> str:
    """``Deployment``; ``model serving endpoint`` for the bundle's ``model_serving_endpoints``."""
    if resource.platform != "databricks":
        return resource.kind
    return resource.kind.removesuffix("s").replace("_", " ")


def sentences(losses: Iterable[Loss]) -> tuple[str, ...]:
    """One sentence a thing, what is gone before what is only said by a rule; each once."""
    said: dict[tuple[str, bool], str] = {}
    for loss in sorted(losses, key=lambda one: (not one.is_gone, one.reversibility != "irreversible")):
        resource = loss.change.resource
        if (resource.address, True) not in said:
            said.setdefault((resource.address, loss.is_gone), sentence(loss))
    return tuple(dict.fromkeys(said.values()))
