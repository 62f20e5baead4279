"""CustomResourceDefinitions: the largest objects there are, and mostly the same on both sides.

Their ``spec`` is parsed when somebody looks into it. Until then an object consists of what stands before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse
from riskcheck.nodes import Deferred, Mapping, Scalar, Source
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.documents.store import Chunk
    from riskcheck.models import Side
    from riskcheck.nodes import Node

_KIND: Final = regex(r"""^kind:[ \t]*["']?CustomResourceDefinition["']?[ \t]*\r?$""", re.MULTILINE)
_SPEC: Final = regex(r"^spec:[ \t]*\r?\n", re.MULTILINE)
_NEXT: Final = regex(r"^(?:[A-Za-z]|\.\.\.)", re.MULTILINE)
_INDENT: Final = regex(r"( +)[A-Za-z]+:")
_WORTH: Final = 2_000
"""Characters below which parsing is as quick as looking."""


def deferred(chunk: Chunk, side: Side) -> Mapping | None:
    """The definition in `chunk` with a `Deferred` spec; None where it is something else, or too small to matter."""
    text = chunk.text
    if len(text) < _WORTH or "CustomResourceDefinition" not in text[:_WORTH]:
        return None
    cut = _SPEC.search(text)
    if cut is None or not _KIND.search(text, 0, cut.start()):
        return None
    after = _NEXT.search(text, cut.end())
    end = after.start() if after is not None else len(text)
    indent = _INDENT.match(text, cut.end())
    if indent is None:
        return None
    first, lines = text.count("\n", 0, cut.end()), text.count("\n", cut.end(), end)
    try:
        # All but what the spec holds, in its place.
        breaks = "\n" * lines
        rest = f"{text[: cut.end()]}{breaks}{text[end:]}"
        root = parse(rest, Source(chunk.path, side, chunk.first_line)).root
    except Rejected:
        return None
    if not isinstance(root, Mapping) or not isinstance(root.get("metadata"), Mapping):
        return None
    content = text[cut.end() : end]
    keys = frozenset(re.findall(rf"^{indent[1]}([A-Za-z]+):", content, re.MULTILINE))
    from hashlib import blake2b  # large definitions are rare, and loading it costs a fifth of a bare start

    digest = blake2b(content.encode(), digest_size=16).digest()
    spec = Deferred(
        lambda: _entries(chunk), keys, digest, root.source, first, len(indent[1]), first + lines, 0
    )
    return root.with_entries([(key, spec if key.raw == "spec" else node) for key, node in root.entries])


def _entries(chunk: Chunk) -> list[tuple[Scalar, Node]]:
    """What the spec states; nothing, where it cannot be read."""
    root = chunk.root
    spec = root.get("spec") if isinstance(root, Mapping) else None
    return spec.entries if isinstance(spec, Mapping) else []
