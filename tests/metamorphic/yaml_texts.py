"""The same YAML, written differently. Each function gives None where it has nothing to write differently.

What is written is read again and held against what was there: a function that changed a value would blame riskcheck
for its own mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_TEMPLATE: Final = re.compile(r"(?<!\$)\{\{|\{%|<%")
"""Not YAML before something else has filled it in."""

_PLAIN_TEXT: Final = re.compile(r"[A-Za-z/][\w./-]*(?: [\w./-]+)*")
_NOT_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 or 1.2 reads as something else than text, where it begins with a letter."""


def with_other_indentation(text: str) -> str | None:
    """Block style, four spaces, short lines, no comments; plain text is quoted, quotes are swapped."""
    return _written(text, lambda events: map(_other_quotes, events), flow=False)


def in_flow_style(text: str) -> str | None:
    """All in braces and brackets, one line for each document."""
    return _written(text, lambda events: map(_in_flow, events), flow=True)


def with_keys_reversed(text: str) -> str | None:
    """The keys of each mapping the other way round; aliases must come after what they repeat, so without them."""
    return _rearranged(text, _keys_reversed)


def with_named_items_reversed(text: str) -> str | None:
    """Lists whose items have names, the other way round, where the order of that list means nothing."""
    return _rearranged(text, _items_reversed)


def with_documents_reversed(text: str) -> str | None:
    """The last document first."""

    def reversed_documents(events: Sequence[Event]) -> Iterable[Event]:
        documents: list[list[Event]] = []
        for event in events[1:-1]:
            if isinstance(event, DocumentStartEvent):
                event.explicit = True
                documents.append([])
            documents[-1].append(event)
        return [events[0], *(event for one in reversed(documents) for event in one), events[-1]]

    return _written(text, reversed_documents, flow=False, same=False)


def with_comments(text: str) -> str | None:
    """A comment and an empty line before each line and a comment at its end, but inside of what spans lines."""
    events = _events(text)
    if events is None:
        return None
    inside = _inside_scalars(events)
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if number in inside or line.startswith(("%", "---", "...")) or not line.strip():
            lines.append(line)
            continue
        lines += [
            "# a remark: 1",
            "",
            line if "#" in line or number + 1 in inside else f"{line}  # why: it is so",
        ]
    return _checked(text, "\n".join(lines))


def with_trailing_spaces(text: str) -> str | None:
    """Spaces at the end of each line, but inside of what spans lines."""
    events = _events(text)
    if events is None:
        return None
    inside = _inside_scalars(events)
    lines = text.split("\n")
    return _checked(
        text,
        "\n".join(
            line if at in inside or not line.strip() else f"{line}   " for at, line in enumerate(lines)
        ),
    )


def _events(text: str) -> list[Event] | None:
    if _TEMPLATE.search(text):
        return None
    try:
        return list(yaml.parse(text))
    except yaml.YAMLError:
        return None


def _inside_scalars(events: Iterable[Event]) -> set[int]:
    """0-based numbers of lines that begin inside of a scalar."""
    return {
        number
        for event in events
        if isinstance(event, ScalarEvent) and event.start_mark is not None and event.end_mark is not None
        for number in range(event.start_mark.line + 1, event.end_mark.line + (event.end_mark.column > 0))
    }


def _written(
    text: str, change: Callable[[Sequence[Event]], Iterable[Event]], *, flow: bool, same: bool = True
) -> str | None:
    events = _events(text)
    if not events or not any(isinstance(event, DocumentStartEvent) for event in events):
        return None
    width = 1_000_000 if flow else 60
    written = str(yaml.emit(change(events), indent=2 if flow else 4, width=width, allow_unicode=True))
    if "! '" in written:
        return None  # the tag that means none: the library knows no other way to write such text
    return _checked(text, written) if same else _with_same_scalars(text, written)


def _with_same_scalars(text: str, written: str) -> str | None:
    """`written` where it has the scalars of `text`, in whatever order: the library may break folded text."""
    before, after = _events(text), _events(written)
    if before is None or after is None:
        return None
    one, other = (
        sorted(str(_meaning(event)) for event in events if isinstance(event, ScalarEvent))
        for events in (before, after)
    )
    return written if one == other else None


def _checked(text: str, written: str) -> str | None:
    """`written` where it says the same as `text` and is another text."""
    events = _events(written)
    if written == text or events is None:
        return None
    before = _events(text)
    assert before is not None
    return written if [_meaning(one) for one in before] == [_meaning(one) for one in events] else None


