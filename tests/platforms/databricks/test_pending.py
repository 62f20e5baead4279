"""Resolving later, or never, changes nothing: random bundles, each resolved at once and when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.changes.compare import compare
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Limitation, Location, Resource, location_of
from riskcheck.nodes import Mapping, Node, Sequence, walk
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.databricks.pending import PendingResource
from riskcheck.platforms.databricks.platform import Databricks
from tests.support import MemoryTree

Files = dict[str, str]

VARIABLES = (
    ("catalog", "dev"),
    ("workers", 4),
    ("node", "i3.xlarge"),
    ("root", "/Volumes/main"),
    ("inside", "${var.catalog}_raw"),
    ("secret_token", "abc"),
    ("cluster", {"num_workers": "${var.workers}", "node_type_id": "${var.node}"}),
    ("library", {"whl": "../dist/x.whl"}),
    ("tasks", [{"task_key": "z", "notebook_task": {"notebook_path": "./z.py"}}]),
    ("circle", "${var.round}"),
    ("round", "a ${var.circle}"),
    ("missing", None),
    ("job", {"name": "whole ${var.catalog}", "tasks": [{"task_key": "only"}]}),
    ("pointer", "${resources.jobs.job_0.id}"),
    ("dollar", "costs $"),
    ("path", "${workspace.file_path}/x"),
)
TEXTS = (
    "plain",
    "${var.catalog}",
    "x_${var.catalog}_y",
    "${var.inside}",
    "${var.root}/sales/in/x",
    "/Volumes/${var.catalog}/sales/in/x",
    "${var.cluster}",
    "text ${var.cluster} text",
    "${var.circle}",
    "${var.missing}",
    "${var.nowhere}",
    "${var.pointer}",
    "${var.dollar}{var.catalog}",
    "${var.secret_token}-${var.catalog}",
    "${resources.pipelines.pipeline_0.id}",
    "${resources.jobs.job_1.name}",
    "${workspace.current_user.userName}",
    "/Workspace${workspace.file_path}/y",
    "${bundle.target}",
    "${bundle.name}-${var.path}",
    "${var.cluster.node_type_id}",
    "$${var.catalog}",
    "${var.${var.catalog}}",
    "",
    None,
)
WORKERS = (2, "4", "${var.workers}", None)


class Maker:
    """Makes the parts of a random bundle."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def text(self) -> object:
        return self._random.choice(TEXTS)

    def maybe(self, share: float = 0.5) -> bool:
        return self._random.random() < share

    def cluster(self) -> object:
        if self.maybe(0.3):
            return self._random.choice(("${var.cluster}", "${var.catalog}"))
        pool = {"instance_pool_id": self.text()} if self.maybe(0.2) else {}
        workers = self._random.choice(WORKERS)
        return {**pool, "num_workers": workers, "node_type_id": "i3.xlarge", "spark_conf": {"a": self.text()}}

    def task(self, number: int) -> object:
        if self.maybe(0.05):
            return "${var.cluster}"
        key = self._random.choice((f"t{9 - number}", f"t{9 - number}", "same", "${var.catalog}", None))
        fields: dict[str, object] = {"task_key": key}
        fields["notebook_task"] = {"notebook_path": "../src/a.py", "base_parameters": {"b": self.text()}}
        if self.maybe(0.3):
            fields["libraries"] = [self._random.choice(("${var.library}", {"whl": "../dist/*.whl"}))]
        if self.maybe(0.3):
            fields["run_job_task"] = {"job_id": self.text()}
        if self.maybe(0.2):
            fields["new_cluster"] = self.cluster()
        return fields

    def job(self) -> object:
        if self.maybe(0.05):
            return self._random.choice(("${var.job}", "${var.catalog}", None, "text"))
        tasks: object = [self.task(number) for number in range(self._random.randrange(4))]
        fields: dict[str, object] = {
            "name": self.text(),
            "tasks": "${var.tasks}" if self.maybe(0.1) else tasks,
            "job_clusters": [{"job_cluster_key": "main", "new_cluster": self.cluster()}],
        }
        if self.maybe():
            fields["schedule"] = {"quartz_cron_expression": self.text()}
        if self.maybe(0.3):
            fields["tags"] = {"team": self.text()}
        if self.maybe(0.2):
            fields["permissions"] = [{"group_name": self.text(), "level": "CAN_VIEW"}]
        if self.maybe(0.1):
            fields["git_source"] = {"git_url": "https://git.example", "git_branch": self.text()}
        return fields

    def pipeline(self) -> object:
        return {
            "name": self.text(),
            "catalog": self.text(),
            "schema": self.text(),
            "configuration": {"source": self.text()},
            "clusters": [
                {"label": label, "num_workers": self._random.choice(WORKERS)}
                for label in self._random.sample(("default", "DEFAULT", "maintenance", None), 2)
            ],
            "libraries": [{"notebook": {"path": "../src/b.py"}}, {"glob": {"include": self.text()}}],
        }

    def resources(self) -> dict[str, object]:
        found: dict[str, object] = {
            "jobs": {f"job_{number}": self.job() for number in range(3)},
            "pipelines": {f"pipeline_{number}": self.pipeline() for number in range(2)},
            "volumes": {"raw": {"name": self.text(), "catalog_name": self.text(), "schema_name": "sales"}},
            "schemas": {"sales": {"name": "Sales", "catalog_name": self.text(), "grants": self.grants()}},
            "novelties": {"x": {"anything": [self.text()], "serving_endpoint": {"name": self.text()}}},
            "model_serving_endpoints": {"chat": {"name": self.text(), "config": {"served_models": []}}},
        }
        if self.maybe(0.1):
            found["dashboards"] = "${var.cluster}"
        return found

    def grants(self) -> object:
        return [{"principal": who, "privileges": ["SELECT"]} for who in ("a", self.text())]

    def target(self, name: str) -> dict[str, object]:
        fields: dict[str, object] = {"workspace": {"host": f"https://{name}.example"}}
        if self.maybe():
            fields["variables"] = {"catalog": self._random.choice((name, f"/V/{name}", "Volumes"))}
        if self.maybe(0.3):
            fields["mode"] = "development"
        if self.maybe(0.3):
            fields["presets"] = {"name_prefix": self._random.choice(("[x] ", "${var.catalog}_"))}
        if self.maybe(0.3):
            fields["permissions"] = [{"group_name": "admins", "level": "CAN_MANAGE"}]
        if self.maybe(0.3):
            fields["run_as"] = {"service_principal_name": self.text()}
        if self.maybe(0.2):
            fields["cluster_id"] = "1-2-3"
        if self.maybe(0.4):
            fields["resources"] = {"jobs": {"job_1": {"tasks": [self.task(0)], "max_concurrent_runs": 3}}}
        return fields


