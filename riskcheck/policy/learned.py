"""Reads the files of learned rules that the policy names. Imported where it names any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from riskcheck.documents.scalars import plain_value
from riskcheck.globs import Glob, GlobError
from riskcheck.learned import DroppedRule, LearnedFile, LearnedRule
from riskcheck.nodes import Mapping, Sequence
from riskcheck.policy.named import limitations_of, named_files, root_of
from riskcheck.policy.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.learned import Kind, Strength
    from riskcheck.models import Limitation
    from riskcheck.nodes import Node, Value
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

MOST_FILES: Final = 50
"""Files of learned rules that a repository may bring."""


def with_learned(policy: Policy, tree: Tree) -> tuple[Policy, tuple[Problem, ...]]:
    """`policy` with the rules in the files and folders of `tree` that it names, and all that is wrong with them."""
    named = policy.rules.learned
    files = named_files(tree, policy.source, "rules.learned", named, "learned rules", MOST_FILES)
    rules: list[LearnedRule] = []
    problems = list(files.problems)
    for path in files.paths:
        found, wrong = read_learned(tree, path)
        problems += wrong
        rules += found.rules
    settings = policy.rules._replace(partners=tuple(rules))
    return policy._replace(rules=settings, notes=(*policy.notes, *files.notes)), tuple(problems)


def learned_limitations(comparison: Comparison, named: Iterable[str]) -> Iterator[Limitation]:
    """What is wrong with learned rules as the change has them."""
    return limitations_of(comparison, named, lambda tree, path: read_learned(tree, path)[1])


def read_learned(tree: Tree, path: str) -> tuple[LearnedFile, tuple[Problem, ...]]:
    """The rules in file `path` of `tree`; none with its problems."""
    root, problems = root_of(tree, path, "learned.schema.json")
    if problems or not isinstance(root, Mapping):
        return LearnedFile(), tuple(problems)
    rules = [_rule(node, path) for node in _items(root, "rules")]
    dropped = [_dropped(node) for node in _items(root, "dropped")]
    problems += _halves(root, path)
    problems += [problem for name in ("rules", "dropped") for problem in _unreadable_globs(root, name, path)]
    return (LearnedFile(), tuple(problems)) if problems else (LearnedFile(tuple(rules), tuple(dropped)), ())


def _items(root: Mapping, name: str) -> list[Mapping]:
    held = root.get(name)
    return [one for one in held.items if isinstance(one, Mapping)] if isinstance(held, Sequence) else []


def _rule(node: Mapping, path: str) -> LearnedRule:
    value = _plain(node)
    return LearnedRule(
        _texts(value.get("together")),
        _text(value, "in"),
        _texts(value.get("edited")),
        _texts(value.get("keys")),
        _texts(value.get("expect")),
        _text(value, "expect_key"),
        cast("Kind", _text(value, "kind") or "together"),
        cast("Strength", _text(value, "level") or "advisory"),
        _number(value, "seen"),
        _number(value, "of"),
        float(bound) if isinstance(bound := value.get("bound"), int | float) else None,
        _texts(value.get("last")),
        value.get("kept") is True,
        _text(value, "note"),
        f"{path}:{node.file_line}",
    )


def _dropped(node: Mapping) -> DroppedRule:
    value = _plain(node)
    return DroppedRule(_text(value, "edited"), _text(value, "expect"), _text(value, "note"))


def _halves(root: Mapping, path: str) -> Iterator[Problem]:
    """What a rule lacks, or has too much of, as no schema says it."""
    for number, node in enumerate(_items(root, "rules")):
        value = _plain(node)
        if "together" in value:
            too_much = [key for key in ("edited", "keys", "expect", "expect_key") if key in value]
            said = f"`together` goes without `{too_much[0]}`" if too_much else ""
        else:
            lacking = [key for key in ("edited", "expect") if key not in value]
            said = f"says no `{lacking[0]}`, and no `together`" if lacking else ""
            said = "`in` goes with `together`" if "in" in value and not said else said
        if said:
            yield Problem(path, node.file_line, f"rules[{number}]: {said}")


def _unreadable_globs(root: Mapping, name: str, path: str) -> Iterator[Problem]:
    for number, node in enumerate(_items(root, name)):
        value = _plain(node)
        files = () if "in" in value else ("together",)
        for key in ("edited", "expect", "in", *files):
            for pattern in _texts(value.get(key)):
                try:
                    Glob(pattern)
                except GlobError as error:
                    message = f'{name}[{number}].{key}: "{pattern[:60]}" {error}'
                    yield Problem(path, node.file_line, message)


def _plain(node: Node) -> dict[str, Value]:
    value = plain_value(node, "yaml-1.2")
    return value if isinstance(value, dict) else {}


def _text(value: dict[str, Value], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _texts(value: Value | None) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _number(value: dict[str, Value], key: str) -> int | None:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
