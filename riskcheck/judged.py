"""The vocabulary of judging: what rules hit, what evidence there is, what was found.

Apart from `riskcheck.models` because most runs find nothing and need none of it: creating these classes
costs as much as half a bare Python start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import (
        CanaryKind,
        Category,
        Change,
        Confidence,
        Environment,
        Level,
        Location,
        Match,
        Related,
        Reversibility,
        RollbackKind,
        Rule,
        Severity,
    )
    from riskcheck.nodes import KeyPath, MaybeValue, Node


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A rule held for one change in one environment. severity: after `escalate`, before the level steps.

    message: the rule's message with its placeholders filled.
    """

    rule: Rule
    severity: Severity
    change: Change
    match: Match
    message: str

    @property
    def environment(self) -> Environment:
        return self.change.environment


class CanaryEvidence(NamedTuple):
    """One kind of canary evidence for one production environment, found or missing, with the reason.

    since: UTC ISO-8601 time the evidence holds from, where known. lower: the environments that bear it out. absent:
    nothing of the kind is declared at all, which is said only where a rule asks for it.
    """

    kind: CanaryKind
    found: bool
    environment: str
    detail: str
    since: str | None = None
    lower: tuple[str, ...] = ()
    absent: bool = False


class ParityGap(NamedTuple):
    """A cell that canaries a change is unlike production cell `environment`.

    what: the class of the difference, such as ``auth mode``. path: inside the changed resource, () for all of it.
    here, there: the class in production and in `lower`. node: where production states it.
    """

    environment: str
    lower: str
    path: KeyPath
    what: str
    here: str
    there: str
    node: Node


class RollbackEvidence(NamedTuple):
    """One kind of rollback evidence, found or missing, with the reason. within_rto: measured within the RTO."""

    kind: RollbackKind
    found: bool
    detail: str
    within_rto: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """How one edit meets its environments: which cells receive it and what evidence there is.

    changes: the same resource and path in every environment that receives it. production: those in production.
    covered: names of production environments with canary evidence of any kind. order: how the promotion order
    is known, None where it is neither declared nor evident. only_environment: the resource lives in one
    environment, so there is nowhere to try it first. shared: places (``path:line``) from which more than one
    production environment takes the value. whole: the resource, or its whole environment, is new or gone.
    """

    changes: tuple[Change, ...]
    production: tuple[Environment, ...]
    canary: tuple[CanaryEvidence, ...]
    covered: frozenset[str]
    rollback: tuple[RollbackEvidence, ...]
    order: Literal["declared", "pipeline"] | None
    lower: tuple[Environment, ...]
    only_environment: bool
    shared: tuple[str, ...]
    whole: bool
    lossy: tuple[str, ...] = ()
    """Rules of class lossy or irreversible that the change itself hits."""
    lossy_back: tuple[str, ...] = ()
    """The same for the inverse change, as a plain revert would make it."""
    parity: tuple[ParityGap, ...] = ()
    """In what the cells that the evidence was found on are unlike production."""

    def found(self, kind: CanaryKind, environment: str) -> bool:
        """Whether evidence of `kind` was found for production environment `environment`."""
        return any(one.found and one.kind == kind and one.environment == environment for one in self.canary)


class Step(NamedTuple):
    """One step from a rule's severity to a finding's level; `--explain` prints them all."""

    reason: str
    delta: int


@dataclass(frozen=True, slots=True)
class Waiver:
    """Permission to let one finding be. `until` is an ISO date, inclusive. source: ``path:line``."""

    rule: str
    where: str
    owner: str
    reason: str
    until: str
    environments: tuple[str, ...] = ()
    max_level: Level = "P1"
    source: str = ""
    inline: bool = False
    same_change: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What a rule found on one resource, over all environments it holds in."""

    rule: str
    code: str
    severity: Severity
    level: Level
    confidence: Confidence
    category: Category
    cause: str
    message: str
    why: str
    fix: str
    resource: str
    resources: tuple[str, ...]
    service: str | None
    environments: tuple[Environment, ...]
    path: KeyPath
    location: Location
    related: tuple[Related, ...]
    before: MaybeValue
    after: MaybeValue
    reversibility: Reversibility
    canary: tuple[CanaryEvidence, ...]
    canary_covered: bool
    rollback: tuple[RollbackEvidence, ...]
    rollback_ready: bool
    steps: tuple[Step, ...]
    fingerprint: str
    waiver: Waiver | None = None
    blocking: str | None = None
    """Why this finding alone blocks, or None."""
    references: tuple[str, ...] = ()


class RiskyEdit(NamedTuple):
    """What a rule with subject ``finding`` judges: a finding beside which it may fire, and its evidence."""

    finding: Finding
    exposure: Exposure


class Term(NamedTuple):
    """One term of the score, as `--explain` prints it."""

    name: str
    value: float
    detail: str
