"""Recognises text that is a template of a format rather than the format, and secrets encrypted with sops."""

from __future__ import annotations

import re
from typing import Final

from riskcheck.nodes import Mapping, Node
from riskcheck.records import NamedTuple

# Patterns are kept as text, compiled on first use: most runs meet no broken document.
_CONTROL_LINE: Final = r"^[ \t]*+(?:-[ \t]++)?(?:\{\{|\{%|\{#|<%)"
_MARK: Final = r"\{\{|\{%|\{#|<%|\$\{"
_GO: Final = r"\{\{-?[ \t]*+(?:/\*|[.$(]|(?:if|else|end|range|with|define|template|block|include)\b)|-\}\}"
_JINJA: Final = r"\{%|\{#"
_ENCRYPTED_VALUE: Final = "ENC[AES256_GCM,"


class Template(NamedTuple):
    """syntax: ``go-template``, ``jinja``, ``erb`` or ``shell``. line: 1-based, of the mark that tells."""

    syntax: str
    line: int


def recognise(text: str, broken_at: int) -> Template | None:
    """The template syntax that makes `text` unreadable at line `broken_at` (1-based), or None.

    Marks inside ordinary scalars (``${var.x}``, ``"{{ job.id }}"``) are no templates of the format: only a mark
    at the place of the error, or a line that begins with one, explains why the text does not parse.
    """
    lines = text.split("\n")
    for number in (broken_at, broken_at - 1):
        if 0 < number <= len(lines) and (mark := re.search(_MARK, lines[number - 1])):
            return Template(_syntax(text, mark[0]), number)
    control = re.search(_CONTROL_LINE, text, re.MULTILINE)
    if control is None:
        return None
    return Template(_syntax(text, control[0].lstrip(" \t-")), text.count("\n", 0, control.end()) + 1)


def _syntax(text: str, mark: str) -> str:
    """``{{ name }}`` alone is both Go template and Jinja: it is called Jinja unless only Go has the rest."""
    if mark == "${":
        return "shell"
    if mark == "<%":
        return "erb"
    return "go-template" if re.search(_GO, text) and not re.search(_JINJA, text) else "jinja"


def is_encrypted(text: str, root: Node | None) -> bool:
    """Whether sops encrypted the values (https://github.com/getsops/sops): then only keys can be compared."""
    if _ENCRYPTED_VALUE in text:
        return True
    sops = root.get("sops") if isinstance(root, Mapping) else None
    return isinstance(sops, Mapping) and sops.get("mac") is not None
