"""Text into HTML: everything passes through here, whoever wrote it."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from riskcheck.phrases import many
from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Location
    from riskcheck.report.json import Json

LONGEST: Final = 1_000
"""Characters of one piece of text; a value can be a whole file."""


def text(value: str, longest: int = LONGEST) -> str:
    """`value` as it may stand between tags and in a quoted attribute."""
    return escape(shortened(plain(value), longest))


def named(value: str, longest: int = LONGEST) -> str:
    """`value` as the text of a link or heading, which must not be empty."""
    return text(value, longest) if value.strip() else "(no name)"


def prose(value: str) -> str:
    """A sentence of a rule: what stands in backticks is code."""
    return re.sub(r"`([^`]{1,200})`", r"<code>\1</code>", text(value))


def code(value: str, longest: int = LONGEST) -> str:
    """`value` as code; nothing where it is empty."""
    return f"<code>{text(value, longest)}</code>" if value else ""


def place(location: Location) -> str:
    """``path:line``, with a word where it is on the side of base."""
    if not location.path:
        return ""
    side = ' <span class="faint">in base</span>' if location.side == "base" else ""
    return f"{code(f'{location.path}:{location.line}')}{side}"


def items(rows: Iterable[str], kind: str = "ul", look: str = "") -> str:
    """A list of rows that are HTML already; nothing where there are none."""
    held = "".join(f"<li>{row}</li>" for row in rows)
    shape = f' class="{look}"' if look else ""
    return f"<{kind}{shape}>{held}</{kind}>" if held else ""


def attributes(values: Mapping[str, str]) -> str:
    """`values` as attributes, with a space before each."""
    return "".join(f' {name}="{text(value)}"' for name, value in values.items())


def filter_link(**values: str) -> str:
    """Attributes of a link to the findings that sets these filters, where there is a script to set them."""
    asked = "&".join(f"{name}={quote(plain(value), safe='')}" for name, value in values.items() if value)
    return f'href="#findings" data-filter="{escape(asked)}"'


def table(label: str, columns: Sequence[str], *, tall: bool = False) -> str:
    """The beginning of a table that scrolls by itself, up to its rows; `TABLE_END` ends it. columns: their titles;
    one that starts with ``#`` holds numbers."""
    heads = "".join(
        f'<th scope="col" class="number">{one[1:]}</th>'
        if one.startswith("#")
        else f'<th scope="col">{one}</th>'
        for one in columns
    )
    return (
        f'<div class="scroll{" tall" if tall else ""}" tabindex="0" role="group" aria-label="{label}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>"
    )


TABLE_END: Final = "</tbody></table></div>"


def left_out(number: int, what: str) -> str:
    """What a bound cut off, and where it is; nothing where it cut off nothing."""
    if number <= 0:
        return ""
    return (
        f'<p class="faint">{many(number, f"more {what}")} left out; <code>--format json</code> has all.</p>'
    )


def data(document: Json) -> str:
    """JSON that can stand in a ``script`` element: nothing in it can end the element or open a comment."""
    written = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
