"""Edits of text that keep much of its shape: lines and words come, go and change places."""

from __future__ import annotations

from random import Random
from typing import Final

ODD: Final = (
    *(
        "",
        "~",
        "null",
        "true",
        "yes",
        "-1",
        "0",
        "1e999",
        "0x1F",
        "010",
        "1_000",
        ".nan",
        ".inf",
        "9" * 400,
        "1:20",
    ),
    *(
        "[]",
        "{}",
        "[[]]",
        "{a: {b: []}}",
        "''",
        '""',
        "[null]",
        "{null: null}",
        "{[a]: b}",
        "? x",
        "!!binary x",
    ),
    *(
        "&a",
        "*a",
        "<<: *a",
        "<<: [*a, *a]",
        "!!python/object:os.system x",
        "!!set {a}",
        "---",
        "...",
        "%YAML 1.1",
    ),
    *(
        "${var.x}",
        "${",
        "$${x}",
        "{{ .Values.x }}",
        "{{",
        "{%",
        "${{ x }}",
        "<%= x %>",
        "$(x)",
        "%(x)s",
        "@x@",
    ),
    *(
        "#",
        "//",
        "/*",
        "*/",
        "\\",
        "|",
        ">",
        "|-",
        "'",
        '"',
        "`",
        "<<EOT",
        "\t",
        " ",
        ": ",
        "- ",
        ",",
        "\r",
        "\r\n",
    ),
    *(
        "\x00",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\u0301",
        "\u0130",
        "\ud7ff",
        "\U0001f600",
        "\x7f",
    ),
    *(
        "../..",
        "/etc/passwd",
        "a/../b",
        "*",
        "**",
        "?",
        "[!a]",
        "[",
        "(a+)+$",
        "prod",
        "staging",
        "2027-13-45",
        "P0",
    ),
)
"""Scalars, marks and signs that readers of configuration stumble over."""


def mutated(data: bytes, random: Random, words: tuple[str, ...] = (), other: bytes = b"") -> bytes:
    """`data` after one to six edits. words: of the format, taken as often as odd ones. other: another input, whose
    lines may be put in."""
    text = data.decode("utf-8", "surrogateescape")
    more = other.decode("utf-8", "surrogateescape")
    for _ in range(random.randint(1, 6)):
        text = random.choice(_EDITS)(text, random, words, more)
    return text.encode("utf-8", "surrogateescape")


def _word(random: Random, words: tuple[str, ...]) -> str:
    return random.choice(words if words and random.random() < 0.5 else ODD)


def _put_word(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + _word(random, words) + text[at:]


def _value(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    """What stands behind a colon or an equals sign becomes something else."""
    lines = text.split("\n")
    at = random.randrange(len(lines))
    for sign in (":", "=", "- "):
        head, found, _ = lines[at].partition(sign)
        if found:
            lines[at] = f"{head}{sign} {_word(random, words)}"
            break
    return "\n".join(lines)


def _key(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    _, found, rest = lines[at].partition(":")
    lines[at] = f"{indent}{_word(random, words)}:{rest}" if found else lines[at]
    return "\n".join(lines)


def _drop_line(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    del lines[at : at + random.randint(1, 3)]
    return "\n".join(lines)


def _repeat(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    piece = lines[at : at + random.randint(1, 5)]
    to = random.randint(0, len(lines))
    return "\n".join([*lines[:to], *piece * random.choice((1, 1, 1, 2, 40)), *lines[to:]])


def _swap(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _indent(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    until = at + random.randint(1, 6)
    lines[at:until] = [
        line.removeprefix("  ") if random.random() < 0.5 else f"  {line}" for line in lines[at:until]
    ]
    return "\n".join(lines)


def _cut(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + text[at + random.choice((1, 1, 2, 10, 1000)) :]


def _borrow(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    lines, others = text.split("\n"), more.split("\n")
    at, of = random.randint(0, len(lines)), random.randrange(len(others))
    return "\n".join([*lines[:at], *others[of : of + random.randint(1, 8)], *lines[at:]])


def _byte(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    at = random.randint(0, len(text))
    return (
        text[:at]
        + random.choice(("\udc80", "\udcff", "\udcc3", chr(random.randrange(0xD800))))
        + text[at + 1 :]
    )


def _nest(text: str, random: Random, words: tuple[str, ...], more: str) -> str:
    at = random.randint(0, len(text))
    opened, closed = random.choice(
        (("[", "]"), ("{a: ", "}"), ("(", ")"), ("- ", ""), ('{"a":', "}"), ("${", "}"))
    )
    depth = random.choice((2, 3, 30, 250))
    return text[:at] + opened * depth + _word(random, words) + closed * depth + text[at:]


_EDITS: Final = (
    *(
        _put_word,
        _value,
        _value,
        _value,
        _key,
        _drop_line,
        _repeat,
        _swap,
        _indent,
        _cut,
        _borrow,
        _byte,
        _nest,
    ),
)
