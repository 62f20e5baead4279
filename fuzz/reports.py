"""What every report must be, whatever it is about: valid in its format, and no command of whatever reads it."""

from __future__ import annotations

import json
import zlib
from html.parser import HTMLParser
from importlib import import_module
from typing import Final
from xml.etree import ElementTree

from riskcheck.commands import FORMATS
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions
from riskcheck.report.text import render as text_of
from riskcheck.results import Report
from tests.report.formats import KINDS, read_github, read_gitlab, read_junit, read_sarif
from tests.report.rendering import offences

_SCHEMAS_IN: Final = 32
"""One report of so many is held against the published schemas, which takes longer than everything else."""


def check(report: Report) -> None:
    """Renders `report` in every format and checks each. Raises `AssertionError` and what the parsers raise."""
    said = text_of(report, Style(), TextOptions(explain=True))
    thorough = zlib.crc32(said.encode("utf-8", "backslashreplace")) % _SCHEMAS_IN == 0
    assert not read_github(said), "text: a workflow command"
    _printable("text", said)
    for format_, module in FORMATS.items():
        if format_ == "text":
            continue
        written = import_module(module).render(report)
        written.encode()
        _CHECKS[format_](written, thorough)


def _printable(format_: str, text: str) -> None:
    odd = {sign for sign in text if (sign < " " and sign != "\n") or sign in "\x7f\x85\u2028\u202e\u2066"}
    assert not odd, f"{format_}: {odd!r}"


def _json(text: str, thorough: bool) -> None:
    json.loads(text)
    assert not read_github(text), "json: a workflow command"


def _sarif(text: str, thorough: bool) -> None:
    if thorough:
        read_sarif(text)
    _json(text, thorough)


def _gitlab(text: str, thorough: bool) -> None:
    if thorough:
        read_gitlab(text)
    _json(text, thorough)


def _junit(text: str, thorough: bool) -> None:
    ElementTree.fromstring(text)
    if thorough:
        read_junit(text)
    assert not read_github(text), "junit: a workflow command"


def _github(text: str, thorough: bool) -> None:
    assert {command.name for command in read_github(text)} <= set(KINDS), "github: a command of its own"


def _markdown(text: str, thorough: bool) -> None:
    if thorough:
        found = [
            one for one in offences(text) if not one.startswith(("fence", "link_open {'href': 'https://"))
        ]
        assert not found, f"markdown: {found[:3]}"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def _html(text: str, thorough: bool) -> None:
    if not thorough:
        return  # a hundred kilobytes each
    reader = _Tags()
    reader.feed(text)
    for tag, attributes in reader.found:
        assert tag not in ("iframe", "object", "embed", "base"), f"html: <{tag}>"
        assert not any(name.startswith("on") for name in attributes), f"html: {attributes}"
        for name in ("href", "src", "action"):
            value = (attributes.get(name) or "").strip().lower()
            assert not value.startswith(("javascript:", "data:text", "vbscript:")), f"html: {name}={value}"


_CHECKS: Final = {
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "gitlab": _gitlab,
    "markdown": _markdown,
    "html": _html,
}
