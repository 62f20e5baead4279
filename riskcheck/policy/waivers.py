"""Which findings are waived: by the deciding policy, or by a comment beside the line.

A waiver counts only with a rule, a place, an owner, a reason and a date that has not passed; otherwise it
waives nothing and is told. A comment counts in full only if the deciding tree has it, too, at the same key of
the same file; one that the change itself brings covers P2 and below.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riskcheck.documents.store import Document, DocumentStore, format_of
from riskcheck.durations import parse_moment
from riskcheck.globs import matches_any, wildcard
from riskcheck.judged import Finding, Waiver
from riskcheck.levels import at_least
from riskcheck.policy.build import is_address, names_person
from riskcheck.policy.inline import FORM, MAX_WAIVERS, Ignore, first_unread, ignores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Level, Side
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison

SAME_CHANGE_LEVEL: Level = "P2"
"""The worst level that a comment covers which the change itself brings."""
INLINE_LEVEL: Level = "P1"


def apply_waivers(
    findings: Sequence[Finding], policy: Policy, comparison: Comparison, *, honour: bool = True
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """`findings` with their waivers, and one line for each waiver that does not do what it says.

    honour: False with ``--no-waivers``. A waiver covers single findings, never others of the same cause.
    """
    if not honour:
        return tuple(findings), ()
    notes: list[str] = []
    usable: list[Waiver] = []
    for waiver in policy.waivers:
        lack = _lack(waiver, comparison.lands)
        if lack is None:
            usable.append(waiver)
        else:
            notes.append(f"{waiver.source}: the waiver of {waiver.rule} {lack}, and waives nothing")
    comments = _Comments(comparison)
    judged = []
    for finding in findings:
        waiver_notes: list[str] = []
        candidates = (
            *(one for one in usable if _is_about(one, finding)),
            *comments.about(finding, waiver_notes),
        )
        covering = None
        for waiver in candidates:
            short = _falls_short(waiver, finding)
            if short is None:
                covering = waiver
                break
            waiver_notes.append(f"{waiver.source}: the waiver of {waiver.rule} {short} ({finding.resource})")
        if covering is None:
            notes.extend(waiver_notes)
        judged.append(replace(finding, waiver=covering))
    notes.extend(comments.added())
    notes.extend(comments.left_out())
    return tuple(judged), tuple(dict.fromkeys(notes))


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    """Whether `waiver` is meant for `finding`: its rule, and its place or all of its resources."""
    if not _is_rule(waiver.rule, finding):
        return False
    if is_address(waiver.where):
        return all(wildcard(waiver.where, address) for address in finding.resources or (finding.resource,))
    return matches_any(finding.location.path, (waiver.where,))


def _is_rule(name: str, finding: Finding) -> bool:
    return name.lower() in (finding.rule.lower(), finding.code.lower())


def _falls_short(waiver: Waiver, finding: Finding) -> str | None:
    """Why `waiver`, though meant for `finding`, does not cover it."""
    if not at_least(waiver.max_level, finding.level):
        why = ", as it was added in this change" if waiver.same_change else ""
        return f"covers {waiver.max_level} and below{why}, not {finding.level}"
    if waiver.environments:
        names = [environment.name for environment in finding.environments]
        missing = [name for name in names if not any(wildcard(one, name) for one in waiver.environments)]
        if missing or not names:
            return f"does not cover {', '.join(missing) or 'what belongs to no environment'}"
    return None


def _lack(waiver: Waiver, now: int) -> str | None:
    """What makes `waiver` unusable."""
    if not waiver.owner.strip():
        return "has no owner"
    if names_person(waiver.owner):
        return "names a person as its owner instead of a team"
    if not waiver.reason.strip():
        return "has no reason"
    if not waiver.until:
        return "has no date"
    end = parse_moment(waiver.until, end=True)
    if end is None or len(waiver.until) != len("2027-01-31"):
        return "has no readable date (until=2027-01-31)"
    return f"lapsed after {waiver.until}" if end <= now else None


class _Comments:
    """Waiver comments of the files that the change touches, read when first asked for."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._stores = {
            "base": DocumentStore(comparison.base),
            "head": DocumentStore(comparison.head),
            "deciding": DocumentStore(comparison.deciding),
        }
        self._old_paths = {change.path: change.old_path for change in comparison.changes}
        self._found: dict[tuple[Side, str], tuple[Ignore, ...]] = {}
        self._unread: dict[str, int] = {}
        self._known: dict[str, frozenset[tuple[str, ...]]] = {}

    def about(self, finding: Finding, notes: list[str]) -> Iterator[Waiver]:
        """Usable waivers on the finding's line; what is unusable there goes to `notes`."""
        place = finding.location
        for ignore in self._ignores(place.side, place.path):
            if ignore.governs != place.line:
                continue
            for waiver in self._waivers(place.side, place.path, ignore):
                if not _is_rule(waiver.rule, finding):
                    continue
                lack = _lack(waiver, self._comparison.lands)
                if lack is None:
                    yield waiver
                else:
                    notes.append(f"{waiver.source}: the waiver of {waiver.rule} {lack}, and waives nothing")

    def added(self) -> Iterator[str]:
        """One line for each waiver comment that the change brings, whether or not it waives anything yet."""
        for change in self._comparison.changes:
            if change.head is None or format_of(change.path) is None:
                continue
            for ignore in self._ignores("head", change.path):
                if self._is_known(change.path, ignore):
                    continue
                place = f"{change.path}:{ignore.line}"
                if not ignore.rules:
                    yield f"{place}: this comment cannot be read; write `# {FORM}`"
                for waiver in self._waivers("head", change.path, ignore):
                    lack = _lack(waiver, self._comparison.lands)
                    does = f"{lack}, and waives nothing" if lack else "covers P2 and below until it is merged"
                    yield f"{place}: a waiver of {waiver.rule} is added in this change; it {does}"

    def left_out(self) -> Iterator[str]:
        """One line for each file that was looked at and has more waiver comments than are read."""
        for path, line in self._unread.items():
            yield f"{path}:{line}: a file has at most {MAX_WAIVERS} waivers; those from here on waive nothing"

    def _waivers(self, side: Side, path: str, ignore: Ignore) -> Iterator[Waiver]:
        known = self._is_known(path, ignore)
        for rule in ignore.rules:
            yield Waiver(
                rule=rule,
                where=f"{path}:{ignore.governs}",
                owner=ignore.owner,
                reason=ignore.reason,
                until=ignore.until,
                max_level=INLINE_LEVEL if known else SAME_CHANGE_LEVEL,
                source=f"{path}:{ignore.line}",
                inline=True,
                same_change=not known,
            )

    def _ignores(self, side: Side, path: str) -> tuple[Ignore, ...]:
        key = (side, path)
        if key not in self._found:
            document = self._document(side, path)
            self._found[key] = tuple(ignores(document))
            unread = first_unread(document)
            if unread is not None:
                self._unread[path] = unread
        return self._found[key]

    def _is_known(self, path: str, ignore: Ignore) -> bool:
        """Whether the deciding tree has the same comment at the same key. A renamed file is looked up under
        both names."""
        return ignore.anchor != () and any(
            ignore.anchor in self._anchors(one)
            for one in dict.fromkeys((path, self._old_paths.get(path, path)))
        )

    def _anchors(self, path: str) -> frozenset[tuple[str, ...]]:
        if path not in self._known:
            document = self._stores["deciding"].get(path)
            self._known[path] = frozenset(ignore.anchor for ignore in ignores(document))
        return self._known[path]

    def _document(self, side: Side, path: str) -> Document:
        return self._stores[side].get(path)
