"""The vocabulary of judging: what rules hit, what evidence there is, what was found.

Apart from `riskcheck.models` because most runs find nothing and need none of it: creating these classes
costs as much as half a bare Python start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import (
        Abort,
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


class CanaryStrength(NamedTuple):
    """How much a canary sees, as far as it is known; None for what is not.

    share: of the population that it exposes, 0..1. soak_seconds: how long it runs, of needed_seconds that are
    asked for. abort: what ends a bad one. independent: whether what fails in it leaves the rest alone.
    verdict_seconds: from the first bad measurement to the abort.
    """

    share: float | None = None
    soak_seconds: int | None = None
    needed_seconds: int | None = None
    abort: Abort | None = None
    independent: bool | None = None
    verdict_seconds: int | None = None


class CanaryEvidence(NamedTuple):
    """One kind of canary evidence for one production environment, found or missing, with the reason.

    since: UTC ISO-8601 time the evidence holds from, where known. lower: the environments that bear it out. absent:
    nothing of the kind is declared at all, which is said only where a rule asks for it. strength: what is known of
    how much it sees; the score counts it, nothing else does.
    """

    kind: CanaryKind
    found: bool
    environment: str
    detail: str
    since: str | None = None
    lower: tuple[str, ...] = ()
    absent: bool = False
    strength: CanaryStrength | None = None


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


PRIOR_EXPOSURE: Final[frozenset[CanaryKind]] = frozenset({"promoted", "pipeline", "split", "subset"})
"""Kinds that show the value at work elsewhere, or on a part of the users, before a cell gets all of it. A metric
alone shows it to nobody first."""


class RollbackEvidence(NamedTuple):
    """One kind of rollback evidence, found or missing, with the reason. within_rto: measured within the RTO.

    seconds: what it is measured by where that is known: time between two backups, length of a window, duration of a
    runbook when it was exercised, time in which a controller aborts.
    """

    kind: RollbackKind
    found: bool
    detail: str
    within_rto: bool = False
    seconds: int | None = None


RecoveryClass: TypeAlias = Literal["toggle", "reapply", "ordered", "restore", "one-way"]
"""R0 to R4: a weight or flag is set back; the previous file is applied again; in steps, readers before writers, or
once something is provisioned anew; what was lost is restored from elsewhere; nothing brings it back."""

RECOVERY_CLASSES: tuple[RecoveryClass, ...] = ("toggle", "reapply", "ordered", "restore", "one-way")
"""From the quickest to the worst."""


DECLARED_CLASS: MappingOf[Reversibility, RecoveryClass] = {
    "reversible": "reapply",
    "delayed": "ordered",
    "lossy": "restore",
    "irreversible": "one-way",
}
"""Reversibility that a rule declares to the class that follows from it at least."""


class Recovery(NamedTuple):
    """How one edit is taken back.

    because: what makes it of its class. lost: what a plain revert does not bring back, one sentence a thing.
    refused: fields that a revert cannot set back in place. moved: what the previous version was named by, where
    that names another one meanwhile. measured_seconds: of an exercised runbook that covers the class. aborts: what
    ends it by itself while it is exposed in steps, and within how many seconds.
    """

    kind: RecoveryClass
    because: str
    lost: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    measured_seconds: int | None = None
    aborts: tuple[str, int] | None = None


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
    recovery: Recovery | None = None
    """How it is taken back; None where that was not asked."""

    def found(self, kind: CanaryKind, environment: str) -> bool:
        """Whether evidence of `kind` was found for production environment `environment`."""
        return any(one.found and one.kind == kind and one.environment == environment for one in self.canary)


class Step(NamedTuple):
    """One step from a rule's severity to a finding's level; `--explain` prints them all."""

    reason: str
    delta: int


WAIVED_LEVEL: Final[Level] = "P1"
"""The worst level that a waiver of the policy covers unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Permission to let one finding be. `until` is an ISO date, inclusive. source: ``path:line``.

    fingerprints: of the only findings that it covers, any where empty. baseline: no decision of anybody, but an
    entry of the baseline, which has neither owner nor date. repeated: what a comment says twice.
    """

    rule: str
    where: str
    owner: str
    reason: str
    until: str
    environments: tuple[str, ...] = ()
    max_level: Level = WAIVED_LEVEL
    source: str = ""
    inline: bool = False
    same_change: bool = False
    fingerprints: tuple[str, ...] = ()
    baseline: bool = False
    repeated: str = ""

    @property
    def kind(self) -> Literal["baseline", "inline", "policy"]:
        """Where it comes from."""
        return "baseline" if self.baseline else "inline" if self.inline else "policy"


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
    recovery: Recovery | None = None
    """How the edit is taken back, over all rules that it hits."""
    title: str = ""
    """What the rule is about, in a few words."""
    false_positives: tuple[str, ...] = ()
    """What looks alike and is none of it, as the rule says."""


class RiskyEdit(NamedTuple):
    """What a rule with subject ``finding`` judges: a finding beside which it may fire, and its evidence."""

    finding: Finding
    exposure: Exposure


class Term(NamedTuple):
    """One term of the score, as `--explain` prints it."""

    name: str
    value: float
    detail: str
