"""What a run is judged by: the policy and the rules of the deciding tree, and which of these are chosen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.models import Rule
    from riskcheck.policy.model import Policy
    from riskcheck.rules.load import RuleSet
    from riskcheck.trees import Comparison, Tree


class Opened(NamedTuple):
    """What a run looks at and is judged by."""

    comparison: Comparison
    policy: Policy
    loaded: RuleSet


def opened_by(comparison: Comparison, deciding: Tree, config: str | None, *, cache: bool = True) -> Opened:
    """`comparison` with the policy and the rules of `deciding`. config: as for `load_policy`. Raises `RunError`."""
    from riskcheck.policy.load import load_policy
    from riskcheck.rules.load import load_rules

    policy = load_policy(deciding, config, root=comparison.root)
    policy, packs = _present_packs(policy, deciding)
    return Opened(comparison, policy, load_rules(packs, deciding, use_cache=cache))


def check_mentions(opened: Opened) -> None:
    """Raises `RunError` where the policy names a rule that there is not."""
    if opened.policy.rules.mentions:
        from riskcheck.policy.load import check_rule_names

        check_rule_names(opened.policy, opened.loaded.names())


def rules_of(opened: Opened, select: Sequence[str], ignore: Sequence[str]) -> Sequence[Rule]:
    """The rules that the policy chooses, and `select` and `ignore` of these. Raises `RunError` where one of them
    names none."""
    from riskcheck.rules.choose import choose

    settings = opened.policy.rules
    rules = choose(opened.loaded.rules, settings.select, settings.ignore, settings.severity)
    return choose(rules, select, ignore)


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
