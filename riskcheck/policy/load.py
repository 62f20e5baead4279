"""Finds the policy file. What reads it is imported when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.errors import suggestion
from riskcheck.filenames import BASELINE, POLICIES
from riskcheck.policy.model import Policy
from riskcheck.policy.problems import PolicyError, Problem
from riskcheck.trees import Comparison, Entry, Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from riskcheck.models import Limitation, Side

_MAX_BYTES: Final = 1_000_000


def load_policy(tree: Tree, path: str | None, *, root: str | None = None) -> Policy:
    """The policy that decides, or the defaults where there is none.

    tree: the tip of the branch that is merged into. path: as given with ``--config``. Relative to the root
    of the repository it is read from `tree`, too, never from the change; absolute it is that file, unless
    it lies below `root`, the folder that `tree` is a state of. The baseline comes from `tree` in any case. Raises
    `PolicyError` with all problems.
    """
    return _with_baseline(_policy(tree, path, root), tree)


def _policy(tree: Tree, path: str | None, root: str | None) -> Policy:
    if path is not None:
        from posixpath import normpath

        inside = _inside(path, root)
        if inside is None:
            return _read(_OneFile(path), path)
        path = normpath(inside)
    found = _find(tree) if path is None else path
    return Policy() if found is None else _read(tree, found)


def _inside(path: str, root: str | None) -> str | None:
    """`path` from `root`, None for a file elsewhere. A way in by links, as of a temporary folder that is one, leads
    to a file of the change all the same."""
    from pathlib import Path

    named = Path(path)
    if not named.is_absolute():
        return path
    if root is None:
        return None
    top = Path(root).resolve()
    for file in (named, named.parent.resolve() / named.name, named.resolve()):
        if file.is_relative_to(top):
            return file.relative_to(top).as_posix()
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return None


def policy_limitations(comparison: Comparison, policy: Policy | None = None) -> tuple[Limitation, ...]:
    """What is wrong with the policy that the change brings, or with the price table, sets or learned rules that
    `policy`, which decides, names. It does not judge this change; merged like that, it would end every later run. A
    file that is no document at all is left to the gate platform."""
    table = policy.budget.price_table if policy is not None else ""
    found: tuple[Limitation, ...] = ()
    if table and any(change.path == table for change in comparison.changes):
        from riskcheck.policy.prices import price_limitations

        found = tuple(price_limitations(comparison, table))
    if policy is not None and policy.rules.coupled:
        from riskcheck.policy.coupled import set_limitations

        found = (*found, *set_limitations(comparison, policy.rules.coupled))
    if policy is not None and policy.rules.learned:
        from riskcheck.policy.learned import learned_limitations

        found = (*found, *learned_limitations(comparison, policy.rules.learned))
    if any(change.path == BASELINE and change.head is not None for change in comparison.changes):
        found = (*found, *_baseline_limitations(comparison))
    if all(change.path not in POLICIES for change in comparison.changes):
        return found
    return (*found, *_limitations(comparison), *_several(comparison))


def _several(comparison: Comparison) -> Iterator[Limitation]:
    """Policy files under several names, of which nobody could say which one decides."""
    from riskcheck.models import Limitation

    found = _names(comparison.head)
    for name in found[1:]:
        reason = f"there is {found[0]}, too; merged like this, every run would stop here"
        yield Limitation(name, "policy-error", reason, 1, failed=len(_names(comparison.base)) < 2)


def _limitations(comparison: Comparison) -> Iterator[Limitation]:
    from riskcheck.documents.store import DocumentStore
    from riskcheck.models import Limitation
    from riskcheck.policy.read import read_policy

    for change in comparison.changes:
        if change.head is None or change.path not in POLICIES:
            continue
        document = DocumentStore(comparison.head).get(change.path, "yaml")
        if document.error is not None:
            continue
        was_sound = not change.base or not read_policy(DocumentStore(comparison.base).get(change.old_path))[1]
        for problem in read_policy(document)[1]:
            yield Limitation(
                problem.path,
                "policy-error",
                f"{problem.message}; merged like this, every run would stop here",
                problem.line,
                failed=was_sound,
            )


def _with_baseline(policy: Policy, tree: Tree) -> Policy:
    if tree.entry(BASELINE) is None:
        return policy
    from riskcheck.documents.store import DocumentStore
    from riskcheck.policy.baseline import read_baseline

    baseline, problems = read_baseline(DocumentStore(tree).get(BASELINE))
    if problems:
        raise PolicyError(problems)
    return policy._replace(baseline=baseline)


def _baseline_limitations(comparison: Comparison) -> Iterator[Limitation]:
    """What is wrong with the baseline that the change brings, which would end every later run."""
    from riskcheck.documents.store import DocumentStore
    from riskcheck.models import Limitation
    from riskcheck.policy.baseline import read_baseline

    document = DocumentStore(comparison.head).get(BASELINE)
    if document.error is not None:
        # What is no document at all is left to the gate platform, as of a policy.
        return
    for problem in read_baseline(document)[1]:
        said = f"{problem.message}; merged like this, every run would stop here"
        yield Limitation(BASELINE, "policy-error", said, problem.line, failed=True)


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


def _find(tree: Tree) -> str | None:
    found = _names(tree)
    if len(found) > 1:
        raise PolicyError([Problem(found[1], 1, f"there is {found[0]}, too; keep one of them")])
    return found[0] if found else None


def _names(tree: Tree) -> list[str]:
    return [name for name in POLICIES if tree.entry(name) is not None]


def _read(tree: Tree, path: str) -> Policy:
    entry = tree.entry(path)
    if entry is None:
        if isinstance(tree, _OneFile):
            raise PolicyError([Problem(path, 1, "is no file that can be read; --config names a policy file")])
        raise PolicyError([Problem(path, 1, f"is not in {tree.label}, which the policy is read from")])
    from riskcheck.documents.store import DocumentStore
    from riskcheck.policy.read import read_policy

    policy, problems = read_policy(DocumentStore(tree).get(path, "yaml"), entry.blob or "")
    if not problems and policy.budget.price_table:
        from riskcheck.policy.prices import with_prices

        policy, problems = with_prices(policy, tree)
    if not problems and policy.rules.coupled:
        from riskcheck.policy.coupled import with_sets

        policy, problems = with_sets(policy, tree)
    if not problems and policy.rules.learned:
        from riskcheck.policy.learned import with_learned

        policy, problems = with_learned(policy, tree)
    if problems:
        raise PolicyError(problems)
    return policy


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
        from pathlib import Path

        return Entry(path, "file", None) if path == self._path and Path(path).is_file() else None

    def read(self, path: str) -> bytes:
        from pathlib import Path

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
