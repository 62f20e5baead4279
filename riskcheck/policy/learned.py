"""Reads the files of learned rules that the policy names. Imported where it names any.

They come from the same tree as the policy: a change to a rule judges later changes, never itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from riskcheck.data import data_text
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import Glob, GlobError
from riskcheck.learned import DroppedRule, LearnedFile, LearnedRule
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping, Sequence
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.learned import Kind, Strength
    from riskcheck.nodes import Node, Value
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

MOST_FILES: Final = 50
"""Files of learned rules that a repository may bring."""
_SUFFIXES: Final = (".yaml", ".yml")


def with_learned(policy: Policy, tree: Tree) -> tuple[Policy, tuple[Problem, ...]]:
    """`policy` with the rules in the files and folders of `tree` that it names, and all that is wrong with them."""
    rules: list[LearnedRule] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for named in policy.rules.learned:
        paths = _paths(tree, named)
        if not paths:
            notes.append(
                f"{policy.source}: rules.learned names {named[:60]}, which holds no learned rules yet"
            )
        if len(paths) > MOST_FILES:
            message = f'rules.learned: "{named[:60]}" holds {len(paths)} files; at most {MOST_FILES} are read'
            problems.append(Problem(policy.source, 1, message))
            continue
        for path in paths:
            found, wrong = read_learned(tree, path)
            problems += wrong
            rules += found.rules
    settings = policy.rules._replace(partners=tuple(rules))
    return policy._replace(rules=settings, notes=(*policy.notes, *notes)), tuple(problems)


def learned_limitations(comparison: Comparison, named: Iterable[str]) -> Iterator[Limitation]:
    """What is wrong with learned rules as the change has them: merged like that, they would end every later run."""
    paths = {path for one in named for path in _paths(comparison.head, one)}
    for change in comparison.changes:
        if change.head is None or change.path not in paths:
            continue
        was_sound = change.base is None or not read_learned(comparison.base, change.old_path)[1]
        for problem in read_learned(comparison.head, change.path)[1]:
            reason = f"{problem.message}; merged like this, every run would stop here"
            yield Limitation(problem.path, "policy-error", reason, problem.line, failed=was_sound)


def read_learned(tree: Tree, path: str) -> tuple[LearnedFile, tuple[Problem, ...]]:
    """The rules in file `path` of `tree`; none with its problems."""
    document = DocumentStore(tree).get(path, "yaml")
    problems = [
        Problem(path, found.line, found.reason)
        for chunk in document.chunks
        for found in (*((chunk.error,) if chunk.error else ()), *chunk.duplicate_keys)
    ]
    root = document.root
    if root is None:
        reason = document.error.reason if document.error else document.unreadable or "is empty"
        return LearnedFile(), tuple(problems) or (Problem(path, 1, reason),)
    schema = json.loads(data_text("schemas", "learned.schema.json"))
    for fault in faults(root, schema):
        said = f"{fault.where}: {fault.message}".removeprefix(": ")
        problems.append(Problem(path, fault.node.file_line, said))
    if problems or not isinstance(root, Mapping):
        return LearnedFile(), tuple(problems)
    rules = [_rule(node, path) for node in _items(root, "rules")]
    dropped = [_dropped(node) for node in _items(root, "dropped")]
    problems += [problem for name in ("rules", "dropped") for problem in _unreadable_globs(root, name, path)]
    return (LearnedFile(), tuple(problems)) if problems else (LearnedFile(tuple(rules), tuple(dropped)), ())


def _items(root: Mapping, name: str) -> list[Mapping]:
    held = root.get(name)
    return [one for one in held.items if isinstance(one, Mapping)] if isinstance(held, Sequence) else []


def _rule(node: Mapping, path: str) -> LearnedRule:
    value = _plain(node)
    return LearnedRule(
        _texts(value.get("edited")),
        _text(value, "expect"),
        _texts(value.get("keys")),
        _text(value, "expect_key"),
        cast("Kind", _text(value, "kind") or "together"),
        cast("Strength", _text(value, "level") or "advisory"),
        _number(value, "together"),
        _number(value, "times"),
        float(bound) if isinstance(bound := value.get("bound"), int | float) else None,
        _texts(value.get("last")),
        value.get("kept") is True,
        _text(value, "note"),
        f"{path}:{node.file_line}",
    )


def _dropped(node: Mapping) -> DroppedRule:
    value = _plain(node)
    return DroppedRule(_text(value, "edited"), _text(value, "expect"), _text(value, "note"))


def _unreadable_globs(root: Mapping, name: str, path: str) -> Iterator[Problem]:
    for number, node in enumerate(_items(root, name)):
        value = _plain(node)
        for key in ("edited", "expect"):
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


def _paths(tree: Tree, named: str) -> list[str]:
    below = named.strip("/").removeprefix("./")
    return sorted(
        path
        for path, entry in tree.entries().items()
        if entry.kind == "file"
        and path.endswith(_SUFFIXES)
        and (path == below or path.startswith(f"{below}/"))
    )
