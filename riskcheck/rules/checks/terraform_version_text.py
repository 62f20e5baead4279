"""Versions, constraints and module sources as Terraform writes them.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints ;
https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

Version: TypeAlias = tuple[int, ...]
Pin: TypeAlias = Literal["version", "commit", "moving"]

_PART: Final = regex(r"(!=|>=|<=|~>|=|>|<)?\s*v?(\d{1,6}(?:\.\d{1,6}){0,3})(?:-[0-9A-Za-z.-]{1,60})?")
_NUMBERED: Final = regex(r"(?:^|[/_-])[vV]?(\d{1,6}(?:\.\d{1,6}){0,3})(?:[-+][0-9A-Za-z.-]{1,60})?")
_COMMIT: Final = regex(r"[0-9a-f]{7,64}")
_REF: Final = regex(r"[?&]ref=([^&\s]{1,200})")
_SCHEME: Final = regex(r"^(?:[a-z0-9]+::)?(?:[a-z]+://)?(?:[^\s/@]{0,512}@)?")
_MOST: Final = 300


class Range(NamedTuple):
    """What a constraint allows. lowest: None for any. above: the first version that is too high, None
    where no bound is. exact: only one version."""

    lowest: Version | None
    above: Version | None
    exact: bool


def version_of(text: str) -> Version | None:
    """``5.72.1`` as numbers; None where it is no version."""
    match = _PART.fullmatch(text.strip()[:_MOST])
    return None if match is None else _numbers(match[2])


def range_of(text: str) -> Range | None:
    """What a constraint such as ``>= 4.0, < 6.0`` allows; None where it cannot be read. An empty one allows all."""
    lowest: Version | None = None
    above: Version | None = None
    exact = False
    for part in text[:_MOST].split(",") if text.strip() else ():
        match = _PART.fullmatch(part.strip())
        if match is None:
            return None
        operator, version = match[1] or "=", _numbers(match[2])
        if operator == "!=":
            continue
        if operator in ("=", "~>", ">=", ">"):
            lowest = version if lowest is None else max(lowest, version)
        end = _end(operator, version)
        if end is not None:
            above = end if above is None else min(above, end)
        exact = exact or operator == "="
    return Range(lowest, above, exact)


def _end(operator: str, version: Version) -> Version | None:
    if operator == "=" or operator == "<=":
        return (*version, 0, 0, 1)
    if operator == "<":
        return version
    if operator == "~>":
        kept = version[:-1] if len(version) > 1 else version
        return (*kept[:-1], kept[-1] + 1)
    return None


def _numbers(text: str) -> Version:
    return tuple(map(int, text.split(".")))


def major(version: Version) -> Version:
    """What may break: the first number, and the second below 1.0."""
    return version[:1] if version[:1] != (0,) else (*version, 0)[:2]


def highest_major(found: Range) -> Version | None:
    """The highest major that is allowed; None where there is no bound."""
    if found.above is None:
        return None
    if found.above[0] == 0 and len(found.above) > 1 and not any(found.above[2:]):
        return (0, found.above[1] - 1)
    if any(found.above[1:]):
        return major(found.above)
    if found.above[0] <= 1:
        return (0,) if found.above[0] == 1 and found.lowest is None else major(found.lowest or (0, 0))
    return (found.above[0] - 1,)


class Source(NamedTuple):
    """Where a module comes from. place: without the way in which it is fetched. ref: ``""`` where none is given."""

    place: str
    ref: str
    is_registry: bool

    @property
    def owner(self) -> str:
        """Whose it is: ``github.com/acme``, the namespace in a registry."""
        package = self.place.partition("//")[0]
        return package.rsplit("/", 2 if self.is_registry else 1)[0]


def source_of(text: str) -> Source:
    """A module's ``source`` taken apart."""
    text = text[:1000]
    match = _REF.search(text)
    address = text.partition("?")[0]
    is_git = address.startswith(("git::", "git@", "github.com/", "bitbucket.org/", "hg::"))
    fetched = is_git or "://" in address or "::" in address
    place = _SCHEME.sub("", address, count=1)
    head, colon, rest = place.partition(":")
    if colon and is_git and not rest[:1].isdigit():
        place = f"{head}/{rest}"
    place = place.replace(".git//", "//").removesuffix(".git").lower().rstrip("/")
    return Source(place, match[1] if match else "", is_registry=not fetched)


def pin_of(ref: str) -> Pin:
    """Whether a ref stays what it is: a tag that reads like a version, a commit, or what may move."""
    if _COMMIT.fullmatch(ref) and any(char.isdigit() for char in ref):
        return "commit"
    return "version" if numbered(ref) is not None else "moving"


def numbered(ref: str) -> Version | None:
    """The version at the end of a tag: ``v1.2.0``, ``network/v1.2.0``, ``network-1.2.0``. None of a bare number,
    which may be part of a name."""
    found = [match for match in _NUMBERED.finditer(ref) if match.end() == len(ref)]
    if not found:
        return None
    text = found[0][1]
    bare = "." not in text and not re.search(r"(?:^|[/_-])[vV]\d", ref)
    return None if bare else _numbers(text)
