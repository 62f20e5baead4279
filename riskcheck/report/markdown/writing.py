"""Text from a checked repository, written into Markdown so that it stays text.

GitHub and GitLab look for mentions and references in what Markdown *renders to*, so an entity for ``@`` would still
notify somebody. What they look for is therefore broken by a character without width, outside of code, where neither
looks:

https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
https://docs.gitlab.com/user/markdown/#gitlab-specific-references
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from riskcheck.report.rows import Row

_SPECIAL: Final = r"[\\`*{}\[\]<>#|~!&@$%^\"]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^(?:[-+=]|\d{1,9}[.)])"
"""What ends in a character that Markdown, HTML or what comes after them would take for its own; the last
kind begins a list. An underscore within a word is none, and names are full of them."""

LONGEST: Final = 600
"""Characters of one text; longer ones are shortened, since a comment has room for only so many."""

_REFERENCE: Final = (
    r"[@#!~$%^&*\[](?=[\w\"(\[])|(?<![A-Za-z0-9])[Gg][Hh](?=-\d)|:(?=//)|(?i:(?<!\w)www)(?=\.)"
)
"""What a reference, a mention or a link without brackets begins with."""
_LIST: Final = r"[-+=]|\d{1,9}[.)]"
"""What makes a list or a heading of a line that begins with it."""
_BREAK: Final = "&#8203;"


def text(words: str, most: int = LONGEST) -> str:
    """`words` on one line, as they stand. Safe in a paragraph, a list, a heading, a table cell, a summary."""
    return _text(" ".join(shortened(plain(words), most).split()))


def code(words: str, most: int = LONGEST) -> str:
    """`words` as a code span. Not for table cells and summaries."""
    held = shortened(plain(words), most)
    # No comment of HTML, not even as code: some who look for one look at the source.
    if not held.strip() or "<!--" in held:
        return text(held, most)
    ticks = max((len(run) for run in re.findall("`+", held)), default=0)
    fence = "`" * (ticks + 1)
    room = " " if "`" in (held[0], held[-1]) or held[0] == held[-1] == " " else ""
    return f"{fence}{room}{held}{room}{fence}"


def prose(words: str, most: int = LONGEST) -> str:
    """`words` with what stands between two backticks as code."""
    held = " ".join(shortened(plain(words), most).split())
    pieces = held.split("`")
    if len(pieces) % 2 == 0 or not all(pieces[1::2]):
        return _text(held)
    return "".join(code(one, most) if number % 2 else _text(one) for number, one in enumerate(pieces))


def item(row: Row) -> str:
    """One thing that is said, as an item of a list."""
    mark = "" if row.found is None else ("✓ " if row.found else "✗ ")
    return f"- **{row.label}** {mark}{prose(row.text)}"


def _text(held: str) -> str:
    if held.isascii() and held.replace(" ", "").isalnum():
        return held
    parts: list[str] = []
    end = 0
    lead = re.match(_LIST, held)
    if lead is not None:
        end = lead.end()
        parts.append(f"{held[: end - 1]}&#{ord(held[end - 1])};")
    for found in re.finditer(_REFERENCE, held):
        parts += (_entities(held[end : found.end()]), _BREAK)
        end = found.end()
    return "".join((*parts, _entities(held[end:])))


def _entities(words: str) -> str:
    return re.sub(_SPECIAL, lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", words)
