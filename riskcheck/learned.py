"""Learned rules (``schemas/learned.schema.json``): whoever edits the one is reminded of the other."""

from __future__ import annotations

from typing import Literal, TypeAlias

from riskcheck.records import NamedTuple

Strength: TypeAlias = Literal["advisory", "warn"]
Kind: TypeAlias = Literal["together", "parity"]


class LearnedRule(NamedTuple):
    """Whoever edits all files that `edited` fits is expected to edit one that `expect` fits.

    edited, expect: path globs. keys: edits of keys of which one must be among them, in any one of the files; () for
    any edit. expect_key: the edit of a key that is expected, "" for any. kind: parity, for the same file of another
    environment. together, times: in so many changes of `times` both were edited; None where nobody counted. bound:
    lower end of the interval of their share. last: ids of the newest of them. source: ``path:line``.
    """

    edited: tuple[str, ...]
    expect: str
    keys: tuple[str, ...] = ()
    expect_key: str = ""
    kind: Kind = "together"
    level: Strength = "advisory"
    together: int | None = None
    times: int | None = None
    bound: float | None = None
    last: tuple[str, ...] = ()
    kept: bool = False
    note: str = ""
    source: str = ""


class DroppedRule(NamedTuple):
    """What is not to be learned again. edited, expect: path globs."""

    edited: str
    expect: str
    note: str = ""


class LearnedFile(NamedTuple):
    """A file of learned rules. rules: those that judge."""

    rules: tuple[LearnedRule, ...] = ()
    dropped: tuple[DroppedRule, ...] = ()
