"""Jenkins, as far as text tells: Groovy is not parsed, but for its strings, comments and braces.

https://www.jenkins.io/doc/book/pipeline/syntax/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Node, Scalar, Source, made
from riskcheck.platforms.gate.ci import Definition, Job, Step, mapping
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

_INPUT: Final = regex(r"\s*input\b(?!\s*=)")
_TOKENS: Final = regex(r"(?<!\\)'(?:[^'\\]|\\.)*+'|(?<!\\)\"(?:[^\"\\]|\\.)*+\"|//.*|[{}]")
"""No string begins at a quote that a backslash stands before: a line of such is read in linear time."""
_SHELL: Final = regex(r"\b(?:sh|bat|powershell|pwsh)\b|\bscript\s*:")
_GUARDED: Final = regex(r"\bcatchError\b|\bwarnError\b|returnStatus\s*:\s*true")

_DEEPEST: Final = 1_000
_MOST_CONDITIONS: Final = 100
"""Blocks within each other, and lines of a ``when``, that are looked at. Nobody writes more, and a step behind more
counts as one that may fail."""
_LONGEST_CONDITION: Final = 2_000


class _Block(NamedTuple):
    """A pair of braces. whens: the conditions that it states, for all in it. guarded: a failure in it is caught.
    conditions: what is stated in it belongs there, where it is in a ``when``."""

    whens: list[str]
    guarded: bool
    conditions: list[str] | None


def read(lines: list[str], source: Source) -> Definition:
    """One job, whose steps are the lines that run riskcheck or wait for a person."""
    root = mapping(_line("", 0, source), [])
    steps: list[Step] = []
    approval: Node | None = None
    opened: list[_Block] = []
    for number, line in enumerate(lines):
        code = _without_comment(line)
        command = _command(code)
        caught = bool(opened) and opened[-1].guarded
        _follow(code, opened)
        if command is not None:
            scalar = _line(command, number, source)
            stated = [when for block in opened[:_DEEPEST] for when in block.whens]
            hidden = len(opened) > _DEEPEST or len(stated) > _MOST_CONDITIONS
            guarded = hidden or caught or bool(_GUARDED.search(code))
            whens = _shortened(" ".join(stated[:_MOST_CONDITIONS]))
            steps.append(
                Step(
                    scalar,
                    run=scalar,
                    may_fail=made(True, scalar) if guarded else None,
                    condition=_line(whens, number, source) if whens else None,
                )
            )
        elif _INPUT.match(code):
            approval = _line(code.strip(), number, source)
    job = Job(made("pipeline", root), root, steps=tuple(steps), approval=approval)
    return Definition(root, (job,))


def _command(code: str) -> str | None:
    """The shell of a line that names riskcheck, None where it is the name of something else: a stage, an image."""
    if "riskcheck" not in code:
        return None
    for found in _TOKENS.finditer(code):
        if "riskcheck" in found[0]:
            return found[0][1:-1] if _SHELL.search(code[: found.start()]) else None
    # A line of a script between three quotes.
    return code.strip().strip("'\"")


def _without_comment(line: str) -> str:
    for found in _TOKENS.finditer(line):
        if found[0].startswith("//") and not line[: found.start()].endswith(":"):
            return line[: found.start()]
    return line


def _follow(code: str, opened: list[_Block]) -> None:
    """Opens and closes the blocks of a line; what a ``when`` holds is noted at the block around it."""
    end = 0
    for kind, found in _braces(code):
        between = code[end : found.start()].strip()
        end = found.end()
        _note(between, opened)
        if kind == "{":
            opened.append(_inside(between, opened))
        elif opened:
            opened.pop()
    _note(code[end:].strip(), opened)


def _braces(code: str) -> Iterator[tuple[str, re.Match[str]]]:
    for found in _TOKENS.finditer(code):
        if found[0] in "{}":
            yield found[0], found


def _inside(header: str, opened: Sequence[_Block]) -> _Block:
    """The block that `header` opens within `opened`."""
    above = opened[-1] if opened else None
    word = header.rpartition(" ")[2]
    conditions = above.conditions if above is not None else None
    if conditions is None and word == "when" and above is not None:
        conditions = above.whens
    guarded = (above is not None and above.guarded) or bool(_GUARDED.search(header))
    return _Block([], guarded, conditions)


def _note(code: str, opened: Sequence[_Block]) -> None:
    """`code` inside of ``stage { when { … } }`` is a condition of the stage."""
    conditions = opened[-1].conditions if opened else None
    if code and conditions is not None and len(conditions) <= _MOST_CONDITIONS:
        conditions.append(code)


def _shortened(condition: str) -> str:
    """`condition`, of a long one the beginning and a digest: it is held against another, and there may be many."""
    if len(condition) <= _LONGEST_CONDITION:
        return condition
    from hashlib import sha256

    digest = sha256(condition.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{condition[:_LONGEST_CONDITION]} … {digest}"


def _line(content: str, number: int, source: Source) -> Scalar:
    return Scalar(content, source, number, 0, number, len(content), "native", None, content)
