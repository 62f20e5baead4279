"""What a change leaves alone though it moved together with what it edits, by the learned rules of the policy.

Silent where the edit restores what was there before, where the partner is gone, and where it, or the same file of
another environment, is edited too. Changes of many files are not judged: rules are learned from small ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.globs import matches_any
from riskcheck.history.cochange_noise import MOST_FILES
from riskcheck.history.siblings import Places
from riskcheck.models import Location
from riskcheck.runfacts import MissingPartner
from riskcheck.trees import CutOffError, Footprint, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.learned import LearnedRule
    from riskcheck.trees import Comparison, PathChange, Tree

_MONTHS: Final = 180 * 86_400
"""Age in seconds of what an edit may restore."""
_STEPS: Final = 3
"""Earlier edits of a file that it may restore."""
_WILD: Final = frozenset("*?[{\\")


def missing_partners(comparison: Comparison, rules: Sequence[LearnedRule]) -> tuple[MissingPartner, ...]:
    """What `rules` expect of the change and it does not edit, one for each partner, the surest rule first."""
    if not 0 < len(comparison.changes) <= MOST_FILES:
        return ()
    change = _Change(comparison)
    found: dict[tuple[str, str], MissingPartner] = {}
    for rule in sorted(rules, key=_weight):
        missing = change.missing(rule)
        if missing is not None:
            found.setdefault((missing.partner, rule.expect_key), missing)
    return tuple(found[key] for key in sorted(found))


def _weight(rule: LearnedRule) -> tuple[bool, float, str]:
    return (rule.level != "warn", -(rule.bound or 0.0), rule.source)


class _Change:
    """A comparison, asked by one rule after another; what is dear is found out once, for the first that asks."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._edited = [one for one in comparison.changes if _is_edited(one)]
        self._touched = {path for one in comparison.changes for path in (one.path, one.old_path)}
        self._places = Places()
        self._keys: dict[str, frozenset[str]] = {}
        self._restores: dict[str, bool] = {}

    def missing(self, rule: LearnedRule) -> MissingPartner | None:
        """What `rule` misses, None where it has nothing to say."""
        edited = self._set_in_motion(rule)
        if not edited or self._is_there(rule, edited):
            return None
        partner = self._partner(rule)
        if partner is None or any(self._is_restored(one) for one in edited):
            return None
        if rule.kind == "parity":
            if self._has_it_already(edited[0], partner):
                return None
        elif any(self._places.are_siblings(partner, path) for path in self._touched):
            return None
        key = next((key for one in edited for key in rule.keys if key in self._keys_of(one)), "")
        place = Location(partner, "head", 1, 1, 1, 1)
        return MissingPartner(
            rule, tuple(one.path for one in edited), key, partner, self._place(edited[0]), place
        )

    def _set_in_motion(self, rule: LearnedRule) -> list[PathChange]:
        """The edited files that the rule is about; none where one is lacking."""
        found: list[PathChange] = []
        for pattern in rule.edited:
            fitting = [
                one
                for one in self._edited
                if (matches_any(one.path, (pattern,)) or matches_any(one.old_path, (pattern,)))
                and (not rule.keys or not self._keys_of(one).isdisjoint(rule.keys))
            ]
            if not fitting:
                return []
            found += (one for one in fitting[:1] if one not in found)
        return found

    def _is_there(self, rule: LearnedRule, edited: Sequence[PathChange]) -> bool:
        """Whether what is expected is part of the change. What set the rule in motion is no partner of itself,
        unless a key of it is meant."""
        if rule.expect_key:
            fitting = (one for one in self._edited if matches_any(one.path, (rule.expect,)))
            return any(rule.expect_key in self._keys_of(one) for one in fitting)
        own = {path for one in edited for path in (one.path, one.old_path)}
        return any(path not in own and matches_any(path, (rule.expect,)) for path in self._touched)

    def _partner(self, rule: LearnedRule) -> str | None:
        """The path of a partner that there is in head."""
        head = self._comparison.head
        if _WILD.isdisjoint(rule.expect):
            return rule.expect if head.entry(rule.expect) is not None else None
        return next((path for path in sorted(head.entries()) if matches_any(path, (rule.expect,))), None)

    def _keys_of(self, change: PathChange) -> frozenset[str]:
        """The edits of keys of a file, as learned rules write them; none where it cannot be read by key."""
        known = self._keys.get(change.path)
        if known is None:
            from riskcheck.edits import edits_of
            from riskcheck.history.cochange_window import general
            from riskcheck.history.written import written

            base, head = self._comparison.base, self._comparison.head
            edits = edits_of(base, head, (change,)).keys
            known = self._keys[change.path] = frozenset(
                written(general(one.key), one.operation) for one in edits if one.key
            )
        return known

    def _is_restored(self, change: PathChange) -> bool:
        """Whether a file becomes what it was before one of its latest edits: that is a revert."""
        known = self._restores.get(change.path)
        if known is None:
            known = self._restores[change.path] = self._restores_an_edit(change)
        return known

    def _restores_an_edit(self, change: PathChange) -> bool:
        history = self._comparison.history
        text = _text(self._comparison.head, change.path)
        if history is None or text is None:
            return False
        footprint = Footprint(frozenset((change.old_path,)))
        oldest = self._comparison.now - _MONTHS
        number = 0
        for _ in range(_STEPS):
            try:
                landing = history.latest(footprint, number, oldest)
            except CutOffError:
                return False
            if landing is None:
                return False
            number = landing.number + 1
            if _text(history.tree(number), change.old_path) == text:
                return True
        return False

    def _has_it_already(self, change: PathChange, partner: str) -> bool:
        """Whether the partner has each line that the edit brings: the other environment got it first."""
        before = _lines(_text(self._comparison.base, change.old_path))
        after = _lines(_text(self._comparison.head, change.path))
        held = set(_lines(_text(self._comparison.head, partner)))
        return (set(after) - set(before)) <= held

    def _place(self, change: PathChange) -> Location:
        """The first line that is another one now."""
        before = (_text(self._comparison.base, change.old_path) or "").splitlines()
        after = (_text(self._comparison.head, change.path) or "").splitlines()
        pairs = enumerate(zip(before, after, strict=False), 1)
        line = next((number for number, (old, new) in pairs if old != new), len(before) + 1)
        line = max(1, min(line, len(after)))
        return Location(change.path, "head", line, 1, line, 1)


def _is_edited(change: PathChange) -> bool:
    return change.status in ("modified", "renamed") and change.base is not None and change.head is not None


def _text(tree: Tree, path: str) -> str | None:
    """The text of a file; None where it cannot be read."""
    try:
        return tree.read(path).decode("utf-8", "replace")
    except UnreadableError:
        return None


def _lines(text: str | None) -> Iterable[str]:
    return [line for one in (text or "").splitlines() if (line := one.strip())]