def _meaning(event: Event) -> tuple[object, ...]:
    """The event without the way it is written."""
    if isinstance(event, ScalarEvent):
        plain = bool(event.implicit[0]) and (
            not event.value[:1].isalpha() or event.value.lower() in _NOT_TEXT
        )
        value = "null" if plain and event.tag is None and not event.value else event.value
        return "scalar", value, str(event.tag or "") if not any(event.implicit) else plain, event.anchor
    return type(event).__name__, str(getattr(event, "tag", None) or ""), getattr(event, "anchor", None)


def _is_plain_text(value: str) -> bool:
    return _PLAIN_TEXT.fullmatch(value) is not None and value.lower() not in _NOT_TEXT


def _other_quotes(event: Event) -> Event:
    if isinstance(event, CollectionStartEvent):
        event.flow_style = False
    if isinstance(event, ScalarEvent) and any(event.implicit):
        if event.style is None and _is_plain_text(event.value):
            event.style, event.implicit = '"', (False, True)
        elif event.style in {"'", '"'}:
            event.style = {"'": '"', '"': "'"}[event.style]
        elif event.style in {"|", ">"}:
            event.style = '"'
    return event


def _in_flow(event: Event) -> Event:
    if isinstance(event, CollectionStartEvent):
        event.flow_style = True
    if isinstance(event, ScalarEvent) and event.style in {"|", ">"}:
        event.style = '"'
    if isinstance(event, ScalarEvent) and event.implicit[0] and event.tag is None:
        if not event.value:
            event.value = "null"
        elif (
            event.value[0].isalpha()
            and not _is_plain_text(event.value)
            and event.value.lower() not in _NOT_TEXT
        ):
            event.style, event.implicit = '"', (False, True)
    return event


@dataclass
class _Node:
    """Events of a node: `start`, what is inside of it, `end`."""

    start: Event
    children: list[_Node]
    end: Event | None = None

    def flat(self) -> Iterator[Event]:
        yield self.start
        for child in self.children:
            yield from child.flat()
        if self.end is not None:
            yield self.end


def _rearranged(text: str, change: Callable[[_Node], bool]) -> str | None:
    changed = False

    def rearranged(events: Sequence[Event]) -> Iterable[Event]:
        nonlocal changed
        if any(isinstance(event, AliasEvent) for event in events):
            return events
        stack = [_Node(events[0], [])]
        for event in events[1:]:
            if isinstance(event, MappingEndEvent | SequenceEndEvent):
                node = stack.pop()
                node.end = event
                changed |= change(node)
            else:
                node = _Node(event, [])
                stack[-1].children.append(node)
                if isinstance(event, MappingStartEvent | SequenceStartEvent):
                    stack.append(node)
        return stack[0].flat()

    written = _written(text, rearranged, flow=False, same=False)
    return written if changed else None


def _keys_reversed(node: _Node) -> bool:
    if not isinstance(node.start, MappingStartEvent):
        return False
    pairs = list(zip(node.children[::2], node.children[1::2], strict=True))
    keys = [getattr(key.start, "value", None) for key, _ in pairs]
    if len(pairs) < 2 or None in keys or len(set(keys)) < len(keys):
        return False
    node.children = [part for pair in reversed(pairs) for part in pair]
    return True


UNORDERED_LISTS: Final = {
    "containers": "name",
    "env": "name",
    "envFrom": "name",
    "ports": "name",
    "volumes": "name",
    "volumeMounts": "name",
    "imagePullSecrets": "name",
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "services": "name",
    "columns": "name",
    "models": "name",
    "sources": "name",
    "tables": "name",
}
"""Field to the key that names its items. Not among them: init containers, steps, rules, which go in turn."""


def _items_reversed(node: _Node) -> bool:
    """Called for a mapping: its lists of named items."""
    if not isinstance(node.start, MappingStartEvent):
        return False
    changed = False
    for key, value in zip(node.children[::2], node.children[1::2], strict=True):
        name = UNORDERED_LISTS.get(getattr(key.start, "value", ""))
        if name is None or not isinstance(value.start, SequenceStartEvent) or len(value.children) < 2:
            continue
        names = [_named(item, name) for item in value.children]
        if None not in names and len(set(names)) == len(names) and "$(" not in "".join(_texts(value)):
            value.children.reverse()
            changed = True
    return changed


def _named(node: _Node, name: str) -> str | None:
    if not isinstance(node.start, MappingStartEvent):
        return None
    pairs = zip(node.children[::2], node.children[1::2], strict=True)
    return next(
        (
            getattr(value.start, "value", None)
            for key, value in pairs
            if getattr(key.start, "value", "") == name
        ),
        None,
    )


def _texts(node: _Node) -> Iterator[str]:
    return (event.value for event in node.flat() if isinstance(event, ScalarEvent))
