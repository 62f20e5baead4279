"""Finds, checks and reads the policy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from riskcheck.data import data_dir
from riskcheck.documents.store import Document, DocumentStore
from riskcheck.errors import suggestion
from riskcheck.models import Limitation, Side
from riskcheck.policy.build import Builder
from riskcheck.policy.model import Policy
from riskcheck.policy.problems import PolicyError, Problem
from riskcheck.policy.schema import Schema, faults
from riskcheck.trees import Comparison, Entry, Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from riskcheck.nodes import Node

NAMES: Final = ("riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml")
"""Where a policy may be, at the root of the repository. One of them."""
_MAX_BYTES: Final = 1_000_000


def load_policy(tree: Tree, path: str | None, *, root: Path | None = None) -> Policy:
    """The policy that decides, or the defaults where there is none.

    tree: the tip of the branch that is merged into. path: as given with ``--config``. Relative to the root
    of the repository it is read from `tree`, too, never from the change; absolute it is that file, unless
    it lies below `root`, the folder that `tree` is a state of. Raises `PolicyError` with all problems.
    """
    if path is not None and Path(path).is_absolute():
        inside = _relative(path, root)
        if inside is None:
            return _read(_OneFile(path), path)
        path = inside
    found = _find(tree) if path is None else path
    return Policy() if found is None else _read(tree, found)


def policy_problems(document: Document) -> tuple[Problem, ...]:
    """What is wrong with a policy document, wherever it comes from."""
    return _check(document)[1]


def policy_limitations(comparison: Comparison) -> tuple[Limitation, ...]:
    """What is wrong with the policy that the change brings. It does not judge this change; merged like that, it
    would end every later run. A file that is no document at all is left to the gate platform."""
    found: list[Limitation] = []
    for change in comparison.changes:
        if change.head is None or change.path not in NAMES:
            continue
        document = DocumentStore(comparison.head).get(change.path, "yaml")
        if document.error is not None:
            continue
        was_sound = not change.base or not policy_problems(
            DocumentStore(comparison.base).get(change.old_path)
        )
        found.extend(
            Limitation(
                problem.path,
                "policy-error",
                f"{problem.message}; merged like this, every run would stop here",
                problem.line,
                failed=was_sound,
            )
            for problem in policy_problems(document)
        )
    return tuple(found)


def check_rule_names(policy: Policy, known: Collection[str]) -> None:
    """Raises `PolicyError` where `policy` names a rule that is not `known` (ids and codes)."""
    folded = {name.lower() for name in known}
    unknown = [mention for mention in policy.rules.mentions if mention.rule.lower() not in folded]
    if unknown:
        names = sorted(known)
        raise PolicyError(
            Problem(policy.source, mention.line, f"{mention.where}: no rule is called {mention.rule}{hint}")
            for mention in unknown
            for hint in [suggestion(mention.rule, names).partition("; known")[0]]
        )


def _relative(path: str, root: Path | None) -> str | None:
    if root is None or not Path(path).is_relative_to(root):
        return None
    return Path(path).relative_to(root).as_posix()


def _find(tree: Tree) -> str | None:
    found = [name for name in NAMES if tree.entry(name) is not None]
    if len(found) > 1:
        raise PolicyError([Problem(found[1], 1, f"there is {found[0]}, too; keep one of them")])
    return found[0] if found else None


def _read(tree: Tree, path: str) -> Policy:
    entry = tree.entry(path)
    if entry is None:
        raise PolicyError([Problem(path, 1, f"is not in {tree.label}, which the policy is read from")])
    document = DocumentStore(tree).get(path, "yaml")
    policy, problems = _check(document, entry.blob or "")
    if problems:
        raise PolicyError(problems)
    return policy


def _check(document: Document, digest: str = "") -> tuple[Policy, tuple[Problem, ...]]:
    path = document.path
    if document.unreadable is not None:
        reason = document.error.reason if document.error else document.unreadable
        return Policy(), (Problem(path, 1, reason),)
    chunks = [chunk for chunk in document.chunks if chunk.error or chunk.root is not None]
    problems = [Problem(path, chunk.error.line, chunk.error.reason) for chunk in chunks if chunk.error]
    problems += [
        Problem(path, double.line, double.reason) for chunk in chunks for double in chunk.duplicate_keys
    ]
    if len(chunks) > 1:
        problems.append(Problem(path, chunks[1].first_line, "a policy is one document"))
    root = chunks[0].root if chunks else None
    if root is None:
        return Policy(), tuple(problems) or (Problem(path, 1, "is empty; a policy begins with `version: 1`"),)
    builder = Builder(path, root)
    policy = builder.policy(digest)
    for fault in (*faults(root, _schema()), *builder.faults):
        problems.append(
            Problem(path, _line(fault.node), f"{fault.where}: {fault.message}".removeprefix(": "))
        )
    return policy, tuple(problems)


def _line(node: Node) -> int:
    return node.source.first_line + node.line


def _schema() -> Schema:
    import json

    loaded: Schema = json.loads((data_dir("schemas") / "config.schema.json").read_text("utf-8"))
    return loaded


class _OneFile:
    """A tree of one file on disk, for a policy that the repository does not hold."""

    side: Side = "base"

    def __init__(self, path: str) -> None:
        self.label = "disk"
        self._path = path

    def entries(self) -> Mapping[str, Entry]:
        entry = self.entry(self._path)
        return {} if entry is None else {self._path: entry}

    def entry(self, path: str) -> Entry | None:
        return Entry(path, "file", None) if path == self._path and Path(path).is_file() else None

    def read(self, path: str) -> bytes:
        try:
            with Path(path).open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise UnreadableError(path, "unreadable", error.strerror or "cannot be read") from None
        if len(content) > _MAX_BYTES:
            raise UnreadableError(path, "too-large", f"is larger than {_MAX_BYTES} bytes")
        return content

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing is gained by reading one file early."""
