"""One vocabulary for CI definitions, whoever runs them, so that what guards a merge can be compared.

Every part keeps the node that states it. What a system implies without saying (the stage before, in GitLab) is
made up as nodes at the place that implies it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.records import dataclass
from riskcheck.redact import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_LABEL = 60
"""Characters of a command that stand for an unnamed step."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a job. run: its script; uses: the action, task or template it calls, with `inputs`.

    may_fail: states whether its failure counts. condition: when it runs. directory: where.
    """

    node: Node
    name: Scalar | None = None
    run: Scalar | None = None
    uses: Scalar | None = None
    inputs: Mapping | None = None
    may_fail: Node | None = None
    condition: Node | None = None
    env: Mapping | None = None
    directory: Scalar | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One job. key: where its name is written.

    environment: the deployment environment it names. needs: jobs it waits for. approval: what makes it wait for
    a person. calls: a definition it runs in its place. matrix: the variants it runs in; see the vendor's reader.
    loose: it may be left out without holding back those that come after it. success_implied: a condition of its
    own does not replace the default one, that what it needs has succeeded.
    """

    key: Scalar
    node: Node
    environment: Scalar | None = None
    needs: tuple[Scalar, ...] = ()
    steps: tuple[Step, ...] = ()
    approval: Node | None = None
    may_fail: Node | None = None
    condition: Node | None = None
    permissions: Node | None = None
    env: Mapping | None = None
    calls: Scalar | None = None
    inputs: Mapping | None = None
    matrix: Mapping | None = None
    directory: Scalar | None = None
    loose: bool = False
    success_implied: bool = True

    @property
    def name(self) -> str:
        return self.key.raw


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One CI definition. triggers: event to its filters."""

    root: Mapping
    jobs: tuple[Job, ...]
    triggers: Mapping | None = None
    permissions: Node | None = None
    env: Mapping | None = None
    read: frozenset[str] = frozenset()
    """Other files that it takes in, or is meant to."""


def body(definition: Definition) -> Mapping:
    """The definition as the values of a resource."""
    root = definition.root
    return mapping(
        root,
        [
            ("triggers", definition.triggers),
            ("permissions", definition.permissions),
            ("env", definition.env),
            ("jobs", mapping(root, ((job.key, _job(job)) for job in definition.jobs))),
        ],
    )


def _job(job: Job) -> Mapping:
    near = job.node
    return mapping(
        near,
        [
            ("environment", job.environment),
            ("needs", sequence(job.needs[0], job.needs) if job.needs else None),
            ("approval", job.approval),
            ("may_fail", job.may_fail),
            ("condition", job.condition),
            ("permissions", job.permissions),
            ("env", job.env),
            ("calls", job.calls),
            ("inputs", job.inputs),
            ("matrix", job.matrix),
            ("steps", _steps(job.steps) if job.steps else None),
        ],
    )


def _steps(steps: Sequence[Step]) -> Mapping:
    """By name, so that inserting one does not rename the others."""
    labelled: dict[str, Mapping] = {}
    for step in steps:
        label = plain = _label(step)
        number = 2
        while label in labelled:
            label = f"{plain} #{number}"
            number += 1
        labelled[label] = mapping(
            step.node,
            [
                ("run", step.run),
                ("uses", step.uses),
                ("inputs", step.inputs),
                ("may_fail", step.may_fail),
                ("condition", step.condition),
                ("env", step.env),
            ],
        )
    return mapping(steps[0].node, ((made(label, held), held) for label, held in labelled.items()))


def _label(step: Step) -> str:
    """What a step is called in paths; keys, unlike values, are shown as they are."""
    if step.name is not None and step.name.raw:
        return redact_text(step.name.raw)
    if step.uses is not None:
        return step.uses.raw.partition("@")[0]
    first = step.run.raw.strip().partition("\n")[0] if step.run is not None else ""
    return redact_text(first)[:MAX_LABEL] or "step"


def mapping(near: Node, entries: Iterable[tuple[str | Scalar, Node | None]]) -> Mapping:
    """A mapping placed at `near`. Entries without a node are left out; a key given as text is made up, at the
    place of its value. Of equal keys the last counts."""
    held: dict[str, tuple[Scalar, Node]] = {}
    for key, node in entries:
        if node is not None:
            scalar = made(key, node) if isinstance(key, str) else key
            held[scalar.raw] = (scalar, node)
    return Mapping(list(held.values()), near.source, near.line, near.column, near.end_line, near.end_column)


def sequence(near: Node, items: Iterable[Node]) -> SequenceNode:
    """A list placed at `near`."""
    return SequenceNode(list(items), near.source, near.line, near.column, near.end_line, near.end_column)


def text(node: Node | None) -> Scalar | None:
    """`node` if it is a scalar."""
    return node if isinstance(node, Scalar) else None


def at(node: Node | None, *keys: str) -> Node | None:
    """The node below mapping keys, None where a step is missing."""
    return node.at(*keys) if isinstance(node, Mapping) else None


def mapping_at(node: Node | None, *keys: str) -> Mapping | None:
    found = at(node, *keys)
    return found if isinstance(found, Mapping) else None


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """A scalar, or the scalars of a list."""
    if isinstance(node, Scalar):
        return (node,)
    return tuple(item for item in items(node) if isinstance(item, Scalar))


def items(node: Node | None) -> list[Node]:
    """The items of a list; none of anything else."""
    return node.items if isinstance(node, SequenceNode) else []


def entries(node: Node | None) -> list[tuple[Scalar, Node]]:
    """The entries of a mapping; none of anything else."""
    return node.entries if isinstance(node, Mapping) else []
