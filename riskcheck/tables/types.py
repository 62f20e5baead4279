"""Column types as a structure: parsed from SQL or Spark's short names, written one way, compared by what they hold.

Names: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-datatypes ; what may be widened in place:
https://docs.delta.io/delta-type-widening and https://docs.databricks.com/aws/en/tables/features/type-widening .
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEPTH: Final = 40
"""Nesting above which a type is not taken apart."""

MOST_TEXT: Final = 100_000
"""Characters above which a type is not taken apart."""

ALIASES: Final = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "dec": "decimal",
    "numeric": "decimal",
    "bool": "boolean",
    "text": "string",
    "timestampntz": "timestamp_ntz",
    "timestamp_ltz": "timestamp",
    "timestampltz": "timestamp",
    "character": "char",
    "null": "void",
}
"""Other words for a type, and the one that is used here."""

_INTEGERS: Final = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
"""Digits that each holds, narrowest first."""

_LEAST_PRECISION: Final = {"tinyint": 10, "smallint": 10, "int": 10, "bigint": 20}
"""Digits of the narrowest decimal that each may be widened to."""

_DECIMAL: Final = (10, 0)
"""Precision and scale where none are stated."""


class Field(NamedTuple):
    """One field of a struct. name: as written. nullable: False where it says NOT NULL."""

    name: str
    type: ColumnType
    nullable: bool = True


class ColumnType(NamedTuple):
    """name: in lower case, without aliases (``bigint``, ``decimal``, ``struct``). parameters: precision and scale,
    or length. fields: of a struct. items: of an array its element, of a map its key and its value. suffix: what
    else stands behind the name (``collate utf8_lcase``, ``day to second``)."""

    name: str
    parameters: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    items: tuple[ColumnType, ...] = ()
    suffix: str = ""

    def __str__(self) -> str:
        """The one way in which it is written: ``struct<a: int, b: array<string>>``."""
        if self.name == "struct":
            inner = ", ".join(
                f"{_quoted(field.name)}: {field.type}{'' if field.nullable else ' not null'}"
                for field in self.fields
            )
            return f"struct<{inner}>"
        if self.items:
            return f"{self.name}<{', '.join(map(str, self.items))}>"
        text = self.name
        if self.parameters:
            text += f"({','.join(map(str, self.parameters))})"
        return f"{text} {self.suffix}" if self.suffix else text


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name.replace('`', '``')}`"


class TypeChange(NamedTuple):
    """What differs at one place of a type. path: names of nested fields, ``element``, ``key`` or ``value``; empty
    for the type itself. before, after: None where a nested field came or went."""

    path: tuple[str, ...]
    before: ColumnType | None
    after: ColumnType | None


def parse_type(text: str) -> ColumnType | None:
    """The type that `text` says, None where it says none that can be taken apart. Never raises."""
    if len(text) > MOST_TEXT:
        return None
    reader = _Reader(text)
    try:
        found = reader.type(0)
    except _NotATypeError:
        return None
    return found if reader.at_end() else None


def canonical(text: str) -> str:
    """`text` in the one way of writing; what is no known type only loses its spacing."""
    found = parse_type(text)
    return str(found) if found is not None else " ".join(text.split()).lower()


def widens(old: ColumnType, new: ColumnType) -> bool:
    """Whether every value of `old` is one of `new` and Delta changes the type without rewriting files; also where
    both are the same."""
    return all(
        change.before is not None and change.after is not None and _widens(change.before, change.after)
        for change in type_changes(old, new)
    )


def type_changes(old: ColumnType, new: ColumnType, path: tuple[str, ...] = ()) -> Iterator[TypeChange]:
    """All places at which two types differ, nested fields each on its own."""
    if old == new:
        return
    if old.name == new.name == "struct":
        yield from _field_changes(old, new, path)
    elif old.items and old.name == new.name and len(old.items) == len(new.items):
        names = ("element",) if old.name == "array" else ("key", "value")
        for name, one, other in zip(names, old.items, new.items, strict=False):
            yield from type_changes(one, other, (*path, name))
    else:
        yield TypeChange(path, old, new)


def _field_changes(old: ColumnType, new: ColumnType, path: tuple[str, ...]) -> Iterator[TypeChange]:
    known = {field.name.lower(): field for field in old.fields}
    fresh = {field.name.lower(): field for field in new.fields}
    for key, field in fresh.items():
        before = known.get(key)
        if before is None:
            yield TypeChange((*path, field.name), None, field.type)
        else:
            yield from type_changes(before.type, field.type, (*path, field.name))
    for key, field in known.items():
        if key not in fresh:
            yield TypeChange((*path, field.name), field.type, None)


def _widens(old: ColumnType, new: ColumnType) -> bool:
    """Of two types without a nested part in common."""
    if old.name == "void":
        return True
    if old.suffix != new.suffix:
        return False
    if old.name in _INTEGERS:
        return _integer_widens(old, new)
    if old.name == "decimal":
        return new.name == "decimal" and _decimal_widens(_precision(old), _precision(new))
    if old.name in ("varchar", "char"):
        return new.name == "string" or (
            new.name in ("varchar", old.name) and _length(new) >= _length(old) and bool(new.parameters)
        )
    return (old.name, new.name) in (("float", "double"), ("date", "timestamp_ntz"))


def _integer_widens(old: ColumnType, new: ColumnType) -> bool:
    if new.name in _INTEGERS:
        return _INTEGERS[new.name] >= _INTEGERS[old.name]
    if new.name == "decimal":
        precision, scale = _precision(new)
        return precision - scale >= _LEAST_PRECISION[old.name]
    return new.name == "double" and old.name != "bigint"


def _decimal_widens(old: tuple[int, int], new: tuple[int, int]) -> bool:
    return new[0] - old[0] >= new[1] - old[1] >= 0


def _precision(type_: ColumnType) -> tuple[int, int]:
    first, second = (*type_.parameters, *_DECIMAL[len(type_.parameters) :])[:2]
    return first, second


def _length(type_: ColumnType) -> int:
    return type_.parameters[0] if type_.parameters else 0


class _NotATypeError(Exception):
    """The text does not say a type."""


_LEXEME: Final = (
    r"\s*+(?:(?P<word>[^\W\d]\w*+)|(?P<number>\d{1,9})|`(?P<quoted>(?:[^`]|``)*+)`"
    r"|(?P<string>'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")|(?P<mark>[<>(),:]))"
)
_SUFFIXED: Final = frozenset({"interval", "string", "varchar", "char", "timestamp"})
_ENDS: Final = frozenset({"comment", "not", "default"})


class _Reader:
    """Recursive descent over the tokens of one type."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pattern = re.compile(_LEXEME)
        self._position = 0
        self._kind = self._value = ""
        self._step()

    def at_end(self) -> bool:
        return not self._kind

    def type(self, depth: int) -> ColumnType:
        if depth > MOST_DEPTH or self._kind != "word":
            raise _NotATypeError
        name = self._word().lower()
        name = ALIASES.get(name, name)
        if name == "double" and self._is_word("precision"):
            self._step()
        if name == "struct" and self._takes("<"):
            return ColumnType(name, fields=self._fields(depth))
        if name in ("array", "map") and self._takes("<"):
            items = [self.type(depth + 1)]
            while self._takes(","):
                items.append(self.type(depth + 1))
            self._expect(">")
            if len(items) != (1 if name == "array" else 2):
                raise _NotATypeError
            return ColumnType(name, items=tuple(items))
        parameters = self._parameters()
        if name == "decimal":
            parameters = _precision(ColumnType(name, parameters))
        return ColumnType(name, parameters, suffix=self._suffix(name))

    def _fields(self, depth: int) -> tuple[Field, ...]:
        fields: list[Field] = []
        while not self._takes(">"):
            if fields:
                self._expect(",")
            name = self._word()
            self._takes(":")
            type_ = self.type(depth + 1)
            nullable = True
            while self._kind == "word":
                if self._is_word("not"):
                    self._step()
                    if not self._is_word("null"):
                        raise _NotATypeError
                    nullable = False
                elif not self._is_word("comment"):
                    raise _NotATypeError
                self._step()
                while self._kind == "string":
                    self._step()
            fields.append(Field(name, type_, nullable))
        return tuple(fields)

    def _parameters(self) -> tuple[int, ...]:
        found: list[int] = []
        if self._takes("("):
            while not self._takes(")"):
                if found:
                    self._expect(",")
                if self._kind != "number":
                    raise _NotATypeError
                found.append(int(self._value))
                self._step()
        return tuple(found)

    def _suffix(self, name: str) -> str:
        words: list[str] = []
        while name in _SUFFIXED and self._kind == "word" and self._value.lower() not in _ENDS:
            words.append(self._value.lower())
            self._step()
        return " ".join(words)

    def _word(self) -> str:
        if self._kind not in ("word", "quoted"):
            raise _NotATypeError
        value = self._value if self._kind == "word" else self._value.replace("``", "`")
        self._step()
        return value

    def _is_word(self, word: str) -> bool:
        return self._kind == "word" and self._value.lower() == word

    def _takes(self, mark: str) -> bool:
        if self._kind == "mark" and self._value == mark:
            self._step()
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise _NotATypeError

    def _step(self) -> None:
        found = self._pattern.match(self._text, self._position)
        if found is None:
            rest = self._text[self._position :].strip()
            self._kind, self._value = ("other", rest) if rest else ("", "")
            return
        self._position = found.end()
        self._kind = found.lastgroup or ""
        self._value = found[self._kind]
