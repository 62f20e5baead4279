"""Recognises text that is a template of a format rather than the format, and secrets encrypted with sops."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from riskcheck.nodes import Mapping, Node

_MARK: Final = re.compile(r"\{\{|\{%|\{#|\$\{|<%")
_GO: Final = re.compile(
    r"\{\{-?\s*(?:/\*|[.$(]|(?:if|else|end|range|with|define|template|block|include|toYaml|tpl|required|"
    r"default|quote|printf|lookup|nindent|indent|fail|not|and|or|eq|ne)\b)|-\}\}"
)
_JINJA: Final = re.compile(r"\{%|\{#")
_ENCRYPTED_VALUE: Final = "ENC[AES256_GCM,"


class Template(NamedTuple):
    """syntax: ``go-template``, ``jinja``, ``erb`` or ``shell``. line: 1-based, of its first use."""

    syntax: str
    line: int


def recognise(text: str) -> Template | None:
    """The template syntax that `text` uses, told by its first marks; None where there are none.

    ``{{ name }}`` alone is both Go template and Jinja; it is called Jinja unless the text has what only Go
    has.
    ``${…}`` counts only where nothing else is there: inside scalars it is ordinary text.
    """
    shell: Template | None = None
    for match in _MARK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        mark = match[0]
        if mark == "${":
            shell = shell or Template("shell", line)
            continue
        if mark == "<%":
            return Template("erb", line)
        if mark == "{{":
            return Template("go-template" if _GO.search(text) and not _JINJA.search(text) else "jinja", line)
        return Template("jinja", line)
    return shell


def is_encrypted(text: str, root: Node | None) -> bool:
    """Whether sops encrypted the values (https://github.com/getsops/sops): then only keys can be compared."""
    if _ENCRYPTED_VALUE in text:
        return True
    if "sops" not in text or not isinstance(root, Mapping):
        return False
    sops = root.get("sops")
    return isinstance(sops, Mapping) and sops.get("mac") is not None
