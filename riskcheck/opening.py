"""What a comparison is judged by: the policy and the rules of the deciding tree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from riskcheck.policy.model import Policy
    from riskcheck.rules.load import RuleSet
    from riskcheck.trees import Comparison, Tree


class Opened(NamedTuple):
    """What a run looks at and is judged by."""

    comparison: Comparison
    policy: Policy
    loaded: RuleSet


def opened_by(
    comparison: Comparison,
    deciding: Tree,
    config: str | None,
    load: Callable[[Sequence[str], Tree], RuleSet],
    *,
    root: str | None = None,
) -> Opened:
    """`comparison` with the policy and the rules of `deciding`. config, root: see `load_policy`. load: as
    `load_rules`. Raises `RunError`."""
    from riskcheck.policy.load import load_policy

    policy = load_policy(deciding, config, root=root)
    policy, packs = _present_packs(policy, deciding)
    return Opened(comparison, policy, load(packs, deciding))


def check_mentions(opened: Opened) -> None:
    """Raises `RunError` where the policy names a rule that there is not."""
    if opened.policy.rules.mentions:
        from riskcheck.policy.load import check_rule_names

        check_rule_names(opened.policy, opened.loaded.names())


def state_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environ` without what pre-commit and a CI say about a change, for what looks at one state: it neither moves
    what is looked at nor is worth a note."""
    from riskcheck.sources.ranges import CI_MARKS

    return {
        name: value
        for name, value in environ.items()
        if name not in CI_MARKS and not name.startswith("PRE_COMMIT_")
    }


def _present_packs(policy: Policy, deciding: Tree) -> tuple[Policy, tuple[str, ...]]:
    """The packs to load. A folder that the deciding tree does not hold yet is told, not taken for an error: a
    policy may name it before its first rule is merged."""
    kept: list[str] = []
    gone: list[str] = []
    for pack in policy.rules.packs:
        folder = f"{pack.strip('/')}/"
        there = "/" not in pack or any(path.startswith(folder) for path in deciding.entries())
        (kept if there or deciding.entry(pack) else gone).append(pack)
    notes = [f"{policy.source}: rules.packs names {pack}, which holds no rule files yet" for pack in gone]
    return (policy._replace(notes=(*policy.notes, *notes)) if notes else policy), tuple(kept)
