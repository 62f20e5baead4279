"""Edits of keys as learned rules write them: ``spec.replicas``, ``+ images[*]``, ``- spec.tolerations``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.history.model import Operation

_SIGNS: Final[dict[Operation, str]] = {"added": "+ ", "removed": "- ", "modified": ""}


def written(key: str, operation: Operation) -> str:
    return _SIGNS[operation] + key
