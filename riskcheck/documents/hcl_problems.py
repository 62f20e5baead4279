"""Why a text is no HCL, in words: the grammar knows only where it gave up."""

from __future__ import annotations

import re
from typing import Final

from riskcheck.regexes import regex

_TOKEN: Final = regex(
    r"""(?P<comment>\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"""
    r"""|(?P<open_comment>/\*)"""
    r"""|(?P<heredoc><<-?(?P<word>[A-Za-z_][\w-]*)[ \t]*\r?\n)"""
    r"""|(?P<quote>")|(?P<opened>[{\[(])|(?P<closed>[}\])])|(?P<newline>\n)"""
)
_INSIDE: Final = regex(r'\\.|(?P<open>[$%]\{)|(?P<end>")|(?P<newline>\n)', re.DOTALL)
_WORD: Final = regex(r"[A-Za-z_][\w-]{0,39}|\d{1,20}|[^\w\s]")
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
_QUOTED: Final = '"'


def reason_of(text: str, unexpected: str, missing: str) -> tuple[str, int | None]:
    """unexpected, missing: what the grammar says. Also the 0-based line of a bracket, text or comment that does not
    end. Values that the text holds are not repeated."""
    told, line = unbalanced(text)
    if told:
        return told, line
    if missing:
        return f"{missing!r} is missing", None
    tokens = _WORD.findall(unexpected.strip().split("\n")[0][:200])
    if not tokens:
        return "not understood", None
    token = tokens[0] if tokens[0] == _QUOTED or tokens[-1].isalnum() else tokens[-1]
    return f"not understood near {'a text in quotes' if token == _QUOTED else repr(token)}", None


def unbalanced(text: str) -> tuple[str, int]:
    """The bracket, text or comment that does not end, or ends what is not open, and its 0-based line; "" where all
    do."""
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
                return "this text has no closing quote", stack[-1][1] - 1
            if match["end"]:
                stack.pop()
            elif match["open"]:
                stack.append(("{", line))
            continue
        if match["heredoc"]:
            end = re.compile(rf"^[ \t]*{re.escape(match['word'])}[ \t]*\r?$", re.MULTILINE).search(text, at)
            if end is None:
                return f"the text that <<{match['word'][:40]} begins has no end", line - 1
            line += text.count("\n", match.start(), end.end())
            at = end.end()
        elif match["closed"]:
            if not stack:
                return f"{match[0]!r} closes nothing", line - 1
            opened, where = stack.pop()
            if _CLOSING[opened] != match[0]:
                return f"{match[0]!r} does not close the {opened!r} of line {where}", line - 1
        elif match["open_comment"]:
            return "this comment has no end", line - 1
        elif match["opened"]:
            stack.append((match[0], line))
        elif match["quote"]:
            stack.append((_QUOTED, line))
        elif kind == "newline" or match["comment"]:
            line += match[0].count("\n")
    if not stack:
        return "", 0
    opened, where = stack[0]
    if opened == _QUOTED:
        return "this text has no closing quote", where - 1
    return f"the {opened!r} of line {where} has no closing {_CLOSING[opened]!r}", where - 1
