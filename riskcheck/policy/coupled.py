"""Reads the sets that must change together which the policy names. Imported where it names any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.network.coupled.read import builtin_sets, set_of
from riskcheck.policy.named import limitations_of, named_files, root_of
from riskcheck.policy.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Limitation
    from riskcheck.network.coupled.model import CoupledSet
    from riskcheck.nodes import Node
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

MOST_FILES: Final = 200
"""Files of sets that a repository may bring."""


def with_sets(policy: Policy, tree: Tree) -> tuple[Policy, tuple[Problem, ...]]:
    """`policy` with the sets in the files and folders of `tree` that it names, and all that is wrong with them."""
    files = named_files(tree, policy.source, "rules.coupled", policy.rules.coupled, "sets", MOST_FILES)
    sets: list[CoupledSet] = []
    problems = list(files.problems)
    for path in files.paths:
        found, wrong = read_set(tree, path)
        problems += wrong
        if found is not None:
            sets.append(found)
    problems += _twice(sets)
    rules = policy.rules._replace(sets=tuple(sets))
    return policy._replace(rules=rules, notes=(*policy.notes, *files.notes)), tuple(problems)


def set_limitations(comparison: Comparison, named: Iterable[str]) -> Iterator[Limitation]:
    """What is wrong with sets as the change has them."""
    return limitations_of(comparison, named, lambda tree, path: read_set(tree, path)[1])


def read_set(tree: Tree, path: str) -> tuple[CoupledSet | None, tuple[Problem, ...]]:
    """The set in file `path` of `tree`; None with its problems."""
    root, problems = root_of(tree, path, "coupled.schema.json")
    if root is None:
        return None, tuple(problems)
    problems += _silent(root, path)
    value = plain_value(root, "yaml-1.2")
    if problems or not isinstance(value, dict):
        return None, tuple(problems)
    return set_of(value, path), ()


def _silent(root: Node, path: str) -> Iterator[Problem]:
    """Members that ask for nothing, as no schema says it."""
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
