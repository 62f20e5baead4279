"""A SQL file into tokens and statements, without a parser: what cannot be read spoils its own statement only.

Strings as Databricks has them (backslash escapes, both quotes), names in backticks, comments, notebook cells, and
templates as parts of names. https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-literals
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["word", "name", "string", "number", "mark"]

CONFLICT: Final = "<<<<<<<"
"""The mark that stands for either end of a merge conflict."""

COMMENT: Final = "/*"
"""The mark that stands for the beginning of a comment without an end."""

MOST_TOKENS: Final = 400_000
"""Tokens of one file that are read."""

_CLOSED: Final = {
    "{{": r"\{\{(?:[^}]|\}(?!\}))*+\}\}",
    "<%": r"<%(?:[^%]|%(?!>))*+%>",
    "/*": r"/\*(?:[^*]|\*(?!/))*+\*/",
    "{%": r"\{%(?:[^%]|%(?!\}))*+%\}",
    "{#": r"\{#(?:[^#]|#(?!\}))*+#\}",
    "'": r"[rR]?'(?:[^'\\]|\\.|'')*+'",
    '"': r"[rR]?\"(?:[^\"\\]|\\.|\"\")*+\"",
    "`": r"`(?:[^`]|``)*+`",
}
"""What opens something that may go on over many lines, and the whole of it."""

_NEVER: Final = r"(?!)"


def _lexeme(unclosed: frozenset[str]) -> str:
    """unclosed: what nothing closes any more from here on. It is no longer looked for: each time, that
    would be to the end of the file."""
    whole = {opener: _NEVER if opener in unclosed else held for opener, held in _CLOSED.items()}
    open_ = rf"{whole['{{']}|\$\{{[^{{}}\n]*+\}}|{whole['<%']}|%\(\w++\)s|\{{\w++\}}"
    return (
        r"(?P<cell>^--[ \t]*+COMMAND[ \t]*+-++[ \t]*+$)"
        r"|(?P<magic>^--[ \t]*+MAGIC\b[^\n]*+)"
        rf"|(?P<comment>--[^\n]*+|{whole['/*']})"
        rf"|(?P<control>{whole['{%']}|{whole['{#']})"
        r"|(?P<conflict>^(?:<{7}|>{7})(?=[ \n]))"
        rf"|(?P<string>{whole[_SINGLE]}|{whole[_DOUBLE]})"
        rf"|(?P<name>{whole['`']})"
        r"|(?P<number>\d++(?:\.\d++)?(?![\w.]))"
        rf"|(?P<word>(?:\w|{open_})(?:\w++|{open_})*+)"
        r"|(?P<mark>\S)"
    )


_SINGLE: Final = "'"
_DOUBLE: Final = '"'
TEMPLATE_MARKS: Final = ("{", "<%", "%(")


class Token(NamedTuple):
    """text: unquoted. start, end: offsets in the file, with the quotes."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The word in upper case; ``""`` for what is quoted or no word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def is_open(self) -> bool:
        """Whether only a template engine knows what it says."""
        return self.kind in ("word", "name", "string") and any(mark in self.text for mark in TEMPLATE_MARKS)


class Piece(NamedTuple):
    """The tokens of one statement. broken: why no dialect could read it, at which offset. guarded: it stands in a
    block of a template or of SQL scripting."""

    tokens: tuple[Token, ...]
    broken: tuple[str, int] | None = None
    guarded: bool = False

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


class Lexed(NamedTuple):
    """control: offset of the first template tag that decides what is rendered, None without one."""

    pieces: tuple[Piece, ...]
    control: int | None = None
    complete: bool = True


@cache
def _pattern(unclosed: frozenset[str]) -> re.Pattern[str]:
    return re.compile(_lexeme(unclosed), re.MULTILINE | re.DOTALL)


def _lexemes(text: str) -> Iterator[re.Match[str]]:
    unclosed: frozenset[str] = frozenset()
    at = 0
    while True:
        for match in _pattern(unclosed).finditer(text, at):
            yield match
            opener = _opener(match, text)
            if opener and opener not in unclosed:
                unclosed |= {opener}
                at = match.end()
                break
        else:
            return


def _opener(match: re.Match[str], text: str) -> str:
    """What begins with this mark, and was found to have no end."""
    if match.lastgroup != "mark":
        return ""
    both = text[match.start() : match.start() + 2]
    return both if both in _CLOSED else both[0] if both[0] in _CLOSED else ""


def lexed(text: str) -> Lexed:
    """All statements of `text`, in order. Never raises."""
    pieces: list[Piece] = []
    tokens: list[Token] = []
    control: int | None = None
    open_blocks = count = 0
    for match in _lexemes(text):
        kind = match.lastgroup or "mark"
        count += 1
        if count > MOST_TOKENS:
            return Lexed(tuple(pieces), control, complete=False)
        if kind in ("comment", "magic"):
            continue
        if kind == "control":
            if match[0].startswith("{%"):
                control = match.start() if control is None else control
                open_blocks += _opens(match[0])
        elif kind == "cell" or match[0] == ";":
            _close(tokens, pieces, open_blocks > 0)
            tokens = []
        elif kind == "conflict":
            tokens.append(Token("mark", CONFLICT, match.start(), match.end()))
        elif _opener(match, text) == COMMENT:
            tokens.append(Token("mark", COMMENT, match.start(), match.end()))
        else:
            tokens.append(Token(kind, _unquoted(kind, match[0]), match.start(), match.end()))  # type: ignore[arg-type]
    _close(tokens, pieces, open_blocks > 0)
    return Lexed(tuple(pieces), control)