def made(random: Random) -> Files:
    """The files of a bundle."""
    maker = Maker(random)
    variables = {
        name: {} if value is None else {"type": "complex", "default": value}
        for name, value in VARIABLES
        if maker.maybe(0.95)
    }
    root = {
        "bundle": {"name": "shop"},
        "include": ["resources/*.yml"],
        "variables": variables,
        "targets": {name: maker.target(name) for name in ("dev", "staging", "prod")},
    }
    files = {"databricks.yml": lines(root)}
    for kind, group in maker.resources().items():
        files[f"resources/{kind}.yml"] = lines({"resources": {kind: group}})
    return files


def lines(value: object) -> str:
    """JSON is YAML, and one line for each value makes edits local."""
    return json.dumps(value, indent=1)


def edited(files: Files, random: Random) -> Files:
    """`files` after a change of one or two values, or of the places of all."""
    after = dict(files)
    for _ in range(random.randrange(1, 3)):
        path = random.choice(sorted(after))
        found = after[path].split("\n")
        number = random.randrange(len(found))
        old, new = random.choice(
            (("4", "6"), ("dev", "qa"), ('"plain"', '"other"'), ("sales", "Sales"), ("", ""))
        )
        found[number] = found[number].replace(old, new)
        after[path] = "\n".join(found) if random.random() < 0.8 else "\n\n" + "\n".join(found)
    return after


class Told(NamedTuple):
    """What the platform says of one side, without what it is made of."""

    resources: list[object]
    limitations: tuple[Limitation, ...]


def place(node: Node) -> Location:
    """Where `node` is written. What both sides have on the same line may be said to stand in either."""
    return location_of(node)._replace(side="head")


def places(node: Node) -> Iterator[object]:
    """Where every value below `node` is written, and how it came there."""
    yield (place(node), node.synthetic, tuple(map(place, node.via)))
    if isinstance(node, Mapping):
        for key, child in node.entries:
            yield (key.raw, place(key))
            yield from places(child)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from places(item)


def told(resource: Resource) -> object:
    references = [(one.target, one.kind, one.relation, place(one.node)) for one in resource.references]
    known = (resource.provides, resource.labels, resource.service, resource.identity, references)
    return (resource.key, known, plain_value(resource.body, "databricks"), list(places(resource.body)))


