"""What the text of a file of Terragrunt says of other files, without parsing it."""

from __future__ import annotations

import re
from typing import Final

from riskcheck.regexes import regex

READ: Final = "read:"
"""Starts a path that the file mentions, as it is written: ``read:../${get_env("ENV")}.tfvars``."""

PARENT: Final = "parent"
"""The file looks for the next ``terragrunt.hcl`` above."""

LOCAL: Final = "source:"
"""Starts a local module source, as it is written."""

COMPUTED: Final = "computed"
"""The module source is an expression that the text alone does not tell."""

_LITERAL: Final = regex(r'"((?:[^"$\n]|\$\{[^{}\n]{0,200}\}|\$(?!\{)){1,300})"')
_FILES: Final = (".hcl", ".tfvars", ".json", ".yaml", ".yml", ".tf", ".tofu")
_PARENT: Final = regex(r"\bfind_in_parent_folders\(\s*\)")
_SOURCE: Final = regex(r"^[ \t]*source[ \t]*=[ \t]*(.+)$", re.MULTILINE)
_RELATIVE: Final = regex(r'"(\.{1,2}/[^"$\n]{0,300})"')
_PLAIN: Final = regex(r'"[^"$\n]*"[ \t\r]*(?:#|//|$)')


def told_by(content: bytes) -> tuple[str, ...]:
    """The facts of one file. A pure function of the bytes."""
    text = content.decode("utf-8", "replace")
    found = [f"{READ}{path}" for path in _LITERAL.findall(text) if path.endswith(_FILES)]
    if _PARENT.search(text):
        found.append(PARENT)
    for written in _SOURCE.findall(text):
        local = _RELATIVE.findall(written)
        if local:
            found += [f"{LOCAL}{source}" for source in local]
        elif not _PLAIN.match(written) and "::" not in written:
            found.append(COMPUTED)
    return tuple(dict.fromkeys(found))
