"""Where definitions of Flux and Argo CD may stand, told from names and bytes alone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIKELY: Final = regex(
    r"(?:^|[/_.-])(?:clusters?|flux|fluxcd|argo|argocd|apps?|applications?|appsets?|applicationsets?|app-of-apps"
    r"|gitops|bootstrap|fleet|ks|root)(?=[/_.-])",
    re.IGNORECASE,
)
"""Where definitions of Flux and Argo CD are kept, by the words of the path."""

_HINTS: Final = ("luster", "flux", "argo", "app", "gitops", "bootstrap", "fleet", "ks.", "root", "App")
"""Parts of those words: looking for these first is faster by ten than the pattern."""

_FLUX_MARK: Final = b"fluxcd.io/"
_APPLICATION_MARK: Final = b"Application"
_SET_MARK: Final = b"ApplicationSet"
_PLAIN: Final = regex(
    rb"kustomize\.toolkit\.fluxcd\.io/|^kind:[ \t]*[\"']?(?:Application|ArtifactGenerator)\b(?!Set)",
    re.MULTILINE,
)
_SET: Final = regex(rb"^kind:[ \t]*[\"']?ApplicationSet\b", re.MULTILINE)
_MOST_FILES: Final = 5_000


def marks_of(content: bytes) -> tuple[str, ...]:
    """Which definitions the bytes of a file may hold: ``plain`` (Flux, Application), ``set`` (ApplicationSet)."""
    marks: list[str] = []
    if (_FLUX_MARK in content or _APPLICATION_MARK in content) and _PLAIN.search(content):
        marks.append("plain")
    if _SET_MARK in content and _SET.search(content):
        marks.append("set")
    return tuple(marks)


remembered: Final = ByBlob(marks_of)


@lru_cache(maxsize=32_768)
def is_likely(path: str) -> bool:
    """Whether definitions of Flux or Argo CD are usually kept at such a path."""
    for hint in _HINTS:
        if hint in path:
            return _LIKELY.search(path) is not None and path.rpartition("/")[2] not in FILE_NAMES
    return False


def _likely_in(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.endswith((".yaml", ".yml")) and is_likely(path)][:_MOST_FILES]


likely_files: Final = ByPaths(_likely_in)
