"""Which findings are in a baseline, and which of its entries nothing is found of any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import Waiver
from riskcheck.levels import at_least
from riskcheck.policy.baseline import BaselineEntry
from riskcheck.policy.gate import NOT_WAIVED
from riskcheck.policy.holding import APPROVAL_CODE, FREEZE_CODE
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Level
    from riskcheck.policy.baseline import Baseline, Subject

NEVER: Final = frozenset({FREEZE_CODE, APPROVAL_CODE, *NOT_WAIVED})
"""Freezes, approvals, the gate itself and what was not analysed: these ask for a decision."""
OWN: Final = "gate:Baseline."
WORST: Final[Mapping[Subject, Level]] = {"state": "P1", "change": "P2"}
"""The worst level that may be recorded. What may block a merge needs an owner, a reason and a date."""


def may_be_known(finding: Finding, of: Subject) -> bool:
    """Whether a baseline can cover `finding`."""
    return finding.code not in NEVER and finding.level != "note" and at_least(WORST[of], finding.level)


class Known:
    """The entries of a baseline about one subject, each used as often as it counts."""

    def __init__(self, baseline: Baseline, of: Subject) -> None:
        self._path = baseline.path
        self._of: Subject = of
        self._left = {entry: entry.times for entry in baseline.entries if entry.of == of}
        self._by_fingerprint: dict[str, list[BaselineEntry]] = {}
        for entry in self._left:
            self._by_fingerprint.setdefault(entry.fingerprint, []).append(entry)

    def covering(self, findings: Sequence[Finding]) -> dict[int, Waiver]:
        """What stands for the entry of each finding that is known, by ``id``. An entry of just these environments
        goes before one of more."""
        covered: dict[int, Waiver] = {}
        for exact in (True, False):
            for finding in findings:
                if id(finding) in covered or not may_be_known(finding, self._of):
                    continue
                entry = self._entry(finding, exact)
                if entry is not None:
                    self._left[entry] -= 1
                    covered[id(finding)] = self._waiver(entry)
        return covered

    def stale(self) -> tuple[BaselineEntry, ...]:
        """Entries, and what is left of their counts, that nothing was found of."""
        return tuple(entry._replace(times=left) for entry, left in self._left.items() if left)

    def _entry(self, finding: Finding, exact: bool) -> BaselineEntry | None:
        names = {environment.name for environment in finding.environments}
        for entry in self._by_fingerprint.get(finding.fingerprint, ()):
            known = set(entry.environments)
            fits = names == known if exact else bool(names) and names < known
            if (
                fits
                and self._left[entry]
                and (entry.rule, entry.code) == (finding.rule, finding.code)
                and _is_of(entry, finding)
                and at_least(entry.level, finding.level)
            ):
                return entry
        return None

    def _waiver(self, entry: BaselineEntry) -> Waiver:
        return Waiver(
            rule=entry.code,
            where=entry.resource,
            owner="",
            reason="known: it is in the baseline",
            until="",
            environments=entry.environments,
            max_level=entry.level,
            source=f"{self._path}:{entry.line}",
            fingerprints=(entry.fingerprint,),
            baseline=True,
        )


def _is_of(entry: BaselineEntry, finding: Finding) -> bool:
    """Whether `entry` says the resource that its fingerprint was made of. Mail addresses are not written."""
    return entry.resource == finding.resource or "@" in finding.resource


def entries_of(findings: Iterable[Finding], of: Subject) -> tuple[BaselineEntry, ...]:
    """What a baseline says of `findings`; those that it cannot cover are left out."""
    return joined(
        BaselineEntry(
            finding.fingerprint,
            finding.rule,
            finding.code,
            finding.resource,
            tuple(sorted({environment.name for environment in finding.environments})),
            finding.level,
            of,
        )
        for finding in findings
        if may_be_known(finding, of)
    )


class Compared(NamedTuple):
    """A baseline against what is found.

    kept: entries that still hold, as often as they do, and those of the other subject. stale: entries, or how often
    too many. new: findings that it does not hold; fresh: the same as entries. uncovered: live findings of P3 or
    worse that no baseline covers. was: entries by fingerprint.
    """

    kept: tuple[BaselineEntry, ...]
    stale: tuple[BaselineEntry, ...]
    new: tuple[Finding, ...]
    fresh: tuple[BaselineEntry, ...]
    uncovered: tuple[Finding, ...]
    was: Mapping[str, BaselineEntry]


def compare(baseline: Baseline, findings: Sequence[Finding], of: Subject) -> Compared:
    """`baseline` against `findings`. What is waived, and what is said of an edit of the baseline itself, is left
    out of account."""
    live = [
        one
        for one in findings
        if one.waiver is None and one.level != "note" and not one.resource.startswith(OWN)
    ]
    known = Known(baseline, of)
    covered = known.covering(live)
    stale = {entry.key: entry for entry in known.stale()}
    kept = [
        entry._replace(times=entry.times - (stale[entry.key].times if entry.key in stale else 0))
        for entry in baseline.entries
    ]
    new = [one for one in live if id(one) not in covered and may_be_known(one, of)]
    return Compared(
        tuple(entry for entry in kept if entry.times),
        tuple(stale.values()),
        tuple(new),
        entries_of(new, of),
        tuple(one for one in live if not may_be_known(one, of)),
        {entry.fingerprint: entry for entry in baseline.entries if entry.of == of},
    )


def joined(entries: Iterable[BaselineEntry]) -> tuple[BaselineEntry, ...]:
    """`entries`, those of one key as one that counts for all of them, at their worst level."""
    found: dict[object, BaselineEntry] = {}
    for entry in entries:
        known = found.get(entry.key)
        if known is not None:
            level = known.level if at_least(known.level, entry.level) else entry.level
            entry = known._replace(times=known.times + entry.times, level=level)
        found[entry.key] = entry
    return tuple(found.values())
