"""The syntax of expressions and templates, for what is evaluated.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Whether a file is HCL at all is for its parser to say
(`riskcheck.documents.hcl`); this reads the text of one expression into a tree that needs no memory of a parser and
knows where each part stands. Text that is not understood here stays an expression.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl_texts import number_of, unescaped
from riskcheck.platforms.terraform.expression_nodes import (
    ATTRIBUTE_SPLAT,
    SPLAT,
    Call,
    Condition,
    Expression,
    Items,
    Literal,
    Loop,
    Operation,
    Pairs,
    Template,
    Traversal,
    Variable,
)
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH: Final = 1_000_000
"""Characters of one expression."""

_MAX_DEPTH: Final = 60
"""Parts of an expression inside of each other."""

_MAX_SPLATS: Final = 10


class Parsed:
    """text: what was parsed."""

    def __init__(self, root: Expression, text: str) -> None:
        self.root = root
        self.text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character, counted from those of the first."""
        line = bisect_right(self._breaks, at - 1)
        return line, at - (self._breaks[line - 1] + 1 if line else 0)

    def written(self, part: Expression) -> str:
        """A part in one line, without comments; like what `riskcheck.documents.hcl` makes of the whole."""
        return normal(self.text[part.start : part.end])


def template(text: str) -> Parsed | None:
    """The text of a value with ``${…}`` and ``%{…}`` in it; None where they are not understood."""
    return _parsed(text, True)


def expression(text: str) -> Parsed | None:
    """An expression as it is written; None where it is not understood."""
    return _parsed(text, False)


@lru_cache(maxsize=4_096)
def _parsed(text: str, is_template: bool) -> Parsed | None:
    if len(text) > MAX_LENGTH:
        return None
    parser = _Parser(text)
    try:
        root = parser.template("") if is_template else parser.whole()
    except (_Refused, RecursionError):
        return None
    return Parsed(root, text)


def normal(text: str) -> str:
    """`text` with each run of blanks, line breaks and comments as one blank, but in quotes as it is."""
    if "\n" not in text and "  " not in text and "#" not in text and "/" not in text and "\t" not in text:
        return text.strip()
    return _SPACED.sub(lambda match: match[0] if match[0][0] == '"' else " ", text).strip()


class _Refused(Exception):
    """Not understood."""


