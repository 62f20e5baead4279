"""What base made of documents that head has, too, serves head: it must be what head alone would make of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resource
from riskcheck.nodes import Node, Scalar, walk
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.kubernetes import PLATFORM
from tests.support import MemoryTree

Files = dict[str, str]

HOME = "web/production"


def _object(number: int, image: int) -> str:
    kind = number % 4
    if kind == 0:
        return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, labels: {{app: web-{number}}}}}
spec:
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
        - name: web
          image: web:{image}
          env: [{{name: UPSTREAM, value: "http://web-1.shop.svc"}}]
          envFrom: [{{configMapRef: {{name: web-{number + 2}}}}}]
"""
    if kind == 1:
        return f"""\
apiVersion: v1
kind: Service
metadata: {{name: web-{number}}}
spec: {{selector: {{app: web-{number - 1}}}, ports: [{{port: {8000 + image}}}]}}
"""
    if kind == 2:
        return f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: web-{number}, annotations: {{keep: 1440}}}}
data: {{SIZE: "{image}"}}
"""
    return f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: web-{number}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: web-{number}}}
subjects: [{{kind: ServiceAccount, name: default, namespace: shop}}]
"""


_SETTINGS = (
    "namespace: shop\n",
    "namePrefix: a-\n",
    "nameSuffix: -z\n",
    "commonAnnotations: {team: data}\n",
    "commonLabels: {team: data}\n",
    "labels: [{pairs: {tier: front}, includeTemplates: true}, {pairs: {tier: back}}]\n",
    "images: [{name: web, newTag: '9'}]\n",
    "replicas: [{name: web-0, count: 4}]\n",
    "components: [../../parts/limits]\n",
    "patchesStrategicMerge: [patch.yaml]\n",
    """\
patches:
  - {target: {kind: Service}, patch: '[{op: add, path: /spec/type, value: NodePort}]'}
  - path: patch.yaml
    target: {kind: Deployment, name: web-4}
  - target: {kind: Deployment}
    patch: |
      kind: Deployment
      metadata: {name: x}
      spec: {paused: true}
""",
)

_PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-0}\nspec: {minReadySeconds: 7}\n"

_COMPONENT = (
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    "commonLabels: {limited: 'yes'}\npatches:\n  - target: {kind: ConfigMap}\n"
    "    patch: '[{op: add, path: /data/LIMIT, value: \"1\"}]'\n"
)


def _files(settings: Sequence[str]) -> Files:
    return {
        f"{HOME}/kustomization.yaml": "resources: [all.yaml, ../base]\n" + "".join(settings),
        f"{HOME}/all.yaml": "---\n".join(_object(number, 1) for number in range(8)),
        f"{HOME}/patch.yaml": _PATCH,
        "web/base/kustomization.yaml": "resources: [more.yaml]\ncommonAnnotations: {base: 'yes'}\n",
        "web/base/more.yaml": "---\n".join(_object(number, 1) for number in range(20, 24)),
        "parts/limits/kustomization.yaml": _COMPONENT,
    }


def _edited(files: Files, chosen: random.Random) -> Files:
    edited = dict(files)
    numbers = [number for number in range(8) if number != chosen.randrange(9)]
    images = [chosen.choice((1, 1, 1, 2)) for _ in range(8)]
    first = chosen.choice(("", "# moved down\n"))
    edited[f"{HOME}/all.yaml"] = first + "---\n".join(_object(number, images[number]) for number in numbers)
    if chosen.random() < 0.3:
        edited[f"{HOME}/patch.yaml"] = _PATCH.replace("7", "8")
    if chosen.random() < 0.3:
        edited[f"{HOME}/kustomization.yaml"] += "# a word\n"
    return edited


def _resolved(base: Files, head: Files, *, shared: bool) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
    """Base and then head, as a run resolves them. shared: with one memory of what was parsed and made."""
    trees = MemoryTree(base, side="base"), MemoryTree(head, side="head")
    memory: dict[object, object] = {}
    stores = tuple(DocumentStore(tree, memory if shared else None) for tree in trees)
    environments = EnvironmentModel(paths=lambda: (*base, *head))
    touched = frozenset(path for path in base if base[path] != head[path])
    spaces = [
        Workspace(tree, store, environments, touched, other)
        for tree, store, other in zip(trees, stores, reversed(stores), strict=True)
    ]
    units = frozenset().union(*(PLATFORM.units(space, touched) for space in spaces))
    one, other = (PLATFORM.resolve(space, units).resources for space in spaces)
    return one, other


def _place(node: Node) -> tuple[str, int, int]:
    return node.source.path, node.file_line, node.column


def _said(resource: Resource) -> object:
    body = [
        (path, _place(node), node.raw if isinstance(node, Scalar) else type(node) is not Node)
        for path, node in walk(resource.body)
    ]
    references = [(one.target, one.kind, one.relation, _place(one.node)) for one in resource.references]
    settings = [(one.role, _place(one.node)) for one in resource.shaped_by]
    rest = (resource.key, resource.service, resource.identity, resource.labels, resource.provides)
    return rest, body, references, settings, _place(resource.origin)


@pytest.mark.parametrize("seed", range(60))
def test_head_says_the_same_whatever_base_made_before(seed: int) -> None:
    chosen = random.Random(seed)
    base = _files(chosen.sample(_SETTINGS, chosen.randint(0, 8)))
    head = _edited(base, chosen)
    together, alone = _resolved(base, head, shared=True), _resolved(base, head, shared=False)
    assert [*map(_said, together[0])] == [*map(_said, alone[0])]
    assert [*map(_said, together[1])] == [*map(_said, alone[1])]
    assert {node.source.side for one in together[1] for _, node in walk(one.body)} <= {"head"}


def test_what_head_shares_with_base_is_the_same_body_and_stands_in_head() -> None:
    base = _files([one for one in _SETTINGS if not one.startswith(("replicas", "name"))])
    head = dict(base)
    head[f"{HOME}/all.yaml"] = base[f"{HOME}/all.yaml"].replace("image: web:1", "image: web:2", 1)
    before, after = _resolved(base, head, shared=True)
    old = {resource.key: resource for resource in before}
    differing = [one.name for one in after if one.body is not old[one.key].body]
    assert len(differing) == 1
    assert "web-0" in differing[0]
    assert {one.origin.source.side for one in after} == {"head"}
