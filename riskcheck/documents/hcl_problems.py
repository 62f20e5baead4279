"""Why a text is no HCL, in words: the grammar knows only where it gave up."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"""
    r"""|(?P<open_comment>/\*)"""
    r"""|(?P<heredoc><<-?(?P<word>[A-Za-z_][\w-]*)[ \t]*\r?\n)"""
    r"""|(?P<quote>")|(?P<opened>[{\[(])|(?P<closed>[}\])])|(?P<newline>\n)"""
)
_INSIDE: Final = re.compile(r'\\.|(?P<open>[$%]\{)|(?P<end>")|(?P<newline>\n)', re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_][\w-]{0,39}|\d{1,20}|[^\w\s]")
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
_QUOTED: Final = '"'


def reason_of(text: str, unexpected: str, missing: str) -> str:
    """unexpected, missing: what the grammar says. Values that the text holds are not repeated."""
    found = unbalanced(text)
    if found:
        return found
    if missing:
        return f"{missing!r} is missing"
    match = _WORD.search(unexpected)
    if match is None:
        return "it cannot be understood"
    return "unexpected text in quotes" if match[0] == '"' else f"unexpected {match[0]!r}"


def unbalanced(text: str) -> str:
    """The bracket, text or comment that does not end, or ends what is not open; "" where all do."""
    stack: list[tuple[str, int]] = []
    line, at = 1, 0
    while at < len(text):
        quoted = bool(stack) and stack[-1][0] == _QUOTED
        match = (_INSIDE if quoted else _TOKEN).search(text, at)
        if match is None:
            break
        kind, at = match.lastgroup, match.end()
        if quoted:
            if match["newline"]:
                return f"the text that begins on line {stack[-1][1]} has no closing quote"
            if match["end"]:
                stack.pop()
            elif match["open"]:
                stack.append(("{", line))
            continue
        if match["heredoc"]:
            end = re.compile(rf"^[ \t]*{re.escape(match['word'])}[ \t]*\r?$", re.MULTILINE).search(text, at)
            if end is None:
                return f"the text that <<{match['word'][:40]} begins on line {line} has no end"
            line += text.count("\n", match.start(), end.end())
            at = end.end()
        elif match["closed"]:
            if not stack:
                return f"{match[0]!r} on line {line} closes nothing"
            opened, where = stack.pop()
            if _CLOSING[opened] != match[0]:
                return f"{match[0]!r} on line {line} does not close the {opened!r} of line {where}"
        elif match["open_comment"]:
            return f"the comment that begins on line {line} has no end"
        elif match["opened"]:
            stack.append((match[0], line))
        elif match["quote"]:
            stack.append((_QUOTED, line))
        elif kind == "newline" or match["comment"]:
            line += match[0].count("\n")
    if not stack:
        return ""
    opened, where = stack[0]
    if opened == _QUOTED:
        return f"the text that begins on line {where} has no closing quote"
    return f"the {opened!r} of line {where} has no closing {_CLOSING[opened]!r}"
