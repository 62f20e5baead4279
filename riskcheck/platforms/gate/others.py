"""CircleCI, and Jenkins as far as text tells.

https://circleci.com/docs/reference/configuration-reference/
https://www.jenkins.io/doc/book/pipeline/syntax/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, Source, made
from riskcheck.platforms.gate.ci import (
    Definition,
    Job,
    Step,
    at,
    entries,
    items,
    mapping,
    mapping_at,
    scalars,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_INPUT = re.compile(r"\s*input\b(?!\s*=)")
_QUOTED = re.compile(r"""(['"])([^'"]*)\1""")
_GUARDED = re.compile(r"\bcatchError\b|\bwarnError\b|returnStatus\s*:\s*true")


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


def read_jenkins(lines: list[str], source: Source) -> Definition:
    """Groovy is not parsed: one job, whose steps are the lines that run riskcheck or wait for a person."""
    root = mapping(_line("", 0, source), [])
    steps: list[Step] = []
    approval: Node | None = None
    for number, line in enumerate(lines):
        code = line.partition("//")[0] if "://" not in line else line
        if "riskcheck" in code:
            quoted = next(
                (match[2] for match in _QUOTED.finditer(code) if "riskcheck" in match[2]), code.strip()
            )
            scalar = _line(quoted, number, source)
            guarded = _GUARDED.search(code) is not None
            steps.append(Step(scalar, run=scalar, may_fail=made(True, scalar) if guarded else None))
        elif _INPUT.match(code):
            approval = _line(code.strip(), number, source)
    job = Job(made("pipeline", root), root, steps=tuple(steps), approval=approval)
    return Definition(root, (job,))


def _line(content: str, number: int, source: Source) -> Scalar:
    return Scalar(content, source, number, 0, number, len(content), "native", None, content)
