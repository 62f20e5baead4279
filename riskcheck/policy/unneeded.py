"""Waivers of the policy that nothing needs any more, as far as one tree shows it.

A waiver mostly waits for its change, so that no diff and no tree proves it needless. What a tree does show: rules
about the tree itself that find nothing there now, and waivers that were made for a single change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import listed, many
from riskcheck.policy.usable import lack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Rule
    from riskcheck.policy.model import Policy


def unneeded(policy: Policy, findings: Iterable[Finding], rules: Sequence[Rule], now: int) -> Iterator[str]:
    """One line for each waiver of a rule about the tree that has nothing to waive, and one for all that acknowledge
    a change. rules: those that ran. now: seconds since the epoch."""
    standing = {
        name.lower() for rule in rules if rule.match.subject == "state" for name in (rule.id, rule.code)
    }
    used = {finding.waiver.source for finding in findings if finding.waiver is not None}
    usable = [one for one in policy.waivers if lack(one, now, policy.gate.max_waiver) is None]
    for waiver in usable:
        if waiver.rule.lower() in standing and waiver.source not in used:
            yield f"{waiver.source}: the waiver of {waiver.rule} has nothing to waive any more; remove it"
    once = [one.source for one in usable if one.fingerprints]
    if once:
        one = "acknowledges a single change" if len(once) == 1 else "acknowledge a single change each"
        yield f"{many(len(once), 'waiver')} {one}; remove what is merged: {listed(once)}"
