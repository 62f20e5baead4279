"""The vocabulary that the stages share. Stages know these types and not each other.

`base` and `head` are revisions, `before` and `after` are values. Everything here is immutable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.kinds import SECTIONS
from riskcheck.nodes import MISSING, KeyPath, Mapping, MaybeValue, Node, Reading, Value
from riskcheck.records import NamedTuple, dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from collections.abc import Sequence


Side: TypeAlias = Literal["base", "head"]
Stage: TypeAlias = Literal["dev", "staging", "canary", "prod", "unknown"]
Severity: TypeAlias = Literal["P0", "P1", "P2", "P3"]
Level: TypeAlias = Literal["P0", "P1", "P2", "P3", "note"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
Reversibility: TypeAlias = Literal["reversible", "delayed", "lossy", "irreversible"]
Category: TypeAlias = Literal["platform", "data", "model", "governance", "security", "network", "cost"]
ChangeKind: TypeAlias = Literal["added", "removed", "modified", "moved"]
Action: TypeAlias = Literal["create", "update", "rename", "recreate", "delete", "none", "unknown"]
ACTIONS: tuple[Action, ...] = ("none", "unknown", "update", "rename", "create", "recreate", "delete")
"""Actions from least to gravest."""
LOSING: frozenset[Action] = frozenset({"recreate", "delete"})
"""Actions that take away what is there."""
CanaryKind: TypeAlias = Literal["promoted", "pipeline", "split", "subset", "shadow", "metric", "coverage"]
RollbackKind: TypeAlias = Literal["revert", "previous", "backup", "guard", "window", "runbook"]
Abort: TypeAlias = Literal["automatic", "manual", "none"]
"""What ends a bad exposure: a failing metric, a person, nothing."""
Verdict: TypeAlias = Literal["block", "warn", "pass"]

UNDEPLOYED: frozenset[str] = frozenset({"catalog", "gate"})
"""Platforms whose files are judged and not deployed: they belong to no environment's services."""

LEVELS: tuple[Level, ...] = ("note", "P3", "P2", "P1", "P0")
"""Levels from least to worst."""


class Location(NamedTuple):
    """A place in a file. Lines and columns are 1-based; `end_line` is inclusive."""

    path: str
    side: Side
    line: int
    column: int
    end_line: int
    end_column: int


def location_of(node: Node) -> Location:
    """Where `node` is written."""
    first = node.source.first_line
    return Location(
        node.source.path,
        node.source.side,
        first + node.line,
        node.column + 1,
        first + node.end_line,
        node.end_column + 1,
    )


TOGETHER: Final = "together with"
"""Role of a place whose edit is one cause with the finding, though it stands elsewhere."""


class Related(NamedTuple):
    """A second place that explains a finding. `role` is a word such as ``guard``, ``before``, ``partner``."""

    role: str
    location: Location


class Environment(NamedTuple):
    """A cell (stage x tier x region) under the name its repository gives it.

    source: ``path:line`` of what named it, or ``inferred from <path>``.
    share: fraction of users behind it, 0..1, where the policy says so. soak_seconds: policy's soak time.
    """

    name: str
    stage: Stage = "unknown"
    tier: str | None = None
    region: str | None = None
    source: str = ""
    share: float | None = None
    soak_seconds: int | None = None
    order: int | None = None

    @property
    def cell(self) -> str:
        """``prod:premium/eastus``, unknown parts left out."""
        text: str = self.stage
        if self.tier:
            text += f":{self.tier}"
        if self.region:
            text += f"/{self.region}"
        return text


class Limitation(NamedTuple):
    """Something that could not be read or resolved. It is printed; it never lowers a level.

    kind: a stable word (``unresolved-template``, ``unreadable``, ``remote-base``, ``parse-error``, …).
    failed: the analysis of *changed* input failed (a crash, a cap, a file broken by this change), which is
    GOV-010 at P1; False is a plain limit (templates, encryption, already broken in base).
    """

    path: str
    kind: str
    message: str
    line: int | None = None
    side: Side = "head"
    failed: bool = False


class Reference(NamedTuple):
    """One resource names another. target: a resource address, or a platform's own notation of one.

    relation: the word by which the format says it (``run_job_task``, ``mounts``).
    """

    target: str
    node: Node
    kind: Literal["hard", "soft", "build"] = "hard"
    relation: str = "refers to"


