"""One landed change after the other, judged in one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from riskcheck.engine import Options, analyze
from riskcheck.history.model import FiredRule
from riskcheck.models import LEVELS
from riskcheck.opening import check_mentions, opened_by, state_environ
from riskcheck.replaying.model import JudgedChange
from riskcheck.results import ChangeLikelihood
from riskcheck.rules.choose import choose
from riskcheck.rules.load import load_rules
from riskcheck.sources import RangeSpec, open_comparison
from riskcheck.sources.ranges import EMPTY_TREES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.nodes import Value
    from riskcheck.replaying.model import Asked
    from riskcheck.results import Report
    from riskcheck.rules.load import RuleSet
    from riskcheck.trees import Comparison, History, Tree

_NEVER: Final = 1 << 62
"""A clock that no commit is ahead of: a change is judged as of its own time, whatever the machine's clock says."""


class Judge:
    """Judges changes of one repository; what they share is read once."""

    def __init__(self, root: str, branch: str, config: str | None, folder: str, *, cache: bool) -> None:
        """folder: private, for what is remembered from one change to the next. config: path of a policy file. For
        the rest see `ReplaySettings`."""
        self._root = root
        self._branch = branch
        self._config = config
        self._cache = cache
        self._memory = _Remembered(root, folder) if cache else _Remembered(None, folder)
        self._environ = state_environ()
        self._rules: RuleSet | None = None

    def judged(self, asked: Asked) -> JudgedChange:
        """What is said of a change. Raises `RunError` where it cannot be judged."""
        comparison = self._comparison(asked)
        opened = opened_by(comparison, comparison.deciding, self._config, load=self._load)
        check_mentions(opened)
        settings = opened.policy.rules
        rules = choose(opened.loaded.rules, settings.select, settings.ignore, settings.severity)
        told = None if asked.chance is None else _likelihood(asked.chance)
        options = Options(memory=self._memory, reach=False, likelihood=lambda _: told)
        report = analyze(opened.comparison, opened.policy, rules, opened.loaded.digest, options)
        found = report.assessment
        rules_fired = fired(report)
        return JudgedChange(
            asked.commit, asked.base, found.verdict, found.level, found.score, rules_fired, None, asked.chance
        )

    def _comparison(self, asked: Asked) -> Comparison:
        base = asked.base or EMPTY_TREES["sha1"]
        spec = RangeSpec(
            root=self._root, revision=f"{base}..{asked.commit}", environ=self._environ, clock=_NEVER
        )
        names = (self._branch,) if self._branch else ()
        return open_comparison(spec)._replace(clock=None, base_branches=lambda: names, branch=_unknown)

    def _load(self, packs: Sequence[str], tree: Tree) -> RuleSet:
        if packs:
            return load_rules(packs, tree, use_cache=self._cache)
        if self._rules is None:
            self._rules = load_rules(use_cache=self._cache)
        return self._rules


def fired(report: Report) -> tuple[FiredRule, ...]:
    """The rules with live findings (neither waived nor known before), each with its worst level, by code."""
    worst: dict[str, int] = {}
    for finding in report.findings:
        if finding.waiver is None:
            worst[finding.code] = max(worst.get(finding.code, 0), LEVELS.index(finding.level))
    return tuple(FiredRule(code, LEVELS[worst[code]]) for code in sorted(worst))


def _likelihood(chance: float) -> ChangeLikelihood:
    """For the score, which asks for nothing but the chance."""
    return ChangeLikelihood(
        points=0.0, usual=0.0, chance=chance, times=1.0, terms=(), calibrated=False, judged=0, reverted=0
    )


def _unknown(_: str) -> History | None:
    """Where another branch was when a change landed, nobody can tell from where it is now."""
    return None


class _Remembered:
    """What platforms learnt about the repository, from one change to the next. The cache is asked where nothing is
    known yet, and left as it is: it serves the runs of people, who ask about the newest commits."""

    def __init__(self, root: str | None, folder: str) -> None:
        self._folder = folder
        self._known: dict[str, object] = {}
        self._below = None
        if root is not None:
            from riskcheck.cache import Memory

            self._below = Memory(root)

    def recall(self, name: str) -> object:
        if name not in self._known:
            self._known[name] = self._below.recall(name) if self._below is not None else None
        return self._known[name]

    def keep(self, name: str, value: Value) -> None:
        self._known[name] = value

    def file(self, name: str) -> str | None:
        path = os.path.join(self._folder, name)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        return path
