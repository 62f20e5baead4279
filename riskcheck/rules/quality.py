"""What a rule file must satisfy beyond being readable: for the tests of rules, not for a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from riskcheck.data import data_dir
from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.rules.cel import ConditionError, condition
from riskcheck.rules.messages import STANDARD, placeholders
from riskcheck.rules.problems import Problem
from riskcheck.rules.reading import parse_document
from riskcheck.rules.registry import UnknownCheckError, find_check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema.protocols import Validator

    from riskcheck.models import Rule
    from riskcheck.rules.cases import Cases
    from riskcheck.rules.evaluate import Evaluation

_MATCH_ONLY: Final = frozenset({"match", "options"})
"""All that a condition may mention where there is no single change."""


def schema_problems(path: str, data: bytes, kind: Literal["rule", "rule-test"]) -> list[Problem]:
    """Where the file `path` does not satisfy its JSON Schema, with lines."""
    root, problems = parse_document(path, data)
    if root is None:
        return problems
    return [
        Problem(path, _line(root, list(error.absolute_path)), error.message)
        for error in _validator(kind).iter_errors(plain_value(root, "yaml-1.2"))
    ]


def _validator(kind: str) -> Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((data_dir("schemas") / f"{kind}.schema.json").read_text("utf-8")))


def _line(root: Node, path: Sequence[str | int]) -> int:
    """1-based line of what `path` leads to, as far as it goes."""
    node = root
    for step in path:
        if isinstance(node, Mapping):
            node = node.get(str(step)) or node
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.items[step]
    return node.file_line


def rule_faults(rule: Rule, cases: Cases) -> list[str]:
    """What is wrong with `rule` and the choice of its cases."""
    return [
        *_condition_faults(rule),
        *_check_faults(rule),
        *_message_faults(rule),
        *_text_faults(rule),
        *_coverage_faults(cases),
    ]


def _condition_faults(rule: Rule) -> Iterator[str]:
    for source in conditions(rule):
        try:
            mentioned = condition(source, rule.bounded).terms.wanted.keys()
        except ConditionError as error:
            yield f"condition {source!r}: {error}"
            continue
        if rule.match.subject != "change" and mentioned - _MATCH_ONLY:
            names = ", ".join(sorted(mentioned - _MATCH_ONLY))
            yield f"condition {source!r}: a rule of subject {rule.match.subject} has no {names}"


def conditions(rule: Rule) -> list[str]:
    """All conditions of `rule`."""
    return [*([rule.when] if rule.when is not None else []), *(one.when for one in rule.escalate)]


def _check_faults(rule: Rule) -> Iterator[str]:
    if rule.check is None:
        return
    try:
        find_check(rule.check)
    except UnknownCheckError as error:
        yield str(error)


def _message_faults(rule: Rule) -> Iterator[str]:
    """With a check, placeholders can be the check's: a case shows whether it fills them."""
    if rule.check is None:
        for name in placeholders(rule.message):
            if name not in STANDARD:
                known = ", ".join(sorted(STANDARD))
                yield f"nothing fills the placeholder {{{name}}} of the message; there are {known}"


def _text_faults(rule: Rule) -> Iterator[str]:
    if rule.title.endswith("."):
        yield "the title ends with a full stop"
    for name, text in (("why", rule.why), ("fix", rule.fix)):
        if not text.endswith((".", "?")):
            yield f"{name} does not end with a full stop"
    if not rule.false_positives:
        yield "false_positives is missing: state what looks alike and stays silent"
    if not rule.references:
        yield "references is missing: state where the facts are documented"
    for url in rule.references:
        if not url.startswith("https://"):
            yield f"reference {url} is not https"


def _coverage_faults(cases: Cases) -> Iterator[str]:
    if not cases.firing:
        yield "no case fires"
    if len(cases.firing) == len(cases.cases):
        yield "no case is silent"
    names = [case.name for case in cases.cases]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two cases are called {name!r}"


def uncomputed_faults(rule: Rule, evaluations: Sequence[Evaluation]) -> list[str]:
    """Conditions that could not be computed on any of the firing cases that `evaluations` come from."""
    faults = []
    for source in conditions(rule):
        seen = [one.fault for one in evaluations if one.source == source]
        if seen and None not in seen:
            faults.append(f"condition {source!r} could not be computed on any firing case: {seen[0]}")
    return faults
