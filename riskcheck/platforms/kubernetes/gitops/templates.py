"""Placeholders of an ApplicationSet, filled in where its parameters are known.

Facts: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/ (``{{name}}``, flat names),
https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/ (``{{ .path.basename }}``,
``missingkey``). Of Go's language only lookups, ``index`` and a few plain pipes are evaluated; anything else stays
unresolved.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Parameter: TypeAlias = "str | list[Parameter] | dict[str, Parameter]"
Parameters: TypeAlias = dict[str, Parameter]

MAX_LENGTH: Final = 20_000
"""Characters of a text that is filled in."""

_GO_LEFT: Final = r"\{\{-[ \t\r\n]"
_GO_RIGHT: Final = r"[ \t\r\n]-\}\}[ \t\r\n]*"
_HOLE: Final = r"\{\{([^{}]*)\}\}"
_WORD: Final = r"""\s*(?:"([^"\\]*)"|`([^`]*)`|(-?[0-9]{1,9}|[.\w$-][\w.$-]*)|(\|)|(\()|(\)))"""
_NOT_A_NAME: Final = r"[^a-z0-9.-]"
_NOT_A_SLUG: Final = r"[^a-z0-9-]+"


def filled(written: str, values: Parameters, go: bool) -> str | None:
    """`written` with its placeholders filled in; None where one is not known. go: it is a Go template."""
    if "{{" not in written:
        return written
    if len(written) > MAX_LENGTH:
        return None
    if go:
        # Space before is cut by hand: a pattern would look at a long run of it once from each of its characters.
        *before, last = re.split(_GO_LEFT, written)
        written = "{{".join([*(part.rstrip(" \t\r\n") for part in before), last])
        written = re.sub(_GO_RIGHT, "}}", written)
    parts: list[str] = []
    end = 0
    for hole in re.finditer(_HOLE, written):
        found = _go(hole[1], values) if go else _flat(hole[1].strip(), values)
        if found is None:
            return None
        parts += (written[end : hole.start()], found)
        end = hole.end()
    rest = written[end:]
    if "{{" in rest:
        return None
    done = "".join((*parts, rest))
    return done if len(done) <= MAX_LENGTH else None


def looked_up(values: Parameters, name: str) -> str | None:
    """The parameter of a dotted name, however it is kept: flat or nested."""
    found: Parameter | None = values.get(name)
    if found is None:
        found = values
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def normalised(name: str) -> str:
    """A name as ``nameNormalized`` and ``normalize`` make it fit for a Kubernetes object."""
    return re.sub(_NOT_A_NAME, "-", name.lower())[:253].strip("-.")


def _flat(name: str, values: Parameters) -> str | None:
    """Without Go templates. A leading dot is no part of the name there, but is written by many."""
    found = values.get(name)
    if found is None:
        found = values.get(name.removeprefix("."))
    return found if isinstance(found, str) else None


def _go(expression: str, values: Parameters) -> str | None:
    words = _words(expression)
    if not words:
        return None
    found: Parameter | None = None
    for number, step in enumerate(_split(words)):
        if number == 0:
            known = _operand(step, values)
            if known is _UNKNOWN:
                return None
            found = known if not isinstance(known, _Unknown) else None
        else:
            piped = _piped(step, found)
            if isinstance(piped, _Unknown):
                return None
            found = piped
    return found if isinstance(found, str) else None


class _Unknown:
    """The type of `_UNKNOWN`."""


_UNKNOWN: Final = _Unknown()


def _words(expression: str) -> list[tuple[str, str]]:
    """Pairs of kind (``text``, ``word``, ``|``) and content; empty where it is more than is evaluated."""
    found: list[tuple[str, str]] = []
    end, expression = 0, expression.strip()
    pattern = re.compile(_WORD)
    while end < len(expression):
        match = pattern.match(expression, end)
        if match is None or match[5] or match[6]:
            return []
        if match[4]:
            found.append(("|", "|"))
        elif match[3] is not None:
            found.append(("word", match[3]))
        else:
            found.append(("text", match[1] if match[1] is not None else match[2]))
        end = match.end()
    return found


def _split(words: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    steps: list[list[tuple[str, str]]] = [[]]
    for word in words:
        if word[0] == "|":
            steps.append([])
        else:
            steps[-1].append(word)
    return steps


def _operand(step: list[tuple[str, str]], values: Parameters) -> Parameter | _Unknown | None:
    """What the first part of a pipe gives; None where a parameter is missing, which ``default`` may mend."""
    if len(step) == 1:
        kind, content = step[0]
        if kind == "text":
            return content
        return _at(values, content[1:].split(".")) if content.startswith(".") else _UNKNOWN
    if len(step) == 2 and step[0] == ("word", step[0][1]):
        function = step[0][1]
        argument = _operand([step[1]], values)
        if isinstance(argument, _Unknown) or function in ("index", "default"):
            return _UNKNOWN
        return _piped([step[0]], argument)
    if step and step[0] == ("word", "index") and step[1:]:
        found = _operand([step[1]], values)
        for kind, content in step[2:]:
            if isinstance(found, list) and kind == "word" and content.isdecimal():
                found = found[int(content)] if int(content) < len(found) else None
            elif isinstance(found, dict) and kind == "text":
                found = found.get(content)
            else:
                return _UNKNOWN
        return found
    if len(step) == 3 and step[0] == ("word", "default"):
        found = _operand([step[2]], values)
        return found if isinstance(found, _Unknown) else _piped(step[:2], found)
    return _UNKNOWN


def _at(values: Parameters, steps: list[str]) -> Parameter | None:
    found: Parameter | None = values
    for step in steps:
        if not isinstance(found, dict):
            return None
        found = found.get(step) if step else found
    return found


def _piped(step: list[tuple[str, str]], found: Parameter | None) -> Parameter | _Unknown | None:
    if not step or step[0][0] != "word":
        return _UNKNOWN
    name, arguments = step[0][1], step[1:]
    if name == "default" and len(arguments) == 1 and arguments[0][0] == "text":
        return found or arguments[0][1]
    if not isinstance(found, str):
        return None if found is None and not arguments else _UNKNOWN
    if not arguments:
        if name == "lower":
            return found.lower()
        if name == "upper":
            return found.upper()
        if name == "normalize":
            return normalised(found)
        if name == "slugify":
            slug = re.sub(_NOT_A_SLUG, "-", found.lower()).strip("-")
            return slug if len(slug) <= 50 else _UNKNOWN
        if name == "trim":
            return found.strip()
        if name in ("toString", "print"):
            return found
    if len(arguments) == 1 and arguments[0][0] == "text":
        if name == "trimPrefix":
            return found.removeprefix(arguments[0][1])
        if name == "trimSuffix":
            return found.removesuffix(arguments[0][1])
    if name == "replace" and [kind for kind, _ in arguments] == ["text", "text"]:
        return found.replace(arguments[0][1], arguments[1][1])[:MAX_LENGTH] if arguments[0][1] else found
    return _UNKNOWN