def both(base: Files, head: Files, *, at_once: bool) -> tuple[Told, Told, list[object]]:
    """Both sides and what differs between them."""
    platform = Databricks(at_once=at_once)
    texts: dict[object, object] = {}
    trees = MemoryTree(base, "base"), MemoryTree(head, "head")
    stores = [DocumentStore(tree, texts) for tree in trees]
    touched = frozenset(path for path in {*base, *head} if base.get(path) != head.get(path))
    sides = [
        platform.resolve(Workspace(tree, store, EnvironmentModel(), touched, other), ["."])
        for tree, store, other in zip(trees, stores, reversed(stores), strict=True)
    ]
    natural = platform.natural_keys
    changes = compare(
        sides[0].resources, sides[1].resources, lambda one: lambda field: natural(one.kind, field)
    )
    differing: list[object] = [
        (one.resource.key, one.path, one.kind, one.before, one.after, place(one.node)) for one in changes
    ]
    before, after = (Told([told(one) for one in side.resources], side.limitations) for side in sides)
    return before, after, differing


@given(st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_looking_later_sees_the_same(random: Random) -> None:
    base = made(random)
    head = edited(base, random)
    before, after, changes = both(base, head, at_once=False)
    before_at_once, after_at_once, changes_at_once = both(base, head, at_once=True)
    assert before.limitations == before_at_once.limitations
    assert after.limitations == after_at_once.limitations
    assert before.resources == before_at_once.resources
    assert after.resources == after_at_once.resources
    assert changes == changes_at_once


def resolved(base: Files, head: Files) -> tuple[list[Resource], list[Resource]]:
    texts: dict[object, object] = {}
    trees = MemoryTree(base, "base"), MemoryTree(head, "head")
    stores = [DocumentStore(tree, texts) for tree in trees]
    touched = frozenset(path for path in {*base, *head} if base.get(path) != head.get(path))
    platform = Databricks()
    sides = [
        list(platform.resolve(Workspace(tree, store, EnvironmentModel(), touched, other), ["."]).resources)
        for tree, store, other in zip(trees, stores, reversed(stores), strict=True)
    ]
    return sides[0], sides[1]


ROOT = """\
bundle: {name: shop}
include: [jobs.yml]
variables:
  workers: {default: 4}
  catalog: {default: dev}
targets:
  dev: {}
  prod: {variables: {catalog: prod}}
"""
JOBS = """\
resources:
  jobs:
    large:
      tasks: [{task_key: a, notebook_task: {notebook_path: a.py, base_parameters: {x: "${var.catalog}"}}}]
      job_clusters: [{job_cluster_key: m, new_cluster: {num_workers: "${var.workers}"}}]
    other:
      name: "${var.catalog}"
"""


def unseen(resource: Resource) -> bool:
    """Whether nobody has looked into a resource."""
    try:
        object.__getattribute__(resource.body, "entries")
    except AttributeError:
        return True
    return False


def test_what_a_change_does_not_reach_is_never_resolved() -> None:
    base, head = resolved(
        {"databricks.yml": ROOT, "jobs.yml": JOBS},
        {"databricks.yml": ROOT.replace("default: 4", "default: 6"), "jobs.yml": JOBS},
    )
    changes = compare(base, head, lambda _: lambda _: ())
    reached = {(one.resource.name, one.environment.name) for one in changes if one.resource.kind == "jobs"}
    assert reached == {("large", "dev"), ("large", "prod")}
    jobs = [one for one in (*base, *head) if one.kind == "jobs"]
    assert all(isinstance(one, PendingResource) for one in jobs)
    assert {one.name for one in jobs if unseen(one)} == {"other"}
    assert {one.name for one in jobs if not unseen(one)} == {"large"}


def test_a_list_that_a_change_does_not_reach_is_the_same_on_both_sides() -> None:
    base, head = resolved(
        {"databricks.yml": ROOT, "jobs.yml": JOBS},
        {"databricks.yml": ROOT.replace("default: 4", "default: 6"), "jobs.yml": JOBS},
    )
    before, after = (next(one for one in side if one.name == "large").body for side in (base, head))
    assert before.get("tasks") is after.get("tasks")
    assert before.get("job_clusters") is not after.get("job_clusters")


def test_a_resource_under_another_service_stays_put_off() -> None:
    base, _ = resolved({"databricks.yml": ROOT, "jobs.yml": JOBS}, {})
    one = next(each for each in base if each.name == "other")
    renamed = one.of_service("payments")
    assert unseen(renamed)
    assert (renamed.service, renamed.key, renamed.body) == ("payments", one.key, one.body)
    assert renamed.provides == ("databricks:jobs@dev", "databricks:jobs=dev")


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_head_never_speaks_of_base(random: Random) -> None:
    base = made(random)
    _, head = resolved(base, edited(base, random))
    for resource in head:
        assert location_of(resource.origin).side == "head"
        for _, node in walk(resource.body):
            assert node.source.side == "head"
