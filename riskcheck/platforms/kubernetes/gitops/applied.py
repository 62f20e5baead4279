"""What a deployment puts on top of what its directory builds: patches, images, names, variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.growth import MAX_TEXTS, Growth
from riskcheck.models import Limitation, location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import put, put_at
from riskcheck.platforms.kubernetes.gitops.substitution import MAX_LENGTH, substituted
from riskcheck.platforms.kubernetes.kustomize.accumulation import Build
from riskcheck.platforms.kubernetes.kustomize.step import Step
from riskcheck.platforms.kubernetes.scopes import is_built_in

if TYPE_CHECKING:
    from riskcheck.platforms.kubernetes.gitops.deployments import Deployment
    from riskcheck.platforms.kubernetes.gitops.substitution import Variables
    from riskcheck.platforms.kubernetes.kustomize.build import Builder
    from riskcheck.platforms.kubernetes.objects import KubeObject

_ADDED: Final = frozenset({"patches", "components", "labels"})
"""Lists that are appended to those of the kustomization; other fields take their place."""
_TOO_LARGE: Final = (
    f"variables make a text of more than {MAX_LENGTH:,} characters, or texts of more than {MAX_TEXTS:,} in all: "
    "some stay as they are written"
)


def applied(
    builder: Builder,
    deployment: Deployment,
    objects: list[KubeObject],
    limitations: dict[Limitation, None],
    variables: Variables | None,
) -> Build:
    """`objects`, which the directory of `deployment` builds or holds, as the cluster gets them."""
    overrides = deployment.overrides
    build = Build()
    build.objects = objects
    if overrides.fields is not None:
        build = _overridden(builder, deployment, objects, overrides.fields)
        limitations.update(build.limitations)
    if variables is not None:
        growth = Growth()
        build.objects = [substituted(found, variables, growth) for found in build.objects]
        build.read |= variables.read
        if growth.met:
            place = location_of(deployment.node)
            limitations.setdefault(
                Limitation(place.path, "too-large", _TOO_LARGE, place.line, place.side, failed=True)
            )
    if isinstance(overrides.default, Scalar):
        namespace = overrides.default
        build.objects = [_defaulted(found, namespace) for found in build.objects]
    return build


def _overridden(
    builder: Builder, deployment: Deployment, objects: list[KubeObject], fields: Mapping
) -> Build:
    """Flux and Argo CD edit the kustomization before they build it. Where a directory has none, they make one that
    names all of its manifests."""
    directory = deployment.path
    path = builder.kustomization_in(directory)
    build = Build()
    origin = deployment.node.source.path
    if path is None:
        build.objects = [_unhashed(found) for found in objects]
        Step(builder, build, directory, origin, fields).run()
        return builder.finished(build)
    root = builder.manifests.root(path, {})
    if isinstance(root, Mapping):
        build.read.add(path)
        Step(builder, build, directory, path, _edited(root, fields)).run()
    return builder.finished(build)


def _unhashed(found: KubeObject) -> KubeObject:
    """An object without the hash of its content, which is added last; it stays known by that name, too."""
    if not found.hashed or not found.previous:
        return found
    name = made(found.previous[-1].name, found.body)
    return found.evolve(put_at(found.body, ("metadata", "name"), name), remember=True)


def _edited(root: Mapping, fields: Mapping) -> Mapping:
    done = root
    for key, node in fields.entries:
        known = root.get(key.raw)
        if isinstance(node, Sequence) and isinstance(known, Sequence):
            if key.raw in _ADDED:
                node = node.with_items([*known.items, *node.items])
            elif key.raw in ("images", "replicas"):
                node = node.with_items([*_others(known, node), *node.items])
        elif key.raw in ("commonLabels", "commonAnnotations") and isinstance(known, Mapping):
            assert isinstance(node, Mapping)
            for name, value in node.entries:
                known = put(known, name.raw, value)
            node = known
        done = put(done, key.raw, node)
    return done


def _others(known: Sequence, over: Sequence) -> list[Node]:
    """Entries of the kustomization that the deployment does not state anew."""
    names = {_name(item) for item in over.items}
    return [item for item in known.items if _name(item) not in names]


def _name(item: Node) -> str:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name.raw if isinstance(name, Scalar) else ""


def _defaulted(found: KubeObject, namespace: Scalar) -> KubeObject:
    """An object without a namespace goes into that of the Application; of kinds that are not built in nobody knows
    whether they have one."""
    if found.namespace or found.cluster_scoped or not is_built_in(found.api_version, found.kind):
        return found
    return found.evolve(put_at(found.body, ("metadata", "namespace"), namespace))
