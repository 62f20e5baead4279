"""What a change leaves alone though it moved together with what it edits, by the learned rules of the policy.

Silent where the edit restores what was there before, where the partner is gone, and where it, or the same file of
another environment, is edited too. Changes of many files are not judged: rules are learned from small ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import format_of
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
    """What `rules` expect of the change and it does not edit, the surest rule first; of several that miss the same
    only that one."""
    if not 0 < len(comparison.changes) <= MOST_FILES:
        return ()
    change = _Change(comparison)
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], MissingPartner] = {}
    for rule in sorted(rules, key=_weight):
        missing = change.missing(rule)
        if missing is not None:
            found.setdefault((missing.partners, missing.partner_keys), missing)
    return tuple(found.values())


def _weight(rule: LearnedRule) -> tuple[bool, float, str]:
    return (rule.level != "warn", -(rule.bound or 0.0), rule.source)


class _Change:
    """A comparison, asked by one rule after another; what is dear is found out once, for the first that asks."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        changes = [one for one in comparison.changes if self._says_something_else(one)]
        self._edited = [one for one in changes if _is_edited(one)]
        self._touched = {path for one in changes for path in (one.path, one.old_path)}
        self._places = Places()
        self._keys: dict[str, frozenset[str]] = {}
        self._restores: dict[str, bool] = {}

    def _says_something_else(self, change: PathChange) -> bool:
        """Whether more is another than how it is written: comments, layout, the order of keys."""
        if change.status != "modified":
            return True
        base, head = self._comparison.base, self._comparison.head
        before, after = _text(base, change.old_path), _text(head, change.path)
        if before is None or after is None or format_of(change.path) is None:
            return before is None or list(_lines(before)) != list(_lines(after))
        from riskcheck.edits import edits_of

        return bool(edits_of(base, head, (change,)).keys)

    def missing(self, rule: LearnedRule) -> MissingPartner | None:
        """What `rule` misses, None where it has nothing to say."""
        if rule.within:
            return self._of_keys(rule)
        if rule.together:
            return self._of_set(rule)
        edited = self._set_in_motion(rule)
        if not edited:
            return None
        if rule.expect_key:
            return self._of_key(rule, edited)
        own = {path for one in edited for path in (one.path, one.old_path)}
        partners = self._left_alone(rule, rule.expect, own)
        if rule.kind == "parity":
            partners = tuple(one for one in partners if not self._has_it_already(edited[0], one))
        key = next((key for one in edited for key in rule.keys if key in self._keys_of(one)), "")
        return self._made(rule, edited, key, partners)

    def _of_set(self, rule: LearnedRule) -> MissingPartner | None:
        """The files of a set that were left alone, where another one was edited."""
        edited = [one for one in self._edited if _fits(one, rule.together)]
        if not edited:
            return None
        return self._made(rule, edited, "", self._left_alone(rule, rule.together, set()))

    def _of_keys(self, rule: LearnedRule) -> MissingPartner | None:
        """The keys of a set that were left alone, where another one of the same file was edited."""
        for one in self._edited:
            keys = self._keys_of(one) if _fits(one, (rule.within,)) else frozenset()
            first = next((key for key in rule.together if key in keys), "")
            if not first:
                continue
            missing = tuple(key for key in rule.together if key not in keys and self._holds(one, key))
            if missing:
                return self._made(rule, [one], first, (one.path,), missing)
        return None

    def _of_key(self, rule: LearnedRule, edited: Sequence[PathChange]) -> MissingPartner | None:
        """The key of another file, or of the same, that was left alone."""
        fitting = [one for one in self._edited if _fits(one, rule.expect)]
        if any(rule.expect_key in self._keys_of(one) for one in fitting):
            return None
        first = next((key for one in edited for key in rule.keys if key in self._keys_of(one)), "")
        partners = (fitting[0].path,) if fitting else self._left_alone(rule, rule.expect, set())
        if fitting and not self._holds(fitting[0], rule.expect_key):
            return None
        return self._made(rule, edited, first, partners, (rule.expect_key,))

    def _made(
        self,
        rule: LearnedRule,
        edited: Sequence[PathChange],
        key: str,
        partners: tuple[str, ...],
        partner_keys: tuple[str, ...] = (),
    ) -> MissingPartner | None:
        if not partners or any(self._is_restored(one) for one in edited):
            return None
        paths = tuple(one.path for one in edited)
        return MissingPartner(rule, paths, key, partners, partner_keys, self._place(edited[0]))

    def _set_in_motion(self, rule: LearnedRule) -> list[PathChange]:
        """The edited files that the rule is about; none where one is lacking."""
        found: list[PathChange] = []
        for pattern in rule.edited:
            fitting = [
                one
                for one in self._edited
                if _fits(one, (pattern,)) and (not rule.keys or not self._keys_of(one).isdisjoint(rule.keys))
            ]
            if not fitting:
                return []
            found += (one for one in fitting[:1] if one not in found)
        return found

    def _left_alone(self, rule: LearnedRule, expected: Iterable[str], own: set[str]) -> tuple[str, ...]:
        """What is there of `expected` and was not touched, nor the same file of another environment. own: what set
        the rule in motion, which is no partner of itself."""
        found: dict[str, None] = {}
        for pattern in expected:
            if any(path not in own and matches_any(path, (pattern,)) for path in self._touched):
                continue
            partner = self._partner(pattern)
            if partner is not None and (
                rule.kind == "parity"
                or not any(self._places.are_siblings(partner, path) for path in self._touched)
            ):
                found[partner] = None
        return tuple(found)

    def _partner(self, pattern: str) -> str | None:
        """The path of a partner that there is in head."""
        head = self._comparison.head
        if _WILD.isdisjoint(pattern):
            return pattern if head.entry(pattern) is not None else None
        return next((path for path in sorted(head.entries()) if matches_any(path, (pattern,))), None)

    def _holds(self, change: PathChange, key: str) -> bool:
        """Whether a file may have a key: its last step stands in the text. What is to be added need not."""
        if key.startswith("+ "):
            return True
        step = key.replace("[*]", "").rpartition(".")[2].strip('"')
        return step in (_text(self._comparison.head, change.path) or "")

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


def _fits(change: PathChange, patterns: Iterable[str]) -> bool:
    return matches_any(change.path, patterns) or matches_any(change.old_path, patterns)


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
