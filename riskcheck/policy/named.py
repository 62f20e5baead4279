"""YAML files of a repository that its policy names, such as sets that change together and learned rules.

They come from the same tree as the policy: a change to one judges later changes, never itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.data import data_text
from riskcheck.documents.store import DocumentStore
from riskcheck.models import Limitation
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import faults
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.nodes import Node
    from riskcheck.trees import Comparison, Tree

_SUFFIXES: Final = (".yaml", ".yml")


class NamedFiles(NamedTuple):
    """What a key of the policy comes to in a tree. paths: of the files. notes: one line each, for people."""

    paths: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def named_files(tree: Tree, source: str, key: str, named: Iterable[str], what: str, most: int) -> NamedFiles:
    """The files in the files and folders that `key` of the policy `source` names. what: they hold, for people.
    most: files that one name may stand for."""
    found: list[str] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for one in named:
        paths = paths_below(tree, one)
        if not paths:
            notes.append(f"{source}: {key} names {one[:60]}, which holds no {what} yet")
        if len(paths) > most:
            message = f'{key}: "{one[:60]}" holds {len(paths)} files; at most {most} are read'
            problems.append(Problem(source, 1, message))
            continue
        found += paths
    return NamedFiles(tuple(found), tuple(problems), tuple(notes))


def paths_below(tree: Tree, named: str) -> list[str]:
    """The YAML file `named`, or those in the folder `named`."""
    below = named.strip("/").removeprefix("./")
    return sorted(
        path
        for path, entry in tree.entries().items()
        if entry.kind == "file"
        and path.endswith(_SUFFIXES)
        and (path == below or path.startswith(f"{below}/"))
    )


def root_of(tree: Tree, path: str, schema: str) -> tuple[Node | None, list[Problem]]:
    """What file `path` holds, and all that is wrong with it by `schema`, the name of a file."""
    document = DocumentStore(tree).get(path, "yaml")
    problems = [
        Problem(path, found.line, found.reason)
        for chunk in document.chunks
        for found in (*((chunk.error,) if chunk.error else ()), *chunk.duplicate_keys)
    ]
    root = document.root
    if root is None:
        reason = document.error.reason if document.error else document.unreadable or "is empty"
        return None, problems or [Problem(path, 1, reason)]
    for fault in faults(root, json.loads(data_text("schemas", schema))):
        said = f"{fault.where}: {fault.message}".removeprefix(": ")
        problems.append(Problem(path, fault.node.file_line, said))
    return root, problems


def limitations_of(
    comparison: Comparison, named: Iterable[str], problems_of: Callable[[Tree, str], Iterable[Problem]]
) -> Iterator[Limitation]:
    """What is wrong with such files as the change has them: merged like that, they would end every later run."""
    paths = {path for one in named for path in paths_below(comparison.head, one)}
    for change in comparison.changes:
        if change.head is None or change.path not in paths:
            continue
        was_sound = change.base is None or not any(
            True for _ in problems_of(comparison.base, change.old_path)
        )
        for problem in problems_of(comparison.head, change.path):
            reason = f"{problem.message}; merged like this, every run would stop here"
            yield Limitation(problem.path, "policy-error", reason, problem.line, failed=was_sound)
