"""What replaying is asked for, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.history.model import FiredRule
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import Value

MOST_SECONDS: Final = 300.0
"""Seconds by the clock after which a change is given up: ordinary ones take less than one, the worst a minute."""

OWN_POLICY: Final = "own"
"""Stands for the policy that the tree under a change has."""


class Asked(NamedTuple):
    """A landed change. base: the commit that it is compared with, its first parent; "" for one that has none."""

    commit: str
    base: str


class ReplaySettings(NamedTuple):
    """How landed changes are judged.

    root: a folder of the repository. branch: what the branch that they landed on is called, "" where nobody knows.
    config: absolute path of a policy file that judges all of them, instead of the one that each found. jobs:
    processes. seconds: by the clock, after which a change is given up. cache: whether the private cache may be
    used; it changes no answer.
    """

    root: str
    branch: str = ""
    config: str | None = None
    jobs: int = 1
    seconds: float = MOST_SECONDS
    cache: bool = True


class JudgedChange(NamedTuple):
    """What the engine says of a landed change.

    verdict, level, score: of its report, the level None where nothing was found; all None where `error` says why
    there is none. rules: that have live findings, by code.
    """

    commit: str
    base: str
    verdict: str | None
    level: str | None
    score: float | None
    rules: tuple[FiredRule, ...] = ()
    error: str | None = None


def failed(asked: Asked, error: str) -> JudgedChange:
    """That `asked` could not be judged, and why."""
    return JudgedChange(asked.commit, asked.base, None, None, None, (), error)


def written(judged: JudgedChange) -> dict[str, Value]:
    """`judged` for JSON."""
    return {
        "commit": judged.commit,
        "base": judged.base,
        "verdict": judged.verdict,
        "level": judged.level,
        "score": judged.score,
        "rules": [[one.code, one.level] for one in judged.rules],
        "error": judged.error,
    }


def read(value: object) -> JudgedChange | None:
    """What `written` made; None for anything else."""
    match value:
        case {
            "commit": str(commit),
            "base": str(base),
            "verdict": (str() | None) as verdict,
            "level": (str() | None) as level,
            "score": (int() | float() | None) as score,
            "rules": list(rules),
            "error": (str() | None) as error,
        } if (verdict is None) == (error is not None):
            fired = tuple(FiredRule(one[0], one[1]) for one in rules if _is_rule(one))
            if len(fired) == len(rules):
                number = None if score is None else float(score)
                return JudgedChange(commit, base, verdict, level, number, fired, error)
    return None


def _is_rule(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)
