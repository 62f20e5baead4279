"""Rules in a row, each made when it is asked for: most runs concern few of them, and the others only have names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.models import Rule
    from riskcheck.rules.compiled import Head, Subject


class RuleList(Sequence["Rule"]):
    """Rules in order of their codes, behind what is known of each before it is made."""

    def __init__(self, listed: Iterable[tuple[Head, Callable[[], Rule]]]) -> None:
        self._listed = sorted(listed, key=lambda one: (one[0]["code"], one[0]["id"]))
        self._made: dict[int, Rule] = {}

    @property
    def heads(self) -> Iterator[Head]:
        """What is known of each, in order."""
        return (head for head, _ in self._listed)

    def of_subject(self, subject: Subject) -> list[Rule]:
        """Those that judge `subject`."""
        return [self._rule(number) for number, head in enumerate(self.heads) if head["subject"] == subject]

    def concerning(self, platform: str, kind: str) -> list[Rule]:
        """Those that judge changes of such resources."""
        return [
            self._rule(number)
            for number, head in enumerate(self.heads)
            if head["subject"] == "change"
            and (not head["platforms"] or platform in head["platforms"])
            and (not head["kinds"] or kind in head["kinds"])
        ]

    def _rule(self, number: int) -> Rule:
        rule = self._made.get(number)
        if rule is None:
            rule = self._made[number] = self._listed[number][1]()
        return rule

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, index: int | slice) -> Rule | tuple[Rule, ...]:
        if isinstance(index, slice):
            return tuple(self._rule(number) for number in range(len(self._listed))[index])
        return self._rule(range(len(self._listed))[index])

    def __len__(self) -> int:
        return len(self._listed)


def of_subject(rules: Iterable[Rule], subject: Subject) -> list[Rule]:
    """Those of `rules` that judge `subject`, in their order."""
    if isinstance(rules, RuleList):
        return rules.of_subject(subject)
    return [rule for rule in rules if rule.match.subject == subject]
