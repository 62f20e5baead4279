"""Jenkins, as far as text tells: Groovy is not parsed, but for its strings, comments and braces.

https://www.jenkins.io/doc/book/pipeline/syntax/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.nodes import Node, Scalar, Source, made
from riskcheck.platforms.gate.ci import Definition, Job, Step, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INPUT: Final = re.compile(r"\s*input\b(?!\s*=)")
_TOKENS: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|//.*|[{}]")
_SHELL: Final = re.compile(r"\b(?:sh|bat|powershell|pwsh)\b|\bscript\s*:")
_GUARDED: Final = re.compile(r"\bcatchError\b|\bwarnError\b|returnStatus\s*:\s*true")


class _Block(NamedTuple):
    """A pair of braces. header: the code before it. whens: the conditions that it states, for all in it."""

    header: str
    whens: list[str]


def read(lines: list[str], source: Source) -> Definition:
    """One job, whose steps are the lines that run riskcheck or wait for a person."""
    root = mapping(_line("", 0, source), [])
    steps: list[Step] = []
    approval: Node | None = None
    opened: list[_Block] = []
    for number, line in enumerate(lines):
        code = _without_comment(line)
        around = " ".join((*(block.header for block in opened), code))
        command = _command(code)
        _follow(code, opened)
        if command is not None:
            scalar = _line(command, number, source)
            guarded = _GUARDED.search(around) is not None
            whens = " ".join(when for block in opened for when in block.whens)
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
            opened.append(_Block(between, []))
        elif opened:
            opened.pop()
    _note(code[end:].strip(), opened)


def _braces(code: str) -> Iterator[tuple[str, re.Match[str]]]:
    for found in _TOKENS.finditer(code):
        if found[0] in "{}":
            yield found[0], found


def _note(code: str, opened: Sequence[_Block]) -> None:
    """`code` inside of ``stage { when { … } }`` is a condition of the stage."""
    if not code:
        return
    for number, block in enumerate(opened):
        if number and block.header.split(" ")[-1] == "when":
            opened[number - 1].whens.append(code)
            return


def _line(content: str, number: int, source: Source) -> Scalar:
    return Scalar(content, source, number, 0, number, len(content), "native", None, content)
