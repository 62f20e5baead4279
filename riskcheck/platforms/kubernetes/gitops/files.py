"""Where definitions of Flux and Argo CD may stand, told from names and bytes alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS: Final = frozenset(
    {
        *(
            "cluster",
            "clusters",
            "flux",
            "fluxcd",
            "argo",
            "argocd",
            "gitops",
            "bootstrap",
            "fleet",
            "ks",
            "root",
        ),
        *("app", "apps", "application", "applications", "appset", "appsets"),
        *("applicationset", "applicationsets"),
    }
)
"""Words of the paths at which definitions of Flux and Argo CD are kept."""

_HINTS: Final = ("luster", "flux", "argo", "app", "gitops", "bootstrap", "fleet", "ks.", "root", "App")
"""How those words are usually written."""

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


def likely_among(paths: Iterable[str]) -> list[str]:
    """Those of `paths` at which definitions of Flux or Argo CD are usually kept."""
    found: list[str] = []
    # Folders and names are few beside thousands of paths: each is taken apart once.
    folders: dict[str, bool] = {}
    names: dict[str, bool | None] = {}
    for path in paths:
        if not path.endswith((".yaml", ".yml")):
            continue
        folder, _, name = path.rpartition("/")
        if name not in names:
            names[name] = _tells(name)
        told = names[name]
        if told is False:
            if folder not in folders:
                folders[folder] = not _WORDS.isdisjoint(_words_of(folder))
            told = folders[folder]
        if told and any(hint in path for hint in _HINTS):
            found.append(path)
    return found[:_MOST_FILES]


def _tells(name: str) -> bool | None:
    """Whether the name of a file has one of the words; None for a kustomization."""
    if name in FILE_NAMES:
        return None
    return not _WORDS.isdisjoint(_words_of(name)[:-1])


def _words_of(text: str) -> list[str]:
    return text.lower().replace("_", "/").replace(".", "/").replace("-", "/").split("/")


likely_files: Final = ByPaths(likely_among)
