"""The path grammar of rule files, compiled and matched in one walk along a `KeyPath`.

``spec.replicas``, ``*`` one mapping key, ``**`` any number of steps, ``[]`` any list item, ``[ingest]`` the
one with that natural key, ``{a,b.c}`` alternatives, ``"a.b"`` a key with dots in it, ``spark*`` a key by its
beginning. ``""`` is the resource as a whole.

All paths of all rules share one tree, so that a change is walked once however many rules there are. The walk
keeps a set of places in that tree; there is no backtracking, so no path and no document can make it slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from riskcheck.nodes import KeyPath, escape_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Pattern: TypeAlias = tuple[str, ...]
"""Compiled segments: ``*``, ``**``, ``[…]`` with or without a name, else a key. A key that starts with ``"``
is literal even where it holds a ``*``."""

MOST_CHARACTERS: Final = 400
"""Length of a path: alternatives nest, and each level is a call."""

MOST_ALTERNATIVES: Final = 256
"""Patterns that the ``{…}`` of one path may expand to."""

T = TypeVar("T")


def parse_path(text: str) -> tuple[Pattern, ...]:
    """The patterns that `text` stands for, one per combination of its alternatives.

    Raises ValueError that says what is wrong.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"a path of more than {MOST_CHARACTERS} characters")
    return tuple(dict.fromkeys(_segments(variant) for variant in _expand(text)))


def _expand(text: str) -> list[str]:
    """`text` with every ``{a,b}`` written out."""
    opening = _outside_quotes(text, "{")
    if opening < 0:
        if _outside_quotes(text, "}") >= 0:
            raise ValueError(f"'}}' without '{{' in path {text!r}")
        return [text]
    depth, start, parts, quoted = 0, opening + 1, [], False
    for place in range(opening, len(text)):
        sign = text[place]
        if sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign == "{":
            depth += 1
        elif sign in ",}" and depth == 1:
            parts.append(text[start:place])
            start = place + 1
            if sign == "}":
                break
        elif sign == "}":
            depth -= 1
    else:
        raise ValueError(f"'{{' without '}}' in path {text!r}")
    out: list[str] = []
    tails = _expand(text[start:])
    for part in parts:
        if not part:
            raise ValueError(f"an empty alternative in path {text!r}")
        for middle in _expand(part):
            out += [text[:opening] + middle + tail for tail in tails]
            if len(out) > MOST_ALTERNATIVES:
                raise ValueError(f"more than {MOST_ALTERNATIVES} alternatives in path {text!r}")
    return out


def _outside_quotes(text: str, sign: str) -> int:
    quoted = False
    for place, found in enumerate(text):
        if found == '"':
            quoted = not quoted
        elif found == sign and not quoted:
            return place
    return -1


def _segments(text: str) -> Pattern:
    out: list[str] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign == "[":
            end = text.find("]", place)
            if end < 0:
                raise ValueError(f"'[' without ']' in path {text!r}")
            name = text[place + 1 : end]
            out.append("[]" if name == "*" else f"[{name}]")
            place = end + 1
        elif sign == '"':
            end = text.find('"', place + 1)
            if end < 0:
                raise ValueError(f"an unfinished quote in path {text!r}")
            key = escape_key(text[place + 1 : end])
            out.append(f'"{key}' if "*" in key else key)
            place = end + 1
        else:
            end = place
            while end < len(text) and text[end] not in '.[]{}" \t\n':
                end += 1
            if end == place:
                raise ValueError(f"unexpected {sign!r} in path {text!r}")
            out.append(text[place:end])
            place = end
        if place < len(text):
            if text[place] == ".":
                place += 1
                if place == len(text):
                    raise ValueError(f"path {text!r} ends with a dot")
            elif text[place] != "[":
                raise ValueError(f"unexpected {text[place]!r} in path {text!r}")
    return tuple(out)


