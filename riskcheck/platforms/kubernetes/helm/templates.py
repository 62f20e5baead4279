"""What the templates of a chart say in their text: which values they read, at which line, for which kind of object.

Nothing is executed: ``if``, ``range`` and ``include`` are followed as far as the text alone tells.
https://helm.sh/docs/chart_template_guide/, https://pkg.go.dev/text/template#hdr-Actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_CHARACTERS: Final = 400_000
_ROOT: Final = regex(r"(?<![\w)])\$?\.Values((?:\.[A-Za-z_]\w*+)*+)")
_INDEX: Final = regex(r"\bindex[ \t]++\(?[ \t]*+\$?\.Values((?:\.\w++)*+)\)?((?:[ \t]++\"[^\"]*+\")++)")
_QUOTED: Final = regex(r"\"([^\"]*+)\"")
_FIELD: Final = regex(r"(?<![\w$.)\]])\.([A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+)")
_VARIABLE: Final = regex(r"(\$[A-Za-z_]\w*+)((?:\.[A-Za-z_]\w*+)*+)")
_ASSIGNED: Final = regex(r"(\$[A-Za-z_]\w*+)[ \t]*+:?=(?!=)")
_NAMED: Final = regex(r"\b(?:include|template|define|block)[ \t]++\"([^\"]*+)\"")
_WORD: Final = regex(r"[A-Za-z]++")
_KIND: Final = regex(r"kind:[ \t]*+[\"']?([A-Za-z][\w.-]*+|\{\{)?")
_API_VERSION: Final = regex(r"apiVersion:[ \t]*+[\"']?([A-Za-z][\w./-]*+)?")
_BUILT_IN: Final = frozenset({"Values", "Release", "Chart", "Files", "Capabilities", "Template", "Subcharts"})


class Read(NamedTuple):
    """A line that reads a value. path: of the value. helper: the named template that the line is part of."""

    path: tuple[str, ...]
    line: int
    kind: str
    helper: str


class Manifest(NamedTuple):
    """One document of a template. kind, api_version: ``""`` where they are templated or missing. lines: 1-based,
    both inclusive."""

    kind: str
    api_version: str
    first_line: int
    last_line: int


class Template(NamedTuple):
    """One file of templates. includes: named templates to the kinds of objects that take them in."""

    reads: tuple[Read, ...]
    manifests: tuple[Manifest, ...]
    includes: tuple[tuple[str, str], ...]


class _Block(NamedTuple):
    """An open ``if``, ``with``, ``range`` or ``define``. dot: the value that ``.`` is, None where it is unknown or
    the root."""

    dot: tuple[str, ...] | None
    helper: str


_NOTHING: Final = Template((), (), ())


def read(text: str) -> Template:
    """What one template says. Never raises; a text that is too long says nothing."""
    if len(text) > _MOST_CHARACTERS:
        return _NOTHING
    manifests = tuple(_manifests(text))
    kinds = [one.kind for one in manifests for _ in range(one.first_line, one.last_line + 1)]
    reads: dict[Read, None] = {}
    includes: dict[tuple[str, str], None] = {}
    stack: list[_Block] = []
    variables: dict[str, tuple[str, ...]] = {}
    for line, action in _actions(text):
        word = _WORD.match(action)
        verb = word[0] if word is not None else ""
        block = stack[-1] if stack else _Block(None, "")
        kind = kinds[line - 1] if line <= len(kinds) else ""
        if verb == "end":
            if stack:
                stack.pop()
            continue
        paths = list(_paths(action, block.dot, variables))
        reads.update(dict.fromkeys(Read(path, line, kind, block.helper) for path in paths))
        named = _NAMED.search(action)
        if named is not None and verb not in ("define", "block"):
            includes.update({(name, kind): None for name in _NAMED.findall(action)})
        first = paths[0] if len(paths) == 1 else None
        assigned = _ASSIGNED.search(action)
        if assigned is not None and verb != "range":
            if first is not None:
                variables[assigned[1]] = first
            else:
                variables.pop(assigned[1], None)
        if verb in ("with", "range"):
            stack.append(_Block(first if verb == "with" else None, block.helper))
        elif verb == "if":
            stack.append(block)
        elif verb in ("define", "block"):
            stack.append(_Block(None, named[1] if named is not None else ""))
        elif verb == "else" and stack:
            stack[-1] = _Block(None, block.helper) if block.dot else block
    return Template(tuple(reads), manifests, tuple(includes))


def _actions(text: str) -> Iterator[tuple[int, str]]:
    """Each action with the line that it begins at, comments left out."""
    position, line = 0, 1
    while True:
        begin = text.find("{{", position)
        if begin < 0:
            return
        line += text.count("\n", position, begin)
        comment = text.startswith(("/*", "- /*"), begin + 2)
        end = text.find("*/", begin) if comment else text.find("}}", begin)
        if end < 0:
            return
        if not comment:
            yield line, text[begin + 2 : end].strip("- \t\r\n")
        line += text.count("\n", begin, end)
        position = end + 2


def _paths(
    action: str, dot: tuple[str, ...] | None, variables: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    """The values that one action reads. ``.Values`` as a whole is none."""
    indexed = [(found.span(), found) for found in _INDEX.finditer(action)]
    for _, found in indexed:
        yield (*_steps(found[1]), *_QUOTED.findall(found[2]))
    for found in _ROOT.finditer(action):
        if found[1] and not any(start <= found.start() < end for (start, end), _ in indexed):
            yield _steps(found[1])
    if dot is not None:
        for found in _FIELD.finditer(action):
            steps = _steps("." + found[1])
            if steps[0] not in _BUILT_IN:
                yield (*dot, *steps)
    for found in _VARIABLE.finditer(action):
        known = variables.get(found[1])
        if known is not None:
            yield (*known, *_steps(found[2]))


def _steps(written: str) -> tuple[str, ...]:
    return tuple(written.split(".")[1:]) if written else ()


def _manifests(text: str) -> Iterator[Manifest]:
    """The documents of a template, as its lines ``---`` cut it."""
    kind, api_version, first, number = "", "", 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("---"):
            yield Manifest(kind, api_version, first, number - 1)
            kind, api_version, first = "", "", number
        elif not kind and (found := _KIND.match(line)) is not None:
            kind = found[1] if found[1] and found[1] != "{{" else ""
        elif not api_version and (found := _API_VERSION.match(line)) is not None:
            api_version = found[1] or ""
    yield Manifest(kind, api_version, first, number)


def kinds_of_helpers(templates: Iterable[Template]) -> dict[str, tuple[str, ...]]:
    """Named templates to the kinds of the objects that take them in."""
    found: dict[str, dict[str, None]] = {}
    for template in templates:
        for name, kind in template.includes:
            if kind:
                found.setdefault(name, {}).setdefault(kind)
    return {name: tuple(kinds) for name, kinds in found.items()}
