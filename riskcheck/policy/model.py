"""The policy file as the other stages use it: durations in seconds, moments in seconds since the epoch.

The parts are named tuples: to define a dataclass takes eight times as long, on every start of the program.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.environments import DeclaredEnvironment
    from riskcheck.judged import Waiver
    from riskcheck.learned import LearnedRule
    from riskcheck.models import Service, Severity
    from riskcheck.network.coupled.model import CoupledSet
    from riskcheck.nodes import Value
    from riskcheck.policy.baseline import Baseline
    from riskcheck.pricetable import Prices
    from riskcheck.response import Response

RequireCanary: TypeAlias = Literal["risky", "all", "never"]
Incomplete: TypeAlias = Literal["block", "warn"]
Promotion: TypeAlias = Literal["git", "pipeline", "branch"]


class Gate(NamedTuple):
    """What blocks. require_canary: which changes need canary evidence. incomplete: what follows when changed
    input could not be analysed. max_waiver: seconds that a waiver may last; None: any time."""

    require_canary: RequireCanary = "risky"
    incomplete: Incomplete = "block"
    max_waiver: int | None = None


class Freeze(NamedTuple):
    """A time in which nothing may reach `services` (all where empty) in `environments` (the production ones
    where empty). start is included, end is not. source: ``path:line``."""

    name: str
    start: int
    end: int
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    source: str = ""

    def holds(self, now: int) -> bool:
        """Whether `now`, in seconds since the epoch, is inside."""
        return self.start <= now < self.end


class Window(NamedTuple):
    """A time of the week in which changes may reach `services` (all where empty) in `environments` (the production
    ones where empty): what windows name may be reached in one of them only.

    days: 0 is Monday. start, end: minutes after midnight in `timezone` (IANA name); an end at or before the start
    is on the next day. source: ``path:line``.
    """

    name: str
    days: frozenset[int]
    start: int
    end: int
    timezone: str = "UTC"
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    source: str = ""


class ApprovalNeed(NamedTuple):
    """A change that reaches `scope` needs the approval of one of `teams`. source: ``path:line``."""

    scope: str
    teams: tuple[str, ...]
    source: str = ""


class Budget(NamedTuple):
    """max_increase: most that a change may add to the monthly cost, as a share of it (0.15); None: no cap.

    monthly: that cost, in any one currency; None: not stated. resources: (address pattern, its part of it).
    source: ``path:line``. price_table: path of the file that `prices` are read from, ``""`` without one.
    """

    max_increase: float | None = None
    monthly: float | None = None
    resources: tuple[tuple[str, float], ...] = ()
    source: str = ""
    price_table: str = ""
    prices: Prices | None = None


class RuleMention(NamedTuple):
    """A place of the policy file that names a rule: ``rules.ignore``, ``waivers[0].rule``."""

    rule: str
    where: str
    line: int


class RuleSettings(NamedTuple):
    """Which rules run, and how. Rules are named by id or code.

    packs: folders of rule files in the deciding tree, or names of installed packs. select: only these rules
    where not empty. options: rule to option to value. mentions: all places that name a rule. coupled: files and
    folders of sets that must change together, in the deciding tree; sets: what they say.
    """

    packs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Value]] = MappingProxyType({})
    severity: Mapping[str, Severity] = MappingProxyType({})
    mentions: tuple[RuleMention, ...] = ()
    coupled: tuple[str, ...] = ()
    sets: tuple[CoupledSet, ...] = ()
    learned: tuple[str, ...] = ()
    """Files and folders of learned rules, in the deciding tree."""
    partners: tuple[LearnedRule, ...] = ()
    """What they say."""


_GATE = Gate()
_BUDGET = Budget()
_RULES = RuleSettings()


class Policy(NamedTuple):
    """One policy file, or the defaults where there is none (`source` is then empty).

    environments: in order of promotion where `promotion` is declared. catalogs, known_addresses, include and
    exclude are path globs. digest: content id of the file, "" without one. notes: one line each, for people.
    """

    environments: tuple[DeclaredEnvironment, ...] = ()
    promotion: Promotion | None = None
    services: tuple[Service, ...] = ()
    catalogs: tuple[str, ...] = ()
    known_addresses: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    gate: Gate = _GATE
    freezes: tuple[Freeze, ...] = ()
    windows: tuple[Window, ...] = ()
    response: Mapping[str, Response] = MappingProxyType({})
    """Level to what it asks for, where the policy says otherwise than `riskcheck.response`."""
    approvals: tuple[ApprovalNeed, ...] = ()
    budget: Budget = _BUDGET
    rules: RuleSettings = _RULES
    waivers: tuple[Waiver, ...] = ()
    digest: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    trusted_plans: frozenset[str] = frozenset()
    """Digests (``sha256:…``) of plan files that may lower a level, not only raise one."""
    undeclared: tuple[tuple[str, str], ...] = ()
    """Services that the policy names and does not declare, each with the note to make where nothing else does."""
    baseline: Baseline | None = None
    """The findings that the deciding tree records as known."""


class Approval(NamedTuple):
    """What CI says was approved: by which team (never by whom), for which scope, when (UTC ISO-8601). findings:
    fingerprints of all that was approved; None: whatever is found."""

    team: str
    scope: str
    at: str
    findings: frozenset[str] | None = None
