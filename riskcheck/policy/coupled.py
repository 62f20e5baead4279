"""Reads the sets that must change together which the policy names. Imported where it names any.

They come from the same tree as the policy: a change to a set judges later changes, never itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.data import data_text
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.models import Limitation
from riskcheck.network.coupled.read import builtin_sets, set_of
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.network.coupled.model import CoupledSet
    from riskcheck.nodes import Node
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

MOST_FILES: Final = 200
"""Files of sets that a repository may bring."""
_SUFFIXES: Final = (".yaml", ".yml")


def with_sets(policy: Policy, tree: Tree) -> tuple[Policy, tuple[Problem, ...]]:
    """`policy` with the sets in the files and folders of `tree` that it names, and all that is wrong with them."""
    sets: list[CoupledSet] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for named in policy.rules.coupled:
        paths = _paths(tree, named)
        if not paths:
            notes.append(f"{policy.source}: rules.coupled names {named[:60]}, which holds no sets yet")
        if len(paths) > MOST_FILES:
            message = f'rules.coupled: "{named[:60]}" holds {len(paths)} files; at most {MOST_FILES} are read'
            problems.append(Problem(policy.source, 1, message))
            continue
        for path in paths:
            found, wrong = read_set(tree, path)
            problems += wrong
            if found is not None:
                sets.append(found)
    problems += _twice(sets)
    rules = policy.rules._replace(sets=tuple(sets))
    return policy._replace(rules=rules, notes=(*policy.notes, *notes)), tuple(problems)


def set_limitations(comparison: Comparison, named: Iterable[str]) -> Iterator[Limitation]:
    """What is wrong with sets as the change has them: merged like that, they would end every later run."""
    paths = {path for one in named for path in _paths(comparison.head, one)}
    for change in comparison.changes:
        if change.head is None or change.path not in paths:
            continue
        was_sound = change.base is None or not read_set(comparison.base, change.old_path)[1]
        for problem in read_set(comparison.head, change.path)[1]:
            reason = f"{problem.message}; merged like this, every run would stop here"
            yield Limitation(problem.path, "policy-error", reason, problem.line, failed=was_sound)


def read_set(tree: Tree, path: str) -> tuple[CoupledSet | None, tuple[Problem, ...]]:
    """The set in file `path` of `tree`; None with its problems."""
    document = DocumentStore(tree).get(path, "yaml")
    problems = [
        Problem(path, found.line, found.reason)
        for chunk in document.chunks
        for found in (*((chunk.error,) if chunk.error else ()), *chunk.duplicate_keys)
    ]
    root = document.root
    if root is None:
        reason = document.error.reason if document.error else document.unreadable or "is empty"
        return None, tuple(problems) or (Problem(path, 1, reason),)
    problems += _faults(root, path)
    value = plain_value(root, "yaml-1.2")
    if problems or not isinstance(value, dict):
        return None, tuple(problems)
    return set_of(value, path), ()


def _faults(root: Node, path: str) -> Iterator[Problem]:
    for fault in faults(root, json.loads(data_text("schemas", "coupled.schema.json"))):
        yield Problem(path, fault.node.file_line, f"{fault.where}: {fault.message}".removeprefix(": "))
    value = plain_value(root, "yaml-1.2")
    members = value.get("members") if isinstance(value, dict) else None
    for number, member in enumerate(members if isinstance(members, list) else ()):
        if isinstance(member, dict) and "ways" not in member and "lists" not in member:
            yield Problem(path, root.file_line, f"members[{number}]: says no `ways` and no `lists`")


def _twice(sets: list[CoupledSet]) -> Iterator[Problem]:
    owner = {one.id: "a set that is built in" for one in builtin_sets()}
    for one in sets:
        first = owner.setdefault(one.id, one.source)
        if first != one.source:
            yield Problem(one.source, 1, f"the id {one.id} is taken by {first}; choose another")


def _paths(tree: Tree, named: str) -> list[str]:
    below = named.strip("/").removeprefix("./")
    return sorted(
        path
        for path, entry in tree.entries().items()
        if entry.kind == "file"
        and path.endswith(_SUFFIXES)
        and (path == below or path.startswith(f"{below}/"))
    )
