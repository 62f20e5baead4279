"""Markdown as GitHub renders it: CommonMark with tables, strikethrough and bare links, and raw HTML let through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

OUR_HTML = re.compile(
    r"<!-- riskcheck:[a-z]+ -->\n?|<details><summary>[^<>]*</summary>\n?|</details>\n?",
)
REFERENCE = re.compile(r"(?<!\w)[@#!~$%^&][\w\"(]|(?<![A-Za-z0-9])GH-\d|://|(?<!\w)www\.|\[\w", re.IGNORECASE)
"""What GitHub or GitLab would make a mention, a reference or a link of, in text that is not code."""


def parser() -> MarkdownIt:
    found = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert found.linkify is not None
    # Neither site links a bare domain, but "www." and what has a scheme.
    found.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return found


def tokens(markdown: str) -> Iterator[Token]:
    """All tokens, those inside of paragraphs and cells too."""
    for token in parser().parse(markdown):
        yield token
        yield from token.children or ()


def html(markdown: str) -> str:
    return str(parser().render(markdown))


def offences(markdown: str) -> list[str]:
    """What the text makes of itself beyond text: links, images, HTML that is not ours, mentions, references."""
    found = []
    for token in tokens(markdown):
        if token.type in ("link_open", "image", "fence", "code_block", "blockquote_open", "hr"):
            found.append(f"{token.type} {token.content or token.attrs}")
        elif token.type in ("html_block", "html_inline"):
            rest = OUR_HTML.sub("", token.content)
            if rest.strip() or REFERENCE.search(_decoded(token.content)):
                found.append(f"{token.type} {token.content}")
        elif token.type == "text" and REFERENCE.search(token.content):
            found.append(f"text {token.content}")
    return found


def visible(markdown: str) -> str:
    """What a reader sees, code included."""
    return "".join(token.content for token in tokens(markdown) if token.type in ("text", "code_inline"))


def _decoded(content: str) -> str:
    from html import unescape

    return unescape(content.replace("<!--", "").replace("-->", ""))
