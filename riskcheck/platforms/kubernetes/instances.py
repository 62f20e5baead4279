"""Custom resources, and objects of versions that a release may give up, told from the text of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.platforms.kubernetes.objects import NOT_OBJECTS
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document

CUSTOM: Final = regex(
    rb"""^apiVersion:[ \t]*["']?(?:[a-z0-9-]+\.[a-z0-9.-]*/v[0-9]|[a-z]+/v[0-9]+(?:alpha|beta))""",
    re.MULTILINE,
)
"""Versions of groups with a dot, and those of built-in groups that some release may have given up."""
_API: Final = regex(
    r"""^apiVersion:[ \t]*["']?([a-z0-9.-]+)/(v[0-9][a-z0-9]*)["']?[ \t]*\r?$""", re.MULTILINE
)
_KIND: Final = regex(r"""^kind:[ \t]*["']?([A-Za-z0-9]+)["']?[ \t]*\r?$""", re.MULTILINE)
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


def instances(document: Document) -> Iterator[Stated]:
    """Each custom resource or object of a beta version. It uses what it states: ``api:example.com/v1/Widget``."""
    for chunk in document.chunks:
        api = _API.search(chunk.text)
        if api is None or api[1] in NOT_OBJECTS:
            continue
        stable = api[2][1:].isdigit()
        if stable and ("." not in api[1] or api[1] in _BUILT_IN):
            continue
        kind, metadata = _KIND.search(chunk.text), _METADATA.search(chunk.text)
        name = _NAME.search(chunk.text, metadata.end()) if metadata is not None else None
        if kind is None or name is None:
            continue
        line = chunk.first_line + chunk.text.count("\n", 0, api.start())
        use = Use(f"api:{api[1]}/{api[2]}/{kind[1]}", "soft", "is one of", line)
        yield Stated("kubernetes", kind[1], name[1], line, None, (), (use,))
