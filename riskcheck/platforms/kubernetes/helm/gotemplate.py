"""Helmfiles that are Go templates: their YAML, as far as it stands there without executing them.

Lines of nothing but actions (``{{ if … }}``, ``{{ end }}``) go, so that what depends on them counts as being there;
an action that stands as a value stays as text. Each line stays the line that it was.
Facts: https://helmfile.readthedocs.io/en/latest/writing-helmfile/, https://pkg.go.dev/text/template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse, split
from riskcheck.nodes import Mapping, Source
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Side

_MOST_CHARACTERS: Final = 500_000
_VALUE: Final = regex(r"(?P<before>[ \t]*(?:- )*(?:[\w.-]+:[ \t]+)?)(?P<value>\{\{.*)")
_RAW: Final = ("{{`", "`}}")
_QUOTES: Final = str.maketrans("\"'\\", "___")


def literal(written: str) -> str:
    """`written` with what ``{{`…`}}`` keeps for a later round of templates, as that round gets it."""
    return written.replace(_RAW[0], "").replace(_RAW[1], "") if _RAW[0] in written else written


def roots(path: str, side: Side, text: str) -> list[Mapping]:
    """The mappings of a template's documents; those that are no YAML without being executed are left out."""
    if len(text) > _MOST_CHARACTERS:
        return []
    plain = "\n".join(_lines(literal(text)))
    found: list[Mapping] = []
    for part in split(plain):
        try:
            root, _ = parse(plain[part.start : part.end], Source(path, side, part.first_line))
        except Rejected:
            continue
        if isinstance(root, Mapping):
            found.append(root)
    return found


def _lines(text: str) -> Iterator[str]:
    for line in _without_quotes(text).split("\n"):
        if "{{" not in line:
            yield line
        elif _is_action_only(line):
            yield ""
        else:
            found = _VALUE.fullmatch(line)
            if found is None:
                yield line
            else:
                value = found["value"].rstrip().replace("'", "''")
                yield f"{found['before']}'{value}'"


def _without_quotes(text: str) -> str:
    """`text` without the quotes inside actions, which would end the texts around them. An action over several
    lines keeps its first line."""
    parts: list[str] = []
    position = 0
    while (start := text.find("{{", position)) >= 0:
        end = text.find("}}", start)
        if end < 0:
            break
        action = text[start:end].translate(_QUOTES)
        first, *rest = action.split("\n")
        parts += (text[position:start], first, "}}", "\n" * len(rest))
        position = end + 2
    parts.append(text[position:])
    return "".join(parts)


def _is_action_only(line: str) -> bool:
    position = 0
    while (start := line.find("{{", position)) >= 0:
        end = line.find("}}", start)
        if end < 0 or line[position:start].strip():
            return False
        position = end + 2
    rest = line[position:].strip()
    return not rest or rest.startswith("#")