_SKIP: Final = regex(r"(?:[ \t\r\n]++|#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
# What is never closed reaches to the end: looked for anew at each opening, it would cost the square of the length.
_SPACED: Final = regex(
    r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|(?:[ \t\r\n]++|#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))++',
    re.DOTALL,
)
_NAME: Final = regex(r"[^\W\d][\w-]*")
_FUNCTION: Final = regex(r"[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*[ \t]*\(")
_NUMBER: Final = regex(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_OPERATOR: Final = regex(r"\|\||&&|==|!=|<=|>=|[<>+*%-]|/(?![/*])")
_PLAIN: Final = regex(r'[^"\\$%\n]+')
_BARE: Final = regex(r"[^$%]+")
_DIRECTIVE: Final = regex(r"%\{~?[ \t\r\n]*(if|else|endif|for|endfor)\b")
_PRECEDENCE: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4} | {
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_WORDS: Final = {"true": True, "false": False, "null": None}


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._expression()
        self._skip()
        if self._at != len(self._text):
            raise _Refused
        return found

    def _skip(self) -> int:
        match = _SKIP.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return self._at

    def _is(self, mark: str) -> bool:
        """Whether `mark` comes next; if so, it is passed."""
        if self._text.startswith(mark, self._skip()):
            self._at += len(mark)
            return True
        return False

    def _want(self, mark: str) -> None:
        if not self._is(mark):
            raise _Refused

    def _name(self) -> str:
        match = _NAME.match(self._text, self._skip())
        if match is None:
            raise _Refused
        self._at = match.end()
        return match[0]

    def _is_word(self, word: str) -> bool:
        match = _NAME.match(self._text, self._skip())
        if match is None or match[0] != word:
            return False
        self._at = match.end()
        return True

    def _expression(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Refused
        start = self._skip()
        found = self._operation(1)
        if self._is("?"):
            then = self._expression()
            self._want(":")
            otherwise = self._expression()
            found = Condition(found, then, otherwise, start, self._at)
        self._depth -= 1
        return found

    def _operation(self, least: int) -> Expression:
        start = self._skip()
        left = self._term()
        while True:
            end = self._at
            match = _OPERATOR.match(self._text, self._skip())
            precedence = _PRECEDENCE[match[0]] if match is not None else 0
            if match is None or precedence < least:
                self._at = end
                return left
            self._at = match.end()
            right = self._operation(precedence + 1)
            left = Operation(match[0], (left, right), start, self._at)

    def _term(self) -> Expression:
        start = self._skip()
        signs = []
        while self._text[self._at : self._at + 1] in ("!", "-"):
            signs.append((self._text[self._at], self._at))
            self._at += 1
            self._skip()
            if len(signs) > _MAX_DEPTH:
                raise _Refused
        found = self._steps(self._base(), start)
        for sign, at in reversed(signs):
            if sign == "-" and isinstance(found, Literal) and type(found.value) in (int, float):
                assert isinstance(found.value, int | float)
                found = Literal(-found.value, at, self._at)
            else:
                found = Operation(sign, (found,), at, self._at)
        return found

    def _steps(self, base: Expression, start: int) -> Expression:
        steps: list[str | Expression] = []
        ends: list[int] = []
        splats = 0
        while True:
            end = self._at
            following = self._text[self._skip() : self._at + 2]
            if following.startswith(".") and following != "..":
                self._at += 1
                self._skip()
                if self._is("*"):
                    steps.append(ATTRIBUTE_SPLAT)
                elif number := re.compile(r"\d+").match(self._text, self._at):
                    self._at = number.end()
                    steps.append(Literal(int(number[0][:18]), number.start(), number.end()))
                else:
                    steps.append(self._name())
            elif following.startswith("[") and "\n" not in self._text[end : self._at]:
                self._at += 1
                if self._is("*"):
                    steps.append(SPLAT)
                else:
                    steps.append(self._expression())
                self._want("]")
            else:
                self._at = end
                return Traversal(base, tuple(steps), tuple(ends), start, end) if steps else base
            ends.append(self._at)
            splats += steps[-1] in (SPLAT, ATTRIBUTE_SPLAT)
            if splats > _MAX_SPLATS:
                raise _Refused

    def _base(self) -> Expression:
        start = self._at
        first = self._text[start : start + 1]
        if first == '"':
            self._at += 1
            return self.template('"')
        if first == "(":
            self._at += 1
            found = self._expression()
            self._want(")")
            return found
        if first == "[":
            self._at += 1
            return self._loop(start, "]") if self._is_word("for") else self._items(start)
        if first == "{":
            self._at += 1
            return self._loop(start, "}") if self._is_loop() else self._pairs(start)
        match = _NUMBER.match(self._text, start)
        if match is not None:
            self._at = match.end()
            number = number_of(match[0])
            if isinstance(number, str):
                raise _Refused
            return Literal(number, start, self._at)
        if _FUNCTION.match(self._text, start):
            return self._call(start)
        name = self._name()
        if name in _WORDS:
            return Literal(_WORDS[name], start, self._at)
        return Variable(name, start, self._at)

    def _is_loop(self) -> bool:
        """Whether an object is made by a loop: it may have a key called ``for``."""
        at = self._skip()
        if self._is_word("for") and _NAME.match(self._text, self._skip()):
            return True
        self._at = at
        return False

    def _items(self, start: int) -> Items:
        items = self._listed("]")
        return Items(tuple(items), start, self._at)

    def _listed(self, end: str) -> list[Expression]:
        items: list[Expression] = []
        while not self._is(end):
            items.append(self._expression())
            if not self._is(","):
                if end == ")" and self._is("..."):
                    items.append(Literal(None, -1, -1))
                self._want(end)
                break
        return items

    def _pairs(self, start: int) -> Pairs:
        pairs: list[tuple[Expression, Expression]] = []
        while not self._is("}"):
            key = self._key()
            if not self._is("="):
                self._want(":")
            pairs.append((key, self._expression()))
            self._is(",")
        return Pairs(tuple(pairs), start, self._at)

    def _key(self) -> Expression:
        at = self._skip()
        match = _NAME.match(self._text, at)
        if match is not None:
            self._at = match.end()
            if self._text[self._skip() : self._at + 1] in ("=", ":"):
                return Literal(match[0], at, match.end())
            self._at = at
        return self._expression()

    def _loop(self, start: int, end: str) -> Loop:
        names, over = self._intro()
        self._want(":")
        body = self._expression()
        key: Expression | None = None
        grouped = False
        if end == "}":
            self._want("=>")
            key, body = body, self._expression()
            grouped = self._is("...")
        condition = self._expression() if self._is_word("if") else None
        self._want(end)
        return Loop(names, over, key, body, condition, grouped, start, self._at)

    def _intro(self) -> tuple[tuple[str, ...], Expression]:
        names: tuple[str, ...] = (self._name(),)
        if self._is(","):
            names = (*names, self._name())
        if not self._is_word("in"):
            raise _Refused
        return names, self._expression()

    def _call(self, start: int) -> Call:
        match = _FUNCTION.match(self._text, start)
        assert match is not None
        self._at = match.end()
        arguments = self._listed(")")
        expanded = bool(arguments) and arguments[-1].start < 0
        if expanded:
            arguments.pop()
        return Call(match[0][:-1].rstrip(), tuple(arguments), expanded, start, self._at)

    def template(self, quote: str) -> Template | Literal:
        """Up to the closing `quote`, which is passed, or to the end of the text where there is none."""
        start = self._at - len(quote)
        parts = self._parts(quote, ())
        if quote:
            self._at += 1
        if not parts:
            return Literal("", start, self._at)
        if len(parts) == 1 and isinstance(parts[0], str):
            return Literal(parts[0], start, self._at)
        return Template(tuple(parts), start, self._at)

    def _parts(self, quote: str, until: tuple[str, ...]) -> list[str | Expression]:
        """Parts of a template up to `quote` or a directive of those in `until`."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Refused
        text = self._text
        plain = _PLAIN if quote else _BARE
        parts: list[str | Expression] = []
        held: list[str] = []
        strip = False

        def flush() -> None:
            nonlocal strip
            joined = "".join(held)
            joined = joined.lstrip(" \t\r\n") if strip else joined
            strip = False
            if joined:
                parts.append(joined)
            held.clear()

        while self._at < len(text):
            match = plain.match(text, self._at)
            if match is not None:
                held.append(match[0])
                self._at = match.end()
                continue
            following = text[self._at : self._at + 3]
            if quote and following[0] == quote:
                break
            if quote and following[0] == "\n":
                raise _Refused
            if quote and following[0] == "\\":
                width = {"u": 6, "U": 10}.get(following[1:2], 2)
                held.append(unescaped(text[self._at : self._at + width]))
                self._at += width
            elif following in ("$${", "%%{"):
                held.append(following)
                self._at += 3
            elif following[:2] in ("${", "%{"):
                if following[2:] == "~":
                    held[:] = ["".join(held).rstrip(" \t\r\n")]
                directive = _DIRECTIVE.match(text, self._at) if following[0] == "%" else None
                if directive is not None and directive[1] in until:
                    break
                flush()
                strip = self._put(parts, directive, quote)
            else:
                held.append(following[0])
                self._at += 1
        else:
            if quote or until:
                raise _Refused
        flush()
        self._depth -= 1
        return parts

    def _put(self, parts: list[str | Expression], directive: re.Match[str] | None, quote: str) -> bool:
        """One ``${…}``, or all from ``%{if`` to its end, into `parts`; whether blanks behind it are dropped."""
        start = self._at
        if self._text[start] == "$":
            self._at += 3 if self._text.startswith("~", start + 2) else 2
            parts.append(self._expression())
            return self._closed()
        if directive is None or directive[1] not in ("if", "for"):
            raise _Refused
        self._at = directive.end()
        branch = self._branch
        if directive[1] == "for":
            names, over = self._intro()
            strip = self._closed()
            body, strip = branch(quote, ("endfor",), strip)
            parts.append(Loop(names, over, None, body, None, False, start, self._at))
            return strip
        test = self._expression()
        strip = self._closed()
        then, strip = branch(quote, ("else", "endif"), strip)
        otherwise: Expression = Literal("", self._at, self._at)
        if self._last == "else":
            otherwise, strip = branch(quote, ("endif",), strip)
        parts.append(Condition(test, then, otherwise, start, self._at))
        return strip

    _last = ""

    def _branch(self, quote: str, until: tuple[str, ...], strip: bool) -> tuple[Expression, bool]:
        """The text up to one of the directives `until`, which is passed."""
        if strip:
            # Blanks behind a directive that ends in a tilde.
            while self._text[self._at : self._at + 1] in (" ", "\t", "\r", "\n"):
                self._at += 1
        start = self._at
        parts = self._parts(quote, until)
        end = self._at
        directive = _DIRECTIVE.match(self._text, self._at)
        if directive is None:
            raise _Refused
        self._at = directive.end()
        stripped = self._closed()
        self._last = directive[1]
        return Template(tuple(parts), start, end), stripped

    def _closed(self) -> bool:
        """Passes ``}`` or ``~}``; whether it was the latter."""
        stripped = self._is("~")
        self._want("}")
        return stripped


def references(part: Expression, names: Callable[[str], bool]) -> list[Traversal | Variable]:
    """The outermost traversals in `part` that begin with a variable of one of `names`."""
    found: list[Traversal | Variable] = []
    waiting: list[object] = [part]
    while waiting:
        each = waiting.pop()
        variable = each.base if isinstance(each, Traversal) else each
        if isinstance(variable, Variable) and isinstance(each, Traversal | Variable) and names(variable.name):
            found.append(each)
        elif isinstance(each, tuple):
            waiting += [inner for inner in each if isinstance(inner, tuple)]
    return found
