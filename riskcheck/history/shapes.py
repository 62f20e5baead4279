"""What kind of edit one scalar got: a switch turned, a number ten times as large, another version."""

from __future__ import annotations

from typing import Final

from riskcheck.regexes import regex

ON: Final = "on"
OFF: Final = "off"
ZEROED: Final = "zeroed"
TENFOLD: Final = "tenfold"
NUMBER: Final = "number"
VERSION: Final = "version"

_TRUE: Final = frozenset({"true", "yes", "on", "enabled", "enable"})
_FALSE: Final = frozenset({"false", "no", "off", "disabled", "disable"})

_NUMBER: Final = regex(r"[-+]?(\d{1,15}(?:\.\d{1,15})?)\s?([a-zA-Z%]{0,3})")
"""A number, perhaps with a unit. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""

_VERSION: Final = regex(r"v?\d+(?:[.\-_][0-9a-z]+){1,40}|[0-9a-f]{7,64}|sha256:[0-9a-f]{64}")
_LONGEST: Final = 200


def shape_of(before: str, after: str) -> str:
    """The shape of the edit of a scalar, "" for none that is known. before, after: as written."""
    if len(before) > _LONGEST or len(after) > _LONGEST:
        return ""
    old, new = before.strip().lower(), after.strip().lower()
    if old in _FALSE and new in _TRUE:
        return ON
    if old in _TRUE and new in _FALSE:
        return OFF
    one, other = _NUMBER.fullmatch(old), _NUMBER.fullmatch(new)
    if one and other and one[2] == other[2]:
        return _of_numbers(float(one[1]), float(other[1]))
    return VERSION if _version(old) and _version(new) else ""


def _of_numbers(old: float, new: float) -> str:
    if new == 0:
        return ZEROED
    small, large = sorted((old, new))
    return TENFOLD if small and large >= 10 * small else NUMBER


def _version(text: str) -> bool:
    """Whether it is a version, a digest or an image with one."""
    last = text.rpartition(":")[2] if ":" in text and not text.startswith("sha256:") else text
    last = last.rpartition("@")[2].rpartition("=")[2] if "=" in last or "@" in last else last
    return bool(_VERSION.fullmatch(last) or _VERSION.fullmatch(text))
