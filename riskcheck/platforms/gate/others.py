"""CircleCI.

https://circleci.com/docs/reference/configuration-reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.gate.ci import (
    Definition,
    Job,
    Step,
    at,
    entries,
    items,
    mapping_at,
    scalars,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_circleci(root: Mapping) -> Definition:
    """The jobs of all workflows, as they are called there; a job of type ``approval`` waits for a person."""
    jobs = []
    for _, workflow in entries(root.get("workflows")):
        for item in items(at(workflow, "jobs")):
            job = _circleci_job(root, item)
            if job is not None:
                jobs.append(job)
    return Definition(root, tuple(jobs), triggers=mapping_at(root, "workflows"))


def _circleci_job(root: Mapping, item: Node) -> Job | None:
    key, use = (item, None) if isinstance(item, Scalar) else next(iter(entries(item)), (None, None))
    if not isinstance(key, Scalar):
        return None
    kind = text(at(use, "type"))
    steps = at(root, "jobs", key.raw, "steps")
    return Job(
        text(at(use, "name")) or key,
        item,
        needs=scalars(at(use, "requires")),
        steps=tuple(_circleci_steps(steps)),
        approval=kind if kind is not None and kind.raw == "approval" else None,
        condition=at(use, "filters"),
        inputs=use if isinstance(use, Mapping) else None,
    )


def _circleci_steps(steps: Node | None) -> Iterator[Step]:
    for item in items(steps):
        for key, held in entries(item):
            if key.raw == "run":
                yield Step(
                    item,
                    name=text(at(held, "name")),
                    run=text(held) or text(at(held, "command")),
                    env=mapping_at(held, "environment"),
                    directory=text(at(held, "working_directory")),
                )
            else:
                yield Step(item, uses=key, inputs=held if isinstance(held, Mapping) else None)
        if isinstance(item, Scalar):
            yield Step(item, uses=item)
