"""The names of all rules, whichever of them are run. Imported where a comment names one that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.load import load_rules
from riskcheck.rules.problems import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.models import Rule
    from riskcheck.trees import Tree


class KnownNames:
    """Tells what is no rule. run: the rules of a run, asked first; packs: of the deciding tree, loaded only for a
    name that is none of theirs."""

    def __init__(self, run: Iterable[Rule], packs: Sequence[str], tree: Tree) -> None:
        self._run = frozenset(name.lower() for rule in run for name in (rule.id, rule.code))
        self._packs = packs
        self._tree = tree
        self._all: frozenset[str] | None = None

    def unknown(self, name: str) -> str | None:
        """What is wrong with `name`, None where a rule is called so or that cannot be told."""
        if name.lower() in self._run:
            return None
        known = self._names()
        if not known or name.lower() in known:
            return None
        near = _nearest(name.lower(), known)
        return f"names no rule that there is{f' (did you mean {near}?)' if near else ''}"

    def _names(self) -> frozenset[str]:
        if self._all is None:
            try:
                names = load_rules(self._packs, self._tree).names()
            except RuleError:
                names = ()
            self._all = frozenset(name.lower() for name in names)
        return self._all


def _nearest(name: str, known: frozenset[str]) -> str | None:
    """The one that is nearest; of several codes that are as near, nobody can tell which was meant."""
    from difflib import SequenceMatcher, get_close_matches

    near = get_close_matches(name, sorted(known), n=2)
    ratios = [SequenceMatcher(None, one, name).ratio() for one in near]
    if not near or (len(near) > 1 and ratios[0] == ratios[1]):
        return None
    # Codes are written in capitals, ids are not.
    return near[0].upper() if near[0][-1].isdigit() else near[0]
