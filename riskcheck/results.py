"""The vocabulary of results: what a run as a whole comes to, as renderers print it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from riskcheck.judged import Finding, Term
    from riskcheck.models import Action, ChangeKind, Environment, Level, Limitation, Service, Side, Verdict
    from riskcheck.response import Response


class ServiceReach(NamedTuple):
    """A service that changed or that hangs off one that changed. hops: 0 for a changed one. reached_from: services
    on the way. path: all that is on the way, for people: ``volume landing``, ``pipeline gold``, ``orders``."""

    service: Service
    changed: bool
    reached_from: tuple[str, ...]
    hops: int
    path: tuple[str, ...] = ()


class MatrixCell(NamedTuple):
    """State of one service in one environment. ``already``: it runs the new value since `since`."""

    service: str
    environment: str
    state: Literal["changed", "already", "unchanged", "absent"]
    since: str | None = None


class ChangedResource(NamedTuple):
    """One resource whose resolved value differs in some environment, finding or not."""

    resource: str
    environments: tuple[str, ...]
    change: ChangeKind
    action: Action
    fields: tuple[str, ...]


class Recommendation(NamedTuple):
    """What to do with the change as a whole. proof: what was run to know that the safe paths alone are not blocked,
    one line each; empty where none are named."""

    action: Literal["proceed", "proceed-with-safeguards", "scope-down", "delay"]
    reasons: tuple[str, ...] = ()
    safe_paths: tuple[str, ...] = ()
    held_paths: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()


class LikelihoodTerm(NamedTuple):
    """One reason why a change is likely to be taken back. strength: of the evidence, 0 to 1. points: 10 double the
    odds; terms of a family are capped together."""

    name: str
    words: str
    strength: float
    points: float


class ChangeLikelihood(NamedTuple):
    """How likely a change has to be taken back, by the history of its repository.

    points: of all terms. usual: those of the average change. chance: from 0 to 1. times: its odds by those of the
    average change. calibrated: whether `reverted` of `judged` changes were enough to tell chances; else they are
    those of other repositories.
    """

    points: float
    usual: float
    chance: float
    times: float
    terms: tuple[LikelihoodTerm, ...]
    calibrated: bool
    judged: int
    reverted: int


class Assessment(NamedTuple):
    """The three answers about a change: verdict, level, score; with how each came about."""

    verdict: Verdict
    level: Level | None
    score: float
    recommendation: Recommendation
    reasons: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()


class Outcome(NamedTuple):
    """What findings, policy and clock come to.

    notes: of waivers. excerpts, head_lines: as in `Report`.
    """

    assessment: Assessment
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    excerpts: MappingOf[tuple[str, Side, int], str] = MappingProxyType({})
    response: Response | None = None
    head_lines: MappingOf[tuple[str, int], int] = MappingProxyType({})


NOTHING_FOUND: Final = Outcome(Assessment("pass", None, 0.0, Recommendation("proceed")))


class ServiceLink(NamedTuple):
    """A failure of `start` travels to `end`, both names of services, as `relation` says at `place` (``path:line``,
    "" where no line does)."""

    start: str
    end: str
    relation: str
    place: str = ""


class RolloutWave(NamedTuple):
    """Environments that get the change at once. paths: changed files that reach no other wave. soak_seconds: how
    long it is watched before the next one. missing: what would have to be there before it goes."""

    environments: tuple[str, ...]
    paths: tuple[str, ...]
    soak_seconds: int
    missing: tuple[str, ...] = ()


class Rollout(NamedTuple):
    """In which order a change can go out. split: files that reach several waves, with the numbers of these, from
    1."""

    waves: tuple[RolloutWave, ...]
    split: tuple[tuple[str, tuple[int, ...]], ...] = ()


class NextSteps(NamedTuple):
    """Command lines for who was blocked, made of how the run was asked for; "" where there is none.

    acknowledge: prints the waivers that let the change pass as it is. plan: tells in which waves it can go out.
    """

    acknowledge: str = ""
    plan: str = ""


class Report(NamedTuple):
    """All that a renderer may print."""

    version: str
    rules_digest: str
    as_of: str
    base: str
    head: str
    assessment: Assessment
    findings: tuple[Finding, ...]
    changed: tuple[ChangedResource, ...]
    environments: tuple[Environment, ...]
    services: tuple[ServiceReach, ...]
    matrix: tuple[MatrixCell, ...]
    limitations: tuple[Limitation, ...]
    files_changed: int
    files_read: int
    changes: int
    notes: tuple[str, ...] = ()
    """One-line remarks for people: uncommitted files left out, no promotion order declared, lapsed waivers."""
    excerpts: MappingOf[tuple[str, Side, int], str] | None = None
    """Source lines that the text report quotes: (path, side, line) to the redacted line."""
    state: bool = False
    """What was judged is one tree as it is, not a change: `riskcheck lint`."""
    response: Response | None = None
    """What the worst live level asks for if it comes true; None below P2."""
    head_lines: MappingOf[tuple[str, int], int] = MappingProxyType({})
    """Where places of base that findings name would stand in head: (path, line of base) to the line of head. Places
    in files that head does not have are missing."""
    next_steps: NextSteps = NextSteps()
    links: tuple[ServiceLink, ...] | None = None
    """How those of `services` hang together; None where nobody asked, and only ways to each of them are known."""
    rollout: Rollout | None = None
    """None where nobody asked for it, or nothing is blocked."""
    likelihood: ChangeLikelihood | None = None
    """None where the history of the repository is not known."""


def moment(seconds: int) -> str:
    """Seconds since the epoch as the report writes them, in UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
