"""One way to write JSON, so that equal content has equal bytes and one digest."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskcheck.report.json import Json


def written(document: Json) -> str:
    """`document` for a file: keys sorted, indented by two, ASCII, ending in a newline."""
    return json.dumps(document, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def digest(document: Json) -> str:
    """``sha256:…`` over `document` with keys sorted and nothing between tokens, in ASCII."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return f"sha256:{sha256(text.encode('ascii')).hexdigest()}"