class Setting(NamedTuple):
    """A setting of a kustomization that had a hand in an object: the entry that applied a component or a patch, the
    labels, prefix or suffix, what took the content hash off a generated name."""

    role: Literal["component", "patch", "labels", "prefix", "suffix", "unhashed"]
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One thing that is deployed to one environment, with its resolved values.

    platform ``databricks``, kind ``volumes``, name ``landing`` make the address
    ``databricks:volumes.landing``. unit: what is deployed together (bundle root, overlay directory).
    identity: what stays the same across environments, where prefixes make names differ; the address
    otherwise. deployed_name: the name the platform will see. body: resolved values with positions.
    origin: the key or document that declares it. implicit: made by the platform from settings that no single
    file declares as a resource (a bundle target's own settings, for instance).
    """

    platform: str
    kind: str
    name: str
    environment: Environment
    unit: str
    body: Mapping
    origin: Node
    reading: Reading
    service: str | None = None
    identity: str = ""
    references: Sequence[Reference] = ()
    labels: MappingOf[str, str] | None = None
    provides: tuple[str, ...] = ()
    """Names by which resources of other units find it, in the notation of their references: ``uc:cat.schema``."""
    shaped_by: tuple[Setting, ...] = ()
    """Settings, innermost first, that are not told from where its values are written; of the components, those that
    the same file of the other side does not name."""
    undecided: Node | None = None
    """The expression that decides how many of it there are, where nobody knows what that comes to."""

    @property
    def address(self) -> str:
        return f"{self.platform}:{self.kind}.{self.name}"

    @property
    def section(self) -> str:
        """The kind, under the name that bundles have for it: ``jobs`` of a bundle and of Terraform."""
        return SECTIONS.get(self.kind, self.kind) if self.platform == "terraform" else self.kind

    def of_service(self, service: str) -> Resource:
        """The same as a part of `service`."""
        return replace(self, service=service)

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it on one side: unit, address, environment name."""
        return (self.unit, self.address, self.environment.name)

    def is_connected_as(self, other: Resource) -> bool:
        """Whether both provide the same and refer to the same, in the same places."""
        return self.provides == other.provides and self.references == other.references


class Resolution(NamedTuple):
    """What one platform made of one tree."""

    resources: tuple[Resource, ...] = ()
    environments: tuple[Environment, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    read: frozenset[str] = frozenset()
    """Every path that was read as belonging to this platform: other platforms leave those alone."""
    pipelines: tuple[Pipeline, ...] = ()
    placed_by: frozenset[str] = frozenset()
    """Paths of the definitions that say to which environments the units are deployed."""
    empty: frozenset[tuple[str, str, str]] = frozenset()
    """Unit, environment and address of each block that is there and makes nothing; the address of one that holds
    others ends in a dot."""


class Pipeline(NamedTuple):
    """A CI definition that deploys one commit to environments in order.

    stages: environment names in order of deployment. gated: names that wait for a gate (approval, protected
    environment, required earlier job) after the stage before them. unit: path prefix it deploys, ``""`` for all.
    """

    location: Location
    stages: tuple[str, ...]
    gated: frozenset[str]
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One difference between base and head of one resource in one environment.

    path: ``()`` where the whole resource was added, removed or moved. before/after: `MISSING` where absent.
    node_before/node_after carry the places; for an added or removed value the other one is None.
    """

    environment: Environment
    path: KeyPath
    kind: ChangeKind
    before: MaybeValue
    after: MaybeValue
    resource_before: Resource | None
    resource_after: Resource | None
    node_before: Node | None
    node_after: Node | None
    copies: tuple[Location, ...] = ()
    """Where files that a tool made of the changed one repeat the edit."""

    @property
    def resource(self) -> Resource:
        """The head resource, or the base one where it was removed."""
        found = self.resource_after or self.resource_before
        assert found is not None
        return found

    @property
    def node(self) -> Node:
        """What is reported: in head where it exists, else in base."""
        found = self.node_after if self.node_after is not None else self.node_before
        assert found is not None
        return found

    def inverted(self) -> Change:
        """The same change as a plain revert would make it."""
        mirror: dict[ChangeKind, ChangeKind] = {"added": "removed", "removed": "added"}
        return Change(
            self.environment,
            self.path,
            mirror.get(self.kind, self.kind),
            self.after,
            self.before,
            self.resource_after,
            self.resource_before,
            self.node_after,
            self.node_before,
        )


class Service(NamedTuple):
    """Something people rely on, owned by a team. Durations are in seconds."""

    name: str
    owner: str | None = None
    criticality: str | None = None
    rto: int | None = None
    rpo: int | None = None
    sla: int | None = None
    support: str | None = None
    scopes: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    runbook_url: str | None = None
    runbook_exercised: str | None = None
    runbook_duration: int | None = None
    source: str = ""
    slo: float | None = None
    """The strictest availability that it promises, 0..1."""
    lifecycle: str | None = None
    """``production``, ``experimental``, ``deprecated``, as a catalog calls it."""


class Match(NamedTuple):
    """All that a check may yield: that the rule holds, and what to say about it.

    values fill ``{placeholders}`` of the rule's message next to the standard ones; they also are the
    variable `match` of the rule's `escalate` conditions. node overrides the reported place; environments
    and resources are set by checks that judge several cells or resources at once.
    """

    values: MappingOf[str, Value] | None = None
    node: Node | None = None
    location: Location | None = None
    related: tuple[Related, ...] = ()
    environments: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class Selector(NamedTuple):
    """Which changes a rule looks at.

    platforms, kinds: of resources, empty for all. subject: ``change`` (one difference), ``finding`` (a change that
    another rule hit: the delivery rules), ``run`` (the comparison as a whole) or ``state`` (one tree as it is: only
    `riskcheck lint` asks). paths: compiled segments of the path grammar, None where any path will do; ``()``
    selects whole resources.
    """

    platforms: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    paths: tuple[tuple[str, ...], ...] | None = None
    changes: frozenset[ChangeKind] = frozenset()
    subject: Literal["change", "finding", "run", "state"] = "change"


class Escalation(NamedTuple):
    """`to` is the severity where the CEL condition `when` holds; the worst that holds wins."""

    when: str
    to: Severity


class Rule(NamedTuple):
    """One rule file. pack: its folder. source: path of the file, for error messages.

    bounded: a checked repository brought it, so that its conditions are held to bounds.
    """

    id: str
    code: str
    title: str
    pack: str
    severity: Severity
    confidence: Confidence
    reversibility: Reversibility
    category: Category
    match: Selector
    message: str
    why: str
    fix: str
    when: str | None = None
    check: str | None = None
    escalate: tuple[Escalation, ...] = ()
    options: MappingOf[str, Value] | None = None
    canary: frozenset[CanaryKind] = frozenset()
    rollback: frozenset[RollbackKind] = frozenset()
    false_positives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    since: str = ""
    source: str = ""
    bounded: bool = False


def changed_value(value: MaybeValue) -> Value:
    """`value` for JSON, where absent reads as null."""
    return None if value is MISSING else value  # type: ignore[return-value]
