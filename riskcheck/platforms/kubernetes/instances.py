"""Custom resources, and objects of versions that a release may give up, told from the text of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.kubernetes.objects import NOT_OBJECTS
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Chunk, Document

CUSTOM: Final = regex(
    rb"""(?:^|[{,])[ \t]{0,8}["']?apiVersion["']?[ \t]{0,8}:[ \t]*["']?"""
    rb"""(?:[a-z0-9-]+\.[a-z0-9.-]*/v[0-9]|[a-z]+/v[0-9]+(?:alpha|beta))""",
    re.MULTILINE,
)
"""Versions of groups with a dot, and those of built-in groups that some release may have given up."""
_API: Final = regex(
    r"""^apiVersion:[ \t]*["']?([a-z0-9.-]+)/(v[0-9][a-z0-9]*)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE
)
_KIND: Final = regex(r"""^kind:[ \t]*["']?([A-Za-z0-9]+)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE)
_VERSION: Final = regex(r"v[0-9][a-z0-9]{0,30}")
_METADATA: Final = regex(r"^metadata:", re.MULTILINE)
_NAME: Final = regex(r"""(?:^[ \t]{1,8}|[{,][ \t]*)name:[ \t]*["']?([A-Za-z0-9.:_-]+)""", re.MULTILINE)

_BUILT_IN: Final = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""API groups with a dot that the API server serves without a definition.

https://kubernetes.io/docs/reference/using-api/#api-groups
"""


class _Object(NamedTuple):
    """group and version: of its API. line: of its ``apiVersion``."""

    group: str
    version: str
    kind: str
    name: str
    line: int


def instances(document: Document) -> Iterator[Stated]:
    """Each custom resource or object of a beta version. It uses what it states: ``api:example.com/v1/Widget``."""
    for chunk in document.chunks:
        one = _told(chunk) or _read(chunk)
        if one is None or one.group in NOT_OBJECTS:
            continue
        stable = one.version[1:].isdigit()
        if stable and ("." not in one.group or one.group in _BUILT_IN):
            continue
        use = Use(f"api:{one.group}/{one.version}/{one.kind}", "soft", "is one of", one.line)
        yield Stated("kubernetes", one.kind, one.name, one.line, None, (), (use,))


def _told(chunk: Chunk) -> _Object | None:
    """From the text, as most files are laid out; parsing all custom resources of a repository takes long."""
    text = chunk.text
    api, kind, metadata = _API.search(text), _KIND.search(text), _METADATA.search(text)
    name = _NAME.search(text, metadata.end()) if metadata is not None else None
    if api is None or kind is None or name is None:
        return None
    line = chunk.first_line + text.count("\n", 0, api.start())
    return _Object(api[1], api[2], kind[1], name[1], line)


def _read(chunk: Chunk) -> _Object | None:
    """In flow style, as JSON, or with quoted keys."""
    if CUSTOM.search(chunk.text.encode("utf-8", "surrogateescape")) is None or not isinstance(
        chunk.root, Mapping
    ):
        return None
    api, kind, name = (chunk.root.at(*path) for path in (("apiVersion",), ("kind",), ("metadata", "name")))
    if not (isinstance(api, Scalar) and isinstance(kind, Scalar) and isinstance(name, Scalar)):
        return None
    group, _, version = api.raw.partition("/")
    told = group and _VERSION.fullmatch(version)
    return _Object(group, version, kind.raw, name.raw, api.file_line) if told else None
