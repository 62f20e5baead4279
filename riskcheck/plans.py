"""The vocabulary of `riskcheck plan`: in which steps a change can go out, and how it comes back.

Apart from `riskcheck.results` because no other command needs it. Places are ``path:line``; durations are seconds;
moments are UTC, ISO-8601.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Environment, Limitation, Side
    from riskcheck.response import Response
    from riskcheck.results import Assessment


class Need(NamedTuple):
    """`dependant` needs `dependency` (service names), as `place` says; "" where no line does."""

    dependant: str
    dependency: str
    place: str = ""


class PlannedService(NamedTuple):
    """One service in one wave. resources: addresses of what changes of it there."""

    name: str
    owner: str | None
    criticality: str | None
    resources: tuple[str, ...]


class Step(NamedTuple):
    """Services of a wave that go at once, after the steps before. needs: what they need of earlier steps.
    together: they need each other, so that no order helps."""

    services: tuple[PlannedService, ...]
    needs: tuple[Need, ...] = ()
    together: bool = False


class Soak(NamedTuple):
    """How long a wave is watched before the next one begins. reason: who says so."""

    seconds: int
    reason: str


class Proof(NamedTuple):
    """What has run the change before `environment` gets it, or what is missing. service: "" for all of the wave."""

    found: bool
    environment: str
    detail: str
    service: str = ""


class Signal(NamedTuple):
    """Something that the repository itself names to be watched. link: why it is about this service."""

    kind: Literal["alert", "metric", "slo", "health rule", "monitor", "notification"]
    name: str
    service: str
    place: str
    link: str
    detail: str = ""


class Approval(NamedTuple):
    """An approval that some wave needs. teams: of which one is enough. given: it is there already."""

    scope: str
    teams: tuple[str, ...]
    services: tuple[str, ...]
    waves: tuple[int, ...]
    source: str
    given: bool


class Freeze(NamedTuple):
    """A freeze that holds now or would before the plan has ended. start, end: moments; end is not included.
    waves: those that it holds up."""

    name: str
    start: str
    end: str
    holds_now: bool
    services: tuple[str, ...]
    waves: tuple[int, ...]
    source: str


class Window(NamedTuple):
    """A deploy window that something in the plan has to keep to. waves: those that wait for it to open."""

    name: str
    services: tuple[str, ...]
    waves: tuple[int, ...]
    source: str


class Wave(NamedTuple):
    """Environments that get the change at once.

    paths: changed files that reach this wave only. shared: those that reach other waves with it. starts_after:
    seconds from the start of the plan to its earliest start; not_before: the moment until which a freeze or a
    closed window holds it up. gates: what waits before it. unwatched: services for which the repository names
    nothing to watch. unit: where all of it lies in one deployable unit, whose deployment takes all steps at once.
    """

    number: int
    environments: tuple[Environment, ...]
    steps: tuple[Step, ...]
    paths: tuple[str, ...]
    shared: tuple[str, ...]
    soak: Soak
    starts_after: int
    not_before: str | None
    gates: tuple[str, ...]
    proofs: tuple[Proof, ...]
    signals: tuple[Signal, ...]
    unwatched: tuple[str, ...]
    unit: str | None = None

    @property
    def services(self) -> tuple[str, ...]:
        """Names, in the order in which they go."""
        return tuple(one.name for step in self.steps for one in step.services)


class SharedFile(NamedTuple):
    """A file that reaches several waves. lines: the edits in it that do. separable: each edit reaches one wave, so
    that the file can be merged in parts. advice: what to do about it."""

    path: str
    waves: tuple[int, ...]
    lines: tuple[SharedLine, ...]
    separable: bool
    advice: tuple[str, ...]


class SharedLine(NamedTuple):
    """One edited line. key: its path in the file, "" where none is known. text: as it stands, without secrets.
    side: base for what is gone in head."""

    place: str
    key: str
    text: str
    environments: tuple[str, ...]
    side: Side = "head"


UNREAD: Final = "not read in full: what it deploys is not known"
"""Reason of a file of which nobody can say that it may be merged any time."""


class Unstaged(NamedTuple):
    """A changed file that belongs to no wave, and why."""

    path: str
    reason: str


class Already(NamedTuple):
    """An environment that runs the new value already, so that it is no wave."""

    service: str
    environment: str
    detail: str
    since: str | None


class Runbook(NamedTuple):
    """What the policy or a catalog links for taking `service` back. exercised: an ISO date. note: how far it can be
    relied on."""

    service: str
    url: str
    exercised: str | None
    note: str


class BackService(NamedTuple):
    """One service on its way back. order: addresses of what goes back at once, readers before what they read."""

    name: str
    order: tuple[tuple[str, ...], ...]


class BackStep(NamedTuple):
    """Taking one wave back. services: dependants before what they need; ordered: whether that matters. whole: paths
    whose revert takes other waves back too. losses: what a plain revert does not bring back."""

    wave: int
    environments: tuple[str, ...]
    services: tuple[BackService, ...]
    ordered: bool
    paths: tuple[str, ...]
    whole: tuple[str, ...]
    losses: tuple[str, ...]
    runbooks: tuple[Runbook, ...]
    without_runbook: tuple[str, ...]


class Plan(NamedTuple):
    """All that a renderer of a plan may print.

    order: how the order of the environments is known. staged: whether there is anything to stage; a change in which
    nothing is risky is one wave.
    """

    version: str
    rules_digest: str
    as_of: str
    base: str
    head: str
    assessment: Assessment
    order: Literal["declared", "pipeline", "stage"]
    staged: bool
    files_changed: int
    fixes: tuple[str, ...] = ()
    """What would settle the findings that block, apart from the order in which it goes out."""
    waves: tuple[Wave, ...] = ()
    shared: tuple[SharedFile, ...] = ()
    unstaged: tuple[Unstaged, ...] = ()
    approvals: tuple[Approval, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    windows: tuple[Window, ...] = ()
    already: tuple[Already, ...] = ()
    rollback: tuple[BackStep, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    notes: tuple[str, ...] = ()
    response: Response | None = None
    """What the worst level asks for if it comes true."""