def _opens(tag: str) -> int:
    words = tag.strip("{}%- \t\n").split(None, 1)
    word = words[0].lower() if words else ""
    if word.startswith("end"):
        return -1
    return 1 if word in ("if", "for", "macro", "call", "filter", "snapshot", "block") else 0


def _unquoted(kind: str, text: str) -> str:
    if kind == "name":
        return text[1:-1].replace("``", "`")
    if kind == "string":
        quoted = text[1:] if text[0] in "rR" else text
        return quoted[1:-1].replace("\\'", "'").replace('\\"', '"')
    return text


def _close(tokens: list[Token], pieces: list[Piece], guarded: bool) -> None:
    if tokens:
        pieces.append(Piece(tuple(tokens), _broken(tokens), guarded))


def _broken(tokens: list[Token]) -> tuple[str, int] | None:
    """What no dialect accepts: quotes that nothing closes, parentheses that do not pair, commas before nothing."""
    depth: list[int] = []
    before = ""
    for token in tokens:
        if token.kind != "mark":
            before = ""
            continue
        if before + token.text in (",,", "(,", ",)"):
            return "a comma has nothing to separate", token.start
        before = token.text
        if token.text == CONFLICT:
            return "a merge conflict is not resolved", token.start
        if token.text == COMMENT:
            return "nothing closes the comment", token.start
        if token.text in "'\"`":
            return f"nothing closes the quote {token.text}", token.start
        if token.text == "(":
            depth.append(token.start)
        elif token.text == ")":
            if not depth:
                return "a parenthesis closes that nothing opened", token.start
            depth.pop()
    return ("nothing closes the parenthesis", depth[-1]) if depth else None


class Name(NamedTuple):
    """A name as it is written: its parts, and where. Empty parts: only an expression tells it."""

    parts: tuple[str, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


class Cursor:
    """Walks the tokens of one statement."""

    def __init__(self, tokens: tuple[Token, ...], text: str) -> None:
        self.tokens = tokens
        self.at = 0
        self._text = text

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def start(self) -> int:
        """Offset of the next token, or the end of the last."""
        return self.tokens[self.at].start if not self.done else self.tokens[-1].end

    @property
    def last_end(self) -> int:
        """End of the token before."""
        return self.tokens[max(self.at - 1, 0)].end

    def upper(self, ahead: int = 0) -> str:
        """The word `ahead` tokens further, in upper case, ``""`` where it is none."""
        where = self.at + ahead
        return self.tokens[where].upper if where < len(self.tokens) else ""

    def mark(self, ahead: int = 0) -> str:
        """The punctuation there, ``""`` where it is none."""
        where = self.at + ahead
        token = self.tokens[where] if where < len(self.tokens) else None
        return token.text if token is not None and token.kind == "mark" else ""

    def next(self) -> Token | None:
        token = self.tokens[self.at] if not self.done else None
        self.at += 1 if token is not None else 0
        return token

    def takes(self, *words: str) -> bool:
        """Steps over these words or marks if they come next."""
        for ahead, word in enumerate(words):
            if word not in (self.upper(ahead), self.mark(ahead)):
                return False
        self.at += len(words)
        return True

    def takes_any(self, *words: str) -> str:
        """The one of `words` that comes next, stepped over."""
        return next((word for word in words if self.takes(word)), "")

    def name(self) -> Name | None:
        """``catalog.schema.table``; an IDENTIFIER clause is a name that nothing here tells."""
        start = self.start
        if self.upper() == "IDENTIFIER" and self.mark(1) == "(":
            self.at += 1
            self.skip_parentheses()
            return Name((), start, self.last_end)
        parts: list[str] = []
        while not self.done:
            token = self.tokens[self.at]
            if token.kind not in ("word", "name", "number"):
                break
            self.at += 1
            parts.append(token.text)
            if self.mark() != ".":
                break
            self.at += 1
        return Name(tuple(parts), start, self.last_end) if parts else None

    def skip_parentheses(self) -> None:
        """Over a group in parentheses, if one comes next."""
        if self.mark() != "(":
            return
        depth = 0
        while (token := self.next()) is not None:
            if token.kind == "mark" and token.text in "()":
                depth += 1 if token.text == "(" else -1
                if depth == 0:
                    return

    def group(self) -> list[tuple[Token, ...]]:
        """The items of a list in parentheses that comes next, cut at its own commas."""
        begin = self.at + 1
        self.skip_parentheses()
        return list(split_at_commas(self.tokens[begin : self.at - 1]))

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets, its spacing made even."""
        return " ".join(self._text[start:end].split())

    def inside(self, tokens: tuple[Token, ...]) -> Cursor:
        return Cursor(tokens, self._text)


def split_at_commas(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """`tokens` cut at the commas that stand in no parentheses and no type parameters."""
    depth = begin = 0
    for number, token in enumerate(tokens):
        if token.kind != "mark":
            continue
        if token.text in "(<[":
            depth += 1
        elif token.text in ")>]":
            depth = max(depth - 1, 0)
        elif token.text == "," and depth == 0:
            if tokens[begin:number]:
                yield tokens[begin:number]
            begin = number + 1
    if tokens[begin:]:
        yield tokens[begin:]
