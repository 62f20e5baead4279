"""Reports on the site in the colours that they have in a terminal."""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
_SIGN: Final = re.compile(
    r"(?P<good>✓)|(?P<bad>✗)|(?P<block>\bBLOCK\b(?= P\d))|(?P<p0>\bP0\b(?= [A-Z]+-\d))|(?P<p1>\bP1\b(?= [A-Z]+-\d))"
    r"|(?P<p2>\bP2\b(?= [A-Z]+-\d))|(?P<p3>\bP3\b(?= [A-Z]+-\d))|(?P<warn>\bWARN\b(?= P\d))|(?P<pass>\bPASS\b(?=[ \n]))"
)


def coloured(html: str) -> str:
    """The page with levels, verdicts and marks of its code blocks in elements of their own class."""
    parts = _BLOCK.split(html)
    return "".join(_marked(part) if part.startswith("<pre>") else part for part in parts)


def _marked(block: str) -> str:
    return _SIGN.sub(lambda sign: f'<span class="report-{sign.lastgroup}">{sign[0]}</span>', block)
