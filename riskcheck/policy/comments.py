"""The waiver comments of the files that a run looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import Document, DocumentStore, format_of
from riskcheck.globs import matches_any
from riskcheck.judged import Waiver
from riskcheck.policy.inline import FORM, MAX_WAIVERS, Ignore, first_unread, ignores
from riskcheck.policy.usable import lack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.judged import Finding
    from riskcheck.models import Level, Side
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison

SAME_CHANGE_LEVEL: Final[Level] = "P2"
"""The worst level that a comment covers which the change itself brings."""
INLINE_LEVEL: Final[Level] = "P1"


class Comments:
    """Waiver comments, read when first asked for. longest: seconds that a waiver may last; None: any time. state:
    what is looked at is one tree as it is, whose documents are `head`. unknown: what is wrong with the name of a
    rule that there is not."""

    def __init__(
        self,
        comparison: Comparison,
        policy: Policy,
        longest: int | None,
        head: DocumentStore | None = None,
        unknown: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._unknown = unknown
        self._comparison = comparison
        self._longest = longest
        self._exclude = policy.exclude
        found = head or DocumentStore(comparison.head)
        self._stores = {
            "base": DocumentStore(comparison.base),
            "head": found,
            "deciding": found
            if comparison.deciding is comparison.head
            else DocumentStore(comparison.deciding),
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
                if waiver.rule.lower() not in (finding.rule.lower(), finding.code.lower()):
                    continue
                lacking = self._lack(waiver)
                if lacking is None:
                    yield waiver
                else:
                    notes.append(
                        f"{waiver.source}: the waiver of {waiver.rule} {lacking}, and waives nothing"
                    )

    def added(self) -> Iterator[str]:
        """One line for each waiver comment that the change brings, whether or not it waives anything yet."""
        for path in self._paths():
            for ignore in self._ignores("head", path):
                if self._is_known(path, ignore):
                    continue
                yield from self._unreadable(path, ignore)
                for waiver in self._waivers("head", path, ignore):
                    lacking = self._lacking(path, ignore, waiver)
                    does = (
                        f"{lacking}, and waives nothing"
                        if lacking
                        else "covers P2 and below until it is merged"
                    )
                    told = f"a waiver of {waiver.rule} is added in this change; it {does}"
                    yield f"{path}:{ignore.line}: {told}"

    def unusable(self) -> Iterator[str]:
        """One line for each waiver comment of the files looked at that waives nothing."""
        for path in self._paths():
            for ignore in self._ignores("head", path):
                yield from self._unreadable(path, ignore)
                for waiver in self._waivers("head", path, ignore):
                    lacking = self._lacking(path, ignore, waiver)
                    if lacking:
                        told = f"the waiver of {waiver.rule} {lacking}, and waives nothing"
                        yield f"{path}:{ignore.line}: {told}"

    def left_out(self) -> Iterator[str]:
        """One line for each file that was looked at and has more waiver comments than are read."""
        for path, line in self._unread.items():
            yield f"{path}:{line}: a file has at most {MAX_WAIVERS} waivers; those from here on waive nothing"

    def _paths(self) -> Iterator[str]:
        """Files of the change that may hold comments and are in head."""
        for change in self._comparison.changes:
            if change.head is None or not (format_of(change.path) or change.path.endswith(".sql")):
                continue
            if not matches_any(change.path, self._exclude):
                yield change.path

    def _unreadable(self, path: str, ignore: Ignore) -> Iterator[str]:
        if not ignore.rules:
            yield f"{path}:{ignore.line}: this comment cannot be read; write `# {FORM}`"

    def _lacking(self, path: str, ignore: Ignore, waiver: Waiver) -> str | None:
        return self._lack(waiver) or self._unknown(waiver.rule) or self._governs_nothing(path, ignore)

    def _governs_nothing(self, path: str, ignore: Ignore) -> str | None:
        text = self._stores["head"].get(path).line(ignore.governs)
        return None if text.strip() else f"is about line {ignore.governs}, which is empty"

    def _lack(self, waiver: Waiver) -> str | None:
        return lack(waiver, self._comparison.lands, self._longest)

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
                repeated=ignore.repeated,
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