class _Place(Generic[T]):
    """A place in the tree of patterns: where each kind of step leads, and what ends here."""

    __slots__ = ("any_item", "any_key", "deep", "ends", "exact", "globs", "loops")

    def __init__(self, loops: bool = False) -> None:
        self.exact: dict[str, _Place[T]] = {}
        self.globs: list[tuple[tuple[str, ...], _Place[T]]] = []
        self.any_key: _Place[T] | None = None
        self.any_item: _Place[T] | None = None
        self.deep: _Place[T] | None = None
        self.loops = loops
        self.ends: list[T] = []

    @property
    def leads_on(self) -> bool:
        return self.loops or bool(self.exact or self.globs or self.any_key or self.any_item or self.deep)


class PathIndex(Generic[T]):
    """Patterns with something at their ends. Those that begin with a key are put in when a walk begins with it:
    most are never walked."""

    def __init__(self) -> None:
        self._root: _Place[T] = _Place()
        self._later: dict[str, list[tuple[Pattern, T]]] = {}

    def add(self, pattern: Pattern, end: T) -> None:
        if pattern and "*" not in pattern[0] and pattern[0] != "[]":
            self._later.setdefault(pattern[0], []).append((pattern, end))
        else:
            self._put(pattern, end)

    def _put(self, pattern: Pattern, end: T) -> None:
        place = self._root
        for segment in pattern:
            place = _grow(place, segment)
        place.ends.append(end)

    def at_top(self) -> list[T]:
        """What ends before the first step."""
        return Places((self._root,)).ends()

    def walk(self, path: KeyPath) -> Places[T]:
        """Where the walk along `path` ends."""
        for first in path[:1] if path else tuple(self._later):
            for pattern, end in self._later.pop(first, ()):
                self._put(pattern, end)
        places: Places[T] = Places((self._root,))
        for segment in path:
            places = places.step(segment)
        return places


class Places(Generic[T]):
    """The places that one walk has reached, those behind a ``**`` of no steps included."""

    __slots__ = ("_places",)

    def __init__(self, places: Iterable[_Place[T]]) -> None:
        reached: dict[int, _Place[T]] = {}
        for place in places:
            following: _Place[T] | None = place
            while following is not None and id(following) not in reached:
                reached[id(following)] = following
                following = following.deep
        self._places = tuple(reached.values())

    def step(self, segment: str) -> Places[T]:
        """Where one more step of a `KeyPath` leads."""
        out: list[_Place[T]] = []
        is_item = segment.startswith("[")
        for place in self._places:
            if place.loops:
                out.append(place)
            if segment in place.exact:
                out.append(place.exact[segment])
            general = place.any_item if is_item else place.any_key
            if general is not None:
                out.append(general)
            out += [there for parts, there in place.globs if matches_glob(parts, segment)]
        return Places(out)

    def ends(self) -> list[T]:
        """What ends here, each once, in the order in which it was added."""
        return list(dict.fromkeys(end for place in self._places for end in place.ends))

    def leads_on(self) -> bool:
        """Whether any pattern goes further than this."""
        return any(place.leads_on for place in self._places)


def _grow(place: _Place[T], segment: str) -> _Place[T]:
    """The place that `segment` leads to, made if need be."""
    if segment == "**":
        place.deep = place.deep or _Place(loops=True)
        return place.deep
    if segment == "*":
        place.any_key = place.any_key or _Place()
        return place.any_key
    if segment == "[]":
        place.any_item = place.any_item or _Place()
        return place.any_item
    if "*" in segment and not segment.startswith('"'):
        parts = tuple(segment.split("*"))
        for known, there in place.globs:
            if known == parts:
                return there
        place.globs.append((parts, _Place()))
        return place.globs[-1][1]
    return place.exact.setdefault(segment.removeprefix('"'), _Place())


def matches_glob(parts: Sequence[str], text: str) -> bool:
    """Whether `text` is `parts` with anything between them. Leftmost fits suffice, so it never goes back."""
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
