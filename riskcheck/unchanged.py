"""The report on a comparison in which no path differs: no stage has anything to do, and none is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck import __version__
from riskcheck.results import NOTHING_FOUND, Report, moment

if TYPE_CHECKING:
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison


def unchanged(comparison: Comparison, policy: Policy, rules_digest: str, *, waivers: bool) -> Report:
    """The same as `riskcheck.engine.analyze` would say. waivers: whether those that lapsed are told."""
    lapsed: tuple[str, ...] = ()
    if policy.waivers:
        from riskcheck.policy.waivers import apply_waivers

        _, lapsed = apply_waivers((), policy, comparison, honour=waivers)
    return Report(
        version=__version__,
        rules_digest=rules_digest,
        as_of=moment(comparison.now),
        base=comparison.base.label,
        head=comparison.head.label,
        assessment=NOTHING_FOUND.assessment,
        findings=(),
        changed=(),
        environments=(),
        services=(),
        matrix=(),
        limitations=(),
        files_changed=0,
        files_read=0,
        changes=0,
        notes=tuple(dict.fromkeys((*comparison.notes, *policy.notes, *lapsed))),
        excerpts={},
    )
