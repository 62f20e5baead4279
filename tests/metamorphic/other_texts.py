"""The same JSON, HCL or text, written differently. Each function gives None where there is no other way."""

from __future__ import annotations

import re
from typing import Final

_JSON_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"|\s+|[^\s"]')
_JSON_COMMENT: Final = re.compile(r"^\s*(//|/\*)", re.MULTILINE)


def json_in_one_line(text: str) -> str | None:
    """Without any space."""
    if _JSON_COMMENT.search(text):
        return None
    return _other(text, "".join(token for token in _JSON_TOKEN.findall(text) if token.strip()) + "\n")


def json_in_many_lines(text: str) -> str | None:
    """Each value on a line of its own."""
    if _JSON_COMMENT.search(text):
        return None
    breaks = {"{": "{\n   ", "[": "[\n   ", ",": ",\n   ", "}": "\n}", "]": "\n]", ":": ": "}
    tokens = (token for token in _JSON_TOKEN.findall(text) if token.strip())
    return _other(text, "".join(breaks.get(token, token) for token in tokens) + "\n")


_HCL_TOKEN: Final = re.compile(
    r"""(?P<heredoc><<[-~]?(?P<mark>\w+)\n(?:.*\n)*?[ \t]*(?P=mark)(?=\n|$))"""
    r"""|(?P<comment>\#.*|//.*|/\*(?:.|\n)*?\*/)"""
    r"""|(?P<string>"(?:\\.|\$\{(?:[^{}"]|"[^"]*"|\{[^{}]*\})*\}|[^"\\])*")"""
    r"""|(?P<line>\n[ \t]*)|(?P<space>[ \t]+)|(?P<rest>[^\s"\#/<]+|.)"""
)


def hcl_with_other_spaces(text: str) -> str | None:
    """Other indentation, wider gaps, comments before lines and at their ends."""
    written: list[str] = []
    for match in _HCL_TOKEN.finditer(text):
        kind, found = match.lastgroup, match.group()
        if kind == "line":
            written.append("\n" + "   " * (found.count(" ") // 2) + " ")
        elif kind == "space":
            written.append("    ")
        else:
            written.append(found)
    return _other(text, "".join(written))


def hcl_with_comments(text: str) -> str | None:
    """A comment before each block of the file, empty lines, a comment at the end of lines that open a block."""
    if "<<" in text or "/*" in text:
        return None
    lines: list[str] = []
    for line in text.split("\n"):
        if re.match(r"\w", line):
            lines += ["", "// a remark = 1", "# other = 2"]
        lines.append(f"{line} # it = so" if line.endswith("{") and "#" not in line else line)
    return _other(text, "\n".join(lines))


def hcl_with_blocks_reversed(text: str) -> str | None:
    """The blocks of a file, the last one first; only where they are laid out as `terraform fmt` does."""
    if "<<" in text or "/*" in text or "#" in text or "//" in text:
        return None
    blocks = re.findall(r"^\w[^\n]*\{(?:\}|[^\n]*\}|\n(?:[^\n}][^\n]*\n|\n)*\})[ \t]*\n?", text, re.MULTILINE)
    if "".join(blocks).split() != text.split() or len(blocks) < 2:
        return None
    return _other(text, "\n".join(block.rstrip() + "\n" for block in reversed(blocks)))


def sql_with_comments(text: str) -> str | None:
    """A comment before the first statement and after the last one."""
    if text.startswith("-- Databricks notebook source"):
        return None
    return f"-- a remark; select 1\n\n{text.rstrip()}\n\n/* the end; drop */\n"


def comments_of_hash(text: str) -> str | None:
    """A comment and an empty line at the beginning and at the end: TOML, properties, environment files."""
    return f"# a remark = 1\n\n{text.rstrip()}\n\n# the end\n"


def with_carriage_returns(text: str) -> str | None:
    """Lines end as on Windows."""
    return None if "\r" in text or "<<" in text else _other(text, text.replace("\n", "\r\n"))


def with_byte_order_mark(text: str) -> str | None:
    """What editors on Windows put before the first character."""
    return f"\ufeff{text}" if text else None


def _other(text: str, written: str) -> str | None:
    return None if written == text else written
