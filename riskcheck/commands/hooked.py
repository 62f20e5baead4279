"""What is different where a hook asks: at a commit not all is known yet, and whoever waits wants the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.sources.ranges import is_push

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.models import Rule
    from riskcheck.policy.model import Policy
    from riskcheck.results import NextSteps
    from riskcheck.trees import Comparison

_OF_PARTNERS: Final = ("coupled.", "learned.")
"""Checks of what must change together: the partner may come with the next commit."""
NOTHING_STAGED: Final = (
    "nothing is staged, so nothing was checked; `riskcheck diff main` judges what this branch has over main"
)

NOT_YET_DECIDED: Final = "  in CI     it may be blocked: the hook stops P0 only, CI goes by the policy\n"


def is_commit(environ: Mapping[str, str]) -> bool:
    """Whether a hook runs for the index: pre-commit tells in the environment where it is about commits."""
    return "PRE_COMMIT_FROM_REF" not in environ and not is_push(environ)


def judges_index(comparison: Comparison) -> bool:
    return comparison.head.label == "INDEX"


def at_commit(policy: Policy) -> Policy:
    """`policy` without what holds a merge and not a commit: freezes, windows, approvals."""
    return policy._replace(freezes=(), windows=(), approvals=())


def without_partners(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """`rules` but for those that ask for changes which the next commit may bring."""
    return tuple(rule for rule in rules if not (rule.check or "").startswith(_OF_PARTNERS))


def next_steps(asked: NextSteps, comparison: Comparison) -> str:
    """What whoever was blocked can do now, in a few lines. asked: the commands for this run."""
    if judges_index(comparison):
        fixed, again = "`git add` and commit again", "riskcheck diff --staged --explain"
    else:
        from riskcheck.commands.next_commands import SHORT

        fixed = "commit and push again"
        base, head = comparison.base.label, comparison.head.label
        again = f"riskcheck diff {base[:SHORT]}..{head[:SHORT]} --explain"
    lines = [f"  fix it    as `fix` says, then {fixed}"]
    if asked.acknowledge:
        lines.append("  or waive  merge first, alone, what this prints:")
        lines.append(f"    {asked.acknowledge}")
    if comparison.base.label != "EMPTY":
        lines.append(f"  see why   {again}")
    return "\n".join(lines) + "\n"
