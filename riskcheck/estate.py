"""The service graph of a whole tree: for the commands that look at a state and not at a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.store import DocumentStore, format_of
from riskcheck.environments import EnvironmentModel
from riskcheck.globs import matches_any
from riskcheck.graph.kept import FORMAT, read, written
from riskcheck.models import UNDEPLOYED
from riskcheck.platforms import load
from riskcheck.platforms.base import Workspace
from riskcheck.resolving import service_name, under_declared_services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Limitation, Resource
    from riskcheck.observing import Observer
    from riskcheck.platforms.base import Memory
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree


def whole_graph(
    comparison: Comparison,
    policy: Policy,
    memory: Memory | None = None,
    observer: Observer | None = None,
    jobs: int = 1,
) -> ServiceGraph:
    """The graph of the head of `comparison`, by `build_whole`.

    memory: keeps the graph between runs. It is taken from there where nothing it was made of is another: the path
    and content of every file, the policy, this program. observer, jobs: as for `resolve_whole`.
    """

    def build() -> ServiceGraph:
        environments = EnvironmentModel(policy.environments, policy.promotion, paths=comparison.head.entries)
        return build_whole(comparison.head, policy, environments, observer=observer, jobs=jobs)

    return _kept(memory, "graph", build, (comparison.head,), policy)


def changed_graph(
    comparison: Comparison,
    policy: Policy,
    environments: EnvironmentModel,
    before: Iterable[Resource],
    memory: Memory | None = None,
    observer: Observer | None = None,
    jobs: int = 1,
) -> ServiceGraph:
    """The graph of the head of `comparison` with what the change takes away. before: what the changed paths were
    resolved to in base. memory, observer, jobs: as for `whole_graph`."""

    def build() -> ServiceGraph:
        return build_whole(comparison.head, policy, environments, before, observer, jobs)

    paths = [path for change in comparison.changes for path in (change.old_path, change.path)]
    return _kept(memory, "graph-changed", build, (comparison.head, comparison.base), policy, paths)


def _kept(
    memory: Memory | None,
    name: str,
    build: Callable[[], ServiceGraph],
    trees: Iterable[Tree],
    policy: Policy,
    paths: Iterable[str] = (),
) -> ServiceGraph:
    key = _identity(trees, policy, paths) if memory is not None else None
    if memory is None or key is None:
        return build()
    held = memory.recall(name)
    known = read(held.get("graph")) if isinstance(held, dict) and held.get("key") == key else None
    if known is None:
        known = build()
        memory.keep(name, {"key": key, "graph": written(known)})
    return known


def _identity(trees: Iterable[Tree], policy: Policy, paths: Iterable[str]) -> str | None:
    """What tells one graph from another; None where the content of some file cannot be told."""
    from hashlib import blake2b

    from riskcheck.program import stamp

    seen = blake2b(digest_size=16)
    seen.update(f"{FORMAT} {stamp()} {policy.source} {policy.digest}".encode(errors="surrogateescape"))
    for tree in trees:
        seen.update(f"\0\0{tree.label}".encode(errors="surrogateescape"))
        for path, entry in tree.entries().items():
            blob = entry.blob or _digest(tree, path)
            if blob is None:
                return None
            seen.update(f"\0{path}\0{entry.kind} {blob}".encode(errors="surrogateescape"))
    seen.update("\0".join(("", "", *paths)).encode(errors="surrogateescape"))
    return seen.hexdigest()


def _digest(tree: Tree, path: str) -> str | None:
    from riskcheck.indexing import blob_of

    return blob_of(tree, path)


def build_whole(
    tree: Tree,
    policy: Policy,
    environments: EnvironmentModel,
    also: Iterable[Resource] = (),
    observer: Observer | None = None,
    jobs: int = 1,
) -> ServiceGraph:
    """The graph of everything that `tree` and its catalogs say, every unit of every platform resolved.

    also: resources that a change takes away, so that it shows who used them. What could not be read is among the
    graph's limitations. observer, jobs: as for `resolve_whole`.
    """
    from riskcheck.catalogs.whole import read_all
    from riskcheck.graph.services import build

    resources, unresolved = resolve_whole(tree, policy, environments, observer, jobs)
    resources = (*resources, *(one for one in also if one.platform not in UNDEPLOYED))
    paths = [path for path in tree.entries() if not matches_any(path, policy.exclude)]
    catalogs = read_all(DocumentStore(tree), paths, policy.catalogs)
    homes = ((service_name(one), one.origin.source.path) for one in resources)
    known = (one.name for one in policy.services if one.owner is not None)
    entries = (*catalogs.entries, *catalogs.owned(homes, known))
    graph = build(resources, policy.services, service_name, entries)
    limits = dict.fromkeys((*graph.limitations, *unresolved, *catalogs.limitations))
    graph.limitations = tuple(sorted(limits, key=lambda one: (one.path, one.line or 0, one.message)))
    return graph


def resolve_whole(
    tree: Tree,
    policy: Policy,
    environments: EnvironmentModel,
    observer: Observer | None = None,
    jobs: int = 1,
) -> tuple[tuple[Resource, ...], tuple[Limitation, ...]]:
    """All resources of a tree in all environments, and what could not be resolved. The files that guard the merge
    are left out: they are not deployed.

    observer: is told which files were read. jobs: how many processes may resolve, 0 for as many as pay; it changes
    no answer, but resources that another process resolved have no values.
    """
    from riskcheck.sharing import resolve_shared
    from riskcheck.workers import is_copy

    def on_read() -> None:
        if observer is not None and not is_copy():
            observer.read()

    documents = DocumentStore(tree, on_read=on_read)
    paths = frozenset(path for path in tree.entries() if not matches_any(path, policy.exclude))
    workspace = Workspace(tree, documents, environments, paths, catalogs=policy.catalogs)
    documents.prefetch(path for path in sorted(paths) if path.endswith((".yaml", ".yml", ".json")))
    found: list[Resource] = []
    limitations: dict[Limitation, None] = {}
    claimed: set[str] = set()
    if observer is not None:
        observer.stage("reading", sum(format_of(path) is not None for path in paths), "files")
    for platform in load():
        units = platform.units(workspace, paths - claimed)
        if platform.name in UNDEPLOYED:
            claimed |= units
            continue
        if not units:
            continue
        resolution = resolve_shared(platform, workspace, units, jobs)
        claimed |= resolution.read
        found.extend(resolution.resources)
        limitations.update(dict.fromkeys(resolution.limitations))
    return under_declared_services(found, policy.services), tuple(limitations)
