"""What a tree shows about environments, services and promotion: what a policy could say about it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from riskcheck.cells import canonical, looks_like_cluster, tell
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel, is_trial, is_unassigned, order_of
from riskcheck.estate import resolve_whole
from riskcheck.policy.model import Policy
from riskcheck.records import NamedTuple
from riskcheck.stated_services import FoundService, sayable, stated_services
from riskcheck.trails import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Environment, Limitation, Pipeline, Resource
    from riskcheck.observing import Observer
    from riskcheck.trees import Tree

FEW: Final = 5
"""Resources of an environment up to which its name may be that of a thing: ``job-runner-prod.yaml`` beside
``prod/``."""


class Seen(NamedTuple):
    """An environment, how many resources were found in it, and ``path:line`` of what shows it best."""

    environment: Environment
    resources: int
    place: str


class Survey(NamedTuple):
    """What was found in a tree.

    steps: environments whose names tell their stage, lowest first. doubtful: names with a stage word that may be
    those of a thing. untold: environments that something names without a stage. unassigned, trials: what belongs
    to no environment, and to examples or tests. services: those of catalogs. owned: those that only code owners
    give an owner. unowned: names of those that have none. unread: what could not be
    read or resolved.
    """

    steps: tuple[Seen, ...]
    doubtful: tuple[Seen, ...]
    untold: tuple[Seen, ...]
    unassigned: tuple[Seen, ...]
    trials: tuple[Seen, ...]
    pipelines: tuple[Pipeline, ...]
    services: tuple[FoundService, ...]
    owned: tuple[FoundService, ...]
    unowned: tuple[str, ...]
    resources: int
    unread: tuple[Limitation, ...] = ()


def survey(tree: Tree, observer: Observer | None = None) -> Survey:
    """Everything that the files of `tree` show. observer: is told how far it is."""
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.gate.pipelines import deploy_pipelines

    environments = EnvironmentModel(paths=tree.entries)
    resources, unread = resolve_whole(tree, Policy(), environments, observer)
    seen = _seen(resources, environments)
    told = [one for one in seen if one.environment.stage != "unknown" and not _is_aside(one.environment)]
    doubtful = frozenset(_doubtful(told))
    workspace = Workspace(tree, DocumentStore(tree), environments, frozenset(tree.entries()))
    services, owned, unowned = stated_services(tree, resources)
    return Survey(
        steps=tuple(one for one in told if one not in doubtful),
        doubtful=tuple(one for one in told if one in doubtful),
        untold=tuple(
            one for one in seen if one.environment.stage == "unknown" and not is_unassigned(one.environment)
        ),
        unassigned=tuple(one for one in seen if is_unassigned(one.environment)),
        trials=tuple(one for one in seen if is_trial(one.environment)),
        pipelines=deploy_pipelines(workspace),
        services=services,
        owned=owned,
        unowned=unowned,
        resources=len(resources),
        unread=unread,
    )


def _is_aside(environment: Environment) -> bool:
    return is_trial(environment) or is_unassigned(environment)


def _seen(resources: Iterable[Resource], environments: EnvironmentModel) -> list[Seen]:
    """Every environment by stage and name, with its best evidence: what names it, else a file of its own."""
    counts: dict[str, int] = {}
    best: dict[str, tuple[int, str]] = {}
    first: dict[str, Environment] = {}
    for resource in resources:
        environment = first.setdefault(resource.environment.name, resource.environment)
        name = environment.name
        counts[name] = counts.get(name, 0) + 1
        place = _evidence(resource, environments)
        best[name] = min(best.get(name, place), place)
    found = [
        Seen(environment, counts[name], _place(environment, best[name]))
        for name, environment in first.items()
        if sayable(name)
    ]
    return sorted(found, key=lambda one: (order_of(one.environment.stage), one.environment.name))


def _evidence(resource: Resource, environments: EnvironmentModel) -> tuple[int, str]:
    """The path that shows a resource to be in its environment, and how badly it does: its own, that of what it is
    built from, else any."""
    name = resource.environment.name
    path = resource.origin.source.path
    own = environments.of_path(path)
    if own is not None and own.name == name:
        return 0, path
    built = environments.of_path(f"{resource.unit}/values.yaml")
    if built is not None and built.name == name:
        return 1, resource.unit
    return (2 if name.rpartition("/")[2] in path else 3), path


def _place(environment: Environment, best: tuple[int, str]) -> str:
    """``path:line`` where a line names it; the path alone where that tells."""
    path, colon, line = environment.source.rpartition(":")
    return environment.source if colon and path and line.isdecimal() else best[1]


def _doubtful(told: Sequence[Seen]) -> Iterator[Seen]:
    """Names that may be those of things: a word in doubt among others, with nothing around that is for
    environments; few things under a longer name, beside an environment that is called by its stage alone; few
    things under another spelling of one that holds many."""
    plain = {one.environment.stage for one in told if tell(one.environment.name).whole}
    most: dict[str, int] = {}
    for one in told:
        short = canonical(one.environment.name)
        most[short] = max(most.get(short, 0), one.resources)
    for one in told:
        name = one.environment.name
        said = tell(name)
        if "/" in name:
            continue
        if said.whole:
            doubtful = one.resources <= FEW < most[canonical(name)]
        elif said.sure:
            doubtful = one.resources <= FEW and one.environment.stage in plain
        else:
            doubtful = not _stands_among_environments(name, one.place)
        if doubtful:
            yield one


def _stands_among_environments(name: str, place: str) -> bool:
    """Whether `place` has `name` below a folder that holds environments."""
    steps = place.split("/")
    return any(
        holder.lower() in HOLDERS and (step == name or step.startswith(f"{name}."))
        for holder, step in pairwise(steps)
    )


def alike(seen: Iterable[Seen]) -> list[tuple[str, ...]]:
    """Names that differ in how they spell a stage only: ``prod`` and ``production``."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in seen:
        steps = one.environment.name.split("/")
        groups.setdefault(tuple(canonical(step) for step in steps), []).append(one.environment.name)
    return [tuple(names) for names in groups.values() if len(names) > 1]


def torn(seen: Iterable[Seen]) -> list[tuple[str, ...]]:
    """Names that end in the same cluster and are of different stages."""
    groups: dict[str, dict[str, str]] = {}
    for one in seen:
        last = one.environment.name.rpartition("/")[2]
        if last != one.environment.name and looks_like_cluster(last) and not tell(last).whole:
            groups.setdefault(last, {}).setdefault(one.environment.stage, one.environment.name)
    return [tuple(names.values()) for names in groups.values() if len(names) > 1]
