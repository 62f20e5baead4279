"""Tags of images: which are versions that can be ordered, and what they are built on."""

from __future__ import annotations

from typing import Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

_VERSION: Final = regex(
    r"(?:[a-z][a-z0-9]{0,20}[-_])?v?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?"
    r"(?:[a-z]{1,5}[0-9]{0,5})?(?![0-9a-zA-Z])([-._+].{0,100})?\Z"
)
_MAJOR: Final = regex(r"v?([0-9]{1,3})(?:-[a-z][a-z0-9.-]{0,60})?\Z")
_DATE: Final = regex(
    r"(?<![0-9])(?:19|20)[0-9]{2}[-._]?(?:0[1-9]|1[0-2])[-._]?(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
)
_HASH: Final = regex(r"(?<![0-9a-z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}(?![0-9a-z])")
_FIRST_YEAR: Final = 1990

_BASES: Final = {
    **dict.fromkeys(("alpine",), "Alpine"),
    **dict.fromkeys(
        ("debian", "buster", "bullseye", "bookworm", "trixie", "slim", "jessie", "stretch"), "Debian"
    ),
    **dict.fromkeys(("ubuntu", "bionic", "focal", "jammy", "noble"), "Ubuntu"),
    **dict.fromkeys(
        ("ubi", "ubi7", "ubi8", "ubi9", "ubi10", "rhel", "rhel7", "rhel8", "rhel9", "centos"), "Red Hat"
    ),
    "distroless": "distroless",
    "scratch": "scratch",
    **dict.fromkeys(("windowsservercore", "nanoserver"), "Windows"),
}
_WORD: Final = regex(r"[a-z]+[0-9]{0,2}")


class Version(NamedTuple):
    """A version that can be ordered among those of its image. calendar: its first number is a year, whose change
    promises nothing."""

    major: int
    minor: int
    patch: int
    calendar: bool

    @property
    def numbers(self) -> tuple[int, int, int]:
        return (self.major, self.minor, self.patch)


def version_of(tag: str | None, *, bare: bool = False) -> Version | None:
    """The version that `tag` states; None for dates, commits, words and build numbers, whose order is unknown.

    bare: a single number is a major version, too (``postgres:16``).
    """
    if tag is None or _DATE.search(tag):
        return None
    match = _VERSION.match(tag)
    if match is None:
        found = _MAJOR.match(tag) if bare else None
        return Version(int(found[1]), 0, 0, False) if found else None
    major, minor, patch, rest = match.groups()
    if rest and _HASH.search(rest) and patch is None:
        return None
    return Version(int(major), int(minor), int(patch or 0), int(major) >= _FIRST_YEAR)


def base_of(tag: str | None) -> str | None:
    """The family of the distribution that the suffix of `tag` names; None where it names none."""
    for word in _WORD.findall((tag or "").lower()):
        base = _BASES.get(word) or _BASES.get(word.rstrip("0123456789"))
        if base is not None:
            return base
    return None
