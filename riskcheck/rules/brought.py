"""Rule files that a change brings and that could not be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Limitation
from riskcheck.rules.load import builtin_folder, load_rules
from riskcheck.rules.problems import RuleError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.trees import Comparison


def rule_limitations(
    comparison: Comparison, packs: Collection[str], known: Iterable[Limitation]
) -> Iterator[Limitation]:
    """What is wrong with the packs of the deciding policy as the change has them: merged like that, they would end
    every later run. known: what is said already; a file that is no document is left to it."""
    folders = tuple(pack.strip("/").removeprefix("./") for pack in packs if pack.strip("/"))
    below = tuple(f"{folder}/" for folder in folders)
    touched = {path for change in comparison.changes for path in (change.path, change.old_path)}
    if not any(path in folders or path.startswith(below) for path in touched):
        return
    there = [
        folder
        for folder in folders
        if any(path == folder or path.startswith(f"{folder}/") for path in comparison.head.entries())
    ]
    try:
        _ = load_rules(there, comparison.head, use_cache=False).rules
    except RuleError as error:
        told = {one.path for one in known}
        for problem in error.problems:
            if problem.path not in told:
                message = problem.message.replace(f"{builtin_folder()}/", "the built-in ")
                reason = f"{message}; merged like this, every run would stop here"
                yield Limitation(problem.path, "rule-error", reason, problem.line, failed=True)
