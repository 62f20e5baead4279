"""What a plan is drafted from. The engine's side gathers it; nothing here is read or run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from riskcheck.documents.store import DocumentStore
    from riskcheck.judged import CanaryEvidence
    from riskcheck.models import Change, Environment, Pipeline, Resource, Service, Side
    from riskcheck.nodes import KeyPath
    from riskcheck.plans import Need, Soak
    from riskcheck.results import Report
    from riskcheck.trees import PathChange

Cell: TypeAlias = tuple[str, str]
"""Name and cell of an environment: bundles may call different cells alike."""


def cell_of(environment: Environment) -> Cell:
    """What tells `environment` apart."""
    return (environment.name, environment.cell)


class FreezeFact(NamedTuple):
    """A declared freeze. start, end: seconds since the epoch, the end not included. reaches: whether it is about a
    change."""

    name: str
    start: int
    end: int
    source: str
    reaches: Callable[[Change], bool]


class WindowFact(NamedTuple):
    """A declared deploy window. is_open: at a moment, in seconds since the epoch; opens: when it does next, None
    for never. reaches: whether it is about a change; such a change waits for one of its windows."""

    name: str
    source: str
    is_open: Callable[[int], bool]
    opens: Callable[[int], int | None]
    reaches: Callable[[Change], bool]


class ApprovalFact(NamedTuple):
    """A declared need for an approval. given: a team of `teams` gave it. reaches: whether a change needs it."""

    scope: str
    teams: tuple[str, ...]
    source: str
    given: bool
    reaches: Callable[[Change], bool]


class PlanInput(NamedTuple):
    """A judged run as planning sees it.

    changes: of what is deployed. paths: all that differ; read: those that are configuration; undeployed: those that
    deploy nothing, with when they may be merged. needs: which services need which; layers: names of services in the
    order in which they can change; back_order: addresses of one service in the order in which they go back. soak:
    how long a resource is watched in an environment. regions_at_once: most regions that get the change in one wave.
    first_share: the most users of a tier that its first cell may hold; None where nothing is promoted by git.
    evidence: by service and name of a production environment. line: a line of a file, without secrets; key: the
    path of what stands on it. documents: of head. now: when the first wave could begin.
    """

    report: Report
    changes: Sequence[Change]
    paths: Sequence[PathChange]
    read: frozenset[str]
    undeployed: Mapping[str, str]
    service: Callable[[Resource], Service]
    needs: Sequence[Need]
    layers: Callable[[tuple[str, ...]], Sequence[Sequence[str]]]
    back_order: Callable[[str, Iterable[str]], tuple[tuple[str, ...], ...]]
    soak: Callable[[Resource, Environment], Soak]
    pipelines: Sequence[Pipeline]
    order: Literal["declared", "pipeline", "stage"]
    regions_at_once: int
    first_share: float | None
    freezes: Sequence[FreezeFact]
    windows: Sequence[WindowFact]
    approvals: Sequence[ApprovalFact]
    evidence: Mapping[tuple[str, str], tuple[CanaryEvidence, ...]]
    line: Callable[[str, Side, int], str]
    key: Callable[[str, Side, int], KeyPath]
    documents: DocumentStore
    now: int
