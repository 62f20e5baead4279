"""Which files are templates, and which hold values for their parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, DocumentStore

_VERSION: Final = b"AWSTemplateFormatVersion"
_RESOURCES: Final = regex(rb"""(?:^[\s{]{0,40}|[{,][ \t]{0,8})["']?Resources["']?\s{0,8}:""", re.MULTILINE)
_TYPE: Final = regex(rb"""["']?Type["']?[ \t]{0,8}:[ \t]{0,8}["']?AWS::[A-Za-z0-9]""")
_PARAMETERS: Final = regex(rb"""["']?(?:ParameterKey|Parameters)["']?[ \t]{0,8}:""")


def is_template(content: bytes) -> bool:
    """Whether the bytes of a file are a template: it says so, or states resources of AWS types."""
    return _RESOURCES.search(content) is not None and (
        _VERSION in content or _TYPE.search(content) is not None
    )


def may_hold_parameters(content: bytes) -> bool:
    """Whether the bytes of a file may be values of parameters; `parameters_in` decides."""
    return _PARAMETERS.search(content) is not None and _RESOURCES.search(content) is None


def document_at(documents: DocumentStore, path: str) -> Document:
    """The document at `path`, read as what it is where the name does not tell."""
    return documents.get(path, format_at(documents, path))


def format_at(documents: DocumentStore, path: str) -> str | None:
    """``json`` or ``yaml`` of a file called ``.template``; None where the name tells."""
    if not path.endswith(".template"):
        return None
    text = documents.get(path).text
    return "json" if text.lstrip()[:1] == "{" else "yaml"


def parameters_in(root: Node | None) -> dict[str, tuple[Scalar, Node]] | None:
    """Name to key and value where the whole file holds values of parameters, None where it is something else.

    The forms are those of ``aws cloudformation create-stack`` (a list of ``ParameterKey`` and ``ParameterValue``)
    and of template configuration files (``{"Parameters": {…}}``):
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
    """
    if isinstance(root, Mapping):
        held = root.get("Parameters")
        if root.get("Resources") is not None or held is None:
            return None
        if isinstance(held, Sequence):
            return _listed(held)
        if not isinstance(held, Mapping) or any(isinstance(value, Mapping) for _, value in held.entries):
            return None
        return {key.raw: (key, value) for key, value in held.entries}
    return _listed(root) if isinstance(root, Sequence) else None


def _listed(items: Sequence) -> dict[str, tuple[Scalar, Node]] | None:
    found: dict[str, tuple[Scalar, Node]] = {}
    for item in items.items:
        name = item.get("ParameterKey") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(name, Scalar):
            return None
        value = item.get("ParameterValue")
        if value is not None:
            found[name.raw] = (made(name.raw, name), value)
    return found or None
