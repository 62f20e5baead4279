"""Kubernetes quantities (``500m``, ``1.5Gi``, ``2e3``) as exact numbers.

Grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

from typing import Final

from riskcheck.regexes import regex

NANO: Final = 10**9
"""Quantities are kept as whole nano-units, the finest that Kubernetes stores: integers compare exactly
(``0.1`` is ``100m``) where floats do not."""

_QUANTITY = regex(
    r"([+-]?)([0-9]{1,40})?(?:\.([0-9]{0,40}))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?0{0,20}[0-9]{1,2})?\Z"
)

_SUFFIXES: Final = {
    "n": (1, NANO),
    "u": (1, 10**6),
    "m": (1, 1000),
    "k": (10**3, 1),
    "M": (10**6, 1),
    "G": (10**9, 1),
    "T": (10**12, 1),
    "P": (10**15, 1),
    "E": (10**18, 1),
    "Ki": (2**10, 1),
    "Mi": (2**20, 1),
    "Gi": (2**30, 1),
    "Ti": (2**40, 1),
    "Pi": (2**50, 1),
    "Ei": (2**60, 1),
}
"""Suffix to (numerator, denominator)."""


def quantity_nanos(text: str) -> int | None:
    """`text` in nano-units, rounded away from zero as Kubernetes does; None where it is no quantity."""
    match = _QUANTITY.match(text.strip())
    if match is None:
        return None
    sign, whole, fraction, suffix = match.groups()
    if not whole and not fraction:
        return None
    fraction = fraction or ""
    numerator, denominator = _scale(suffix)
    digits = int((whole or "0") + fraction) * numerator * NANO
    magnitude: int = -(-digits // (denominator * 10 ** len(fraction)))
    return -magnitude if sign == "-" else magnitude


def _scale(suffix: str | None) -> tuple[int, int]:
    if not suffix:
        return 1, 1
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    exponent = int(suffix[1:])
    return (10**exponent, 1) if exponent >= 0 else (1, 10**-exponent)
