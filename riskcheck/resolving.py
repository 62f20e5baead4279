"""Both trees through all platforms: what each environment ran at base and will run at head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.platforms import load
from riskcheck.platforms.base import Memory, Platform, Workspace
from riskcheck.records import NamedTuple
from riskcheck.unread import as_they_were, unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.environments import EnvironmentModel
    from riskcheck.keypaths import NaturalKeys
    from riskcheck.models import Action, Change, Limitation, Resource, Service, Side
    from riskcheck.observing import Observer
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, PathChange


class Resolved(NamedTuple):
    """What the changed paths resolve to on both sides, and the means to resolve more."""

    base: tuple[Resource, ...]
    head: tuple[Resource, ...]
    limitations: tuple[Limitation, ...]
    units: dict[str, frozenset[str]]
    """Platform name to the units that were resolved."""
    base_side: Workspace
    head_side: Workspace
    changes: tuple[PathChange, ...]
    """The changed paths that are analysed: without the excluded ones."""
    read: frozenset[str]
    """Changed paths that some platform read as configuration."""
    services: tuple[Service, ...]
    """What the policy declares: their paths name the service of a resource."""
    generated: frozenset[str] = frozenset()
    """Changed files that a tool may have made of others, and that no other changed file explains."""

    def documents(self, side: Side) -> DocumentStore:
        """The documents of one side."""
        return (self.base_side if side == "base" else self.head_side).documents

    def natural_keys(self, resource: Resource) -> NaturalKeys:
        """How the platform of `resource` names the items of its lists."""
        platform, kind = self.platform(resource), resource.kind
        return lambda field: platform.natural_keys(kind, field)

    def platform(self, resource: Resource) -> Platform:
        """The platform that made `resource`."""
        return next(platform for platform in load() if platform.name == resource.platform)

    def action(self, changes: Sequence[Change]) -> Action:
        """What a deployment would do by `changes`, all those of one resource in one environment."""
        return self.platform(changes[0].resource).action(changes)


def resolve_both(
    comparison: Comparison,
    environments: EnvironmentModel,
    policy: Policy,
    memory: Memory | None = None,
    texts: dict[object, object] | None = None,
    observer: Observer | None = None,
) -> Resolved:
    """Resolves, on both sides, the units that read any changed path. memory: see `Workspace`; texts: what documents
    were parsed into before, see `DocumentStore`; observer: is told which files were read.

    Platforms claim paths in their order; a path that one read as its own is left alone by the later ones. Paths
    that the policy excludes are not looked at; a file that moves there is, as it is gone from where it was.
    """
    changes = tuple(_analysed(comparison.changes, policy))
    texts = {} if texts is None else texts
    on_read = observer.read if observer is not None else None
    base_documents = DocumentStore(comparison.base, texts, on_read)
    head_documents = DocumentStore(comparison.head, texts, on_read)
    touched_base = frozenset(change.old_path for change in changes if change.base)
    touched_head = frozenset(change.path for change in changes if change.head)
    named = frozenset(path for path in touched_base | touched_head if matches_any(path, policy.include))
    base = Workspace(
        comparison.base,
        base_documents,
        environments,
        touched_base,
        head_documents,
        named,
        memory,
        policy.source,
        policy.catalogs,
    )
    head = Workspace(
        comparison.head,
        head_documents,
        environments,
        touched_head,
        base_documents,
        named,
        memory,
        policy.source,
        policy.catalogs,
    )
    if observer is not None:
        observer.stage("resolving", len(touched_base) + len(touched_head), "files")
    base.documents.prefetch(sorted(base.touched))
    head.documents.prefetch(sorted(head.touched))
    found: dict[str, list[Resource]] = {"base": [], "head": []}
    limitations: dict[Limitation, None] = {}
    resolved_units: dict[str, frozenset[str]] = {}
    claimed: set[str] = set()
    read_at_base: set[str] = set()
    empty: dict[str, set[tuple[str, str, str]]] = {"base": set(), "head": set()}
    for platform in load():
        units = platform.units(base, base.touched - claimed) | platform.units(head, head.touched - claimed)
        if not units:
            continue
        resolved_units[platform.name] = units
        for side in (base, head):
            resolution = platform.resolve(side, units)
            found[side.side].extend(resolution.resources)
            limitations.update(dict.fromkeys(resolution.limitations))
            empty[side.side] |= resolution.empty
            claimed |= resolution.read
            if side is base:
                read_at_base |= resolution.read
    if any(one.undecided is not None for held in found.values() for one in held):
        from riskcheck.undecided import settled

        found, unsure = settled(found, empty)
        limitations.update(dict.fromkeys(unsure))
    told = unread(changes, base, head, read_at_base, found["base"], limitations)
    found["head"] = as_they_were(found["base"], found["head"], told)
    touched = base.touched | head.touched
    return Resolved(
        under_declared_services(found["base"], policy.services),
        under_declared_services(found["head"], policy.services),
        told,
        resolved_units,
        base,
        head,
        changes,
        frozenset(touched & claimed),
        policy.services,
    )


def _analysed(changes: Sequence[PathChange], policy: Policy) -> Iterator[PathChange]:
    """`changes` without what `policy` excludes. A file that moves to an excluded place is gone from where it was,
    one that moves out of there is new. No policy excludes itself."""
    if not policy.exclude:
        yield from changes
        return
    for change in changes:
        here, there = (
            path != policy.source and matches_any(path, policy.exclude)
            for path in (change.path, change.old_path)
        )
        if here and not there:
            yield change._replace(path=change.old_path, status="deleted", head=None)
        elif there and not here:
            yield change._replace(status="added", old_path=change.path, base=None)
        elif not here:
            yield change


def service_name(resource: Resource) -> str:
    """The service a resource belongs to: declared, inferred by its platform, or else its unit, without the words
    that name the environment where its identity shows which those are."""
    return resource.service or resource.identity.partition(":")[0] or resource.unit


def under_declared_services(
    resources: Sequence[Resource], declared: Sequence[Service]
) -> tuple[Resource, ...]:
    """`resources`, those under the paths of a declared service renamed to it."""
    if not any(service.paths for service in declared):
        return tuple(resources)
    from riskcheck.graph.naming import service_namer

    name = service_namer(declared)
    return tuple(resource.of_service(name(resource)) for resource in resources)


def all_paths(comparison: Comparison) -> Iterator[str]:
    """Every path of either side: what words of a path mean may depend on its siblings."""
    yield from comparison.base.entries()
    yield from comparison.head.entries()


def relatives_at_base(resolved: Resolved, resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Resources of base in the sibling environments of `resources`, beyond the units resolved already.

    Asked for only when canary evidence is: the staging overlay of a change that touches production alone.
    """
    base = resolved.base_side
    roots: dict[str, set[str]] = {}
    for resource in resources:
        root = family_root(resource.unit, base.environments)
        if root is not None:
            roots.setdefault(resource.platform, set()).add(root)
    found: list[Resource] = []
    for platform in load():
        if platform.name not in roots:
            continue
        above = roots[platform.name]
        prefixes = tuple(f"{root}/" for root in above)
        paths = [path for path in base.tree.entries() if "" in above or path.startswith(prefixes)]
        units = platform.units(base, paths) - resolved.units.get(platform.name, frozenset())
        units = frozenset(unit for unit in units if any(_below(unit, root) for root in roots[platform.name]))
        if units:
            found.extend(platform.resolve(base, sorted(units)).resources)
    return under_declared_services(found, resolved.services)


def untouched_at_base(resolved: Resolved, platform_name: str, policy: Policy) -> tuple[Resource, ...]:
    """Resources of one platform in the units that the change does not touch: the same on both sides.

    Reads the whole tree. Asked for only where something is measured against all that is deployed.
    """
    base = resolved.base_side
    platform = next(one for one in load() if one.name == platform_name)
    paths = [path for path in base.tree.entries() if not matches_any(path, policy.exclude)]
    units = platform.units(base, paths) - resolved.units.get(platform_name, frozenset())
    return platform.resolve(base, sorted(units)).resources if units else ()


def family_root(unit: str, environments: EnvironmentModel) -> str | None:
    """The directory above the first step of `unit` that names an environment: ``components/web`` for
    ``components/web/production/eu-1``. None where no step does, as in a bundle that holds all its targets."""
    steps = unit.split("/")
    for number in range(1, len(steps) + 1):
        if environments.of_path("/".join(steps[:number]) + "/x.yaml") is not None:
            return "/".join(steps[: number - 1])
    return None


def _below(path: str, root: str) -> bool:
    return not root or path == root or path.startswith(root + "/")
