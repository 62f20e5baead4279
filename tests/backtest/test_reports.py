"""The report as text, JSON and HTML: whole, stable, by its schema, and harmless whatever a repository holds."""

from __future__ import annotations

import json as standard
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from riskcheck.backtests import FEW, BacktestReport, RuleFacts, Settings
from riskcheck.data import data_text
from riskcheck.history.backtest import backtest
from riskcheck.history.model import FiredRule
from riskcheck.report.backtest import html, json, text
from riskcheck.report.style import Style
from tests.backtest import snapshots
from tests.backtest.example import example
from tests.backtest.simulated import RULES, row, rows, several

MARKUP = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
HOSTILE = f"{MARKUP}\x1b[31m\u202e\n::error::x ##[error]y # - *a* 'q\" someone@example.com"
SCHEMA: Any = standard.loads(data_text("schemas", "backtest.schema.json"))
VALIDATOR = Draft202012Validator(SCHEMA)


def hostile() -> BacktestReport:
    rules = (
        RuleFacts(HOSTILE, HOSTILE, "P2", HOSTILE, HOSTILE),
        RuleFacts("ABC-001", HOSTILE, "P1", "data", "reversible"),
    )
    changes = [
        row(
            at,
            repository=f"{at % 2} {HOSTILE}",
            commit=HOSTILE,
            reverted=at % 5 == 0,
            points=float(at % 5 == 0),
            rules=(FiredRule(HOSTILE, "P2"),) if at % 5 else (FiredRule("ABC-001", "P1"),),
        )
        for at in range(400)
    ]
    return backtest(changes, Settings(draws=20, rules=rules))


REPORTS: dict[str, Callable[[], BacktestReport]] = {
    "nothing": lambda: backtest([]),
    "none judged": lambda: backtest([row(human=False)]),
    "none reverted": lambda: backtest([row(at) for at in range(20)]),
    "all reverted": lambda: backtest([row(at, reverted=True) for at in range(20)]),
    "one": lambda: backtest(rows(600), Settings(draws=20, rules=RULES)),
    "several": lambda: backtest(several(3, 300), Settings(draws=20)),
    "few": lambda: backtest(rows(100, rate=0.02), Settings(draws=20, rules=RULES)),
    "likelihood alone": lambda: backtest(
        [one._replace(verdict=None, score=None, rules=()) for one in rows(500)]
    ),
    "hostile": hostile,
    "example": example,
}


@cache
def report(name: str) -> BacktestReport:
    return REPORTS[name]()


@pytest.mark.parametrize("name", snapshots.NAMES)
def test_the_example_reads_as_its_snapshot(name: str) -> None:
    assert snapshots.made()[name] == (snapshots.FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_json_is_as_its_schema_asks(name: str) -> None:
    written = json.render(report(name))
    VALIDATOR.validate(standard.loads(written))
    assert written.isascii()
    assert "example.com" not in written
    assert "##[" not in written


def test_the_schema_asks_for_every_key() -> None:
    """What a program reads is there, or null; and nothing is there that is not described."""
    loose: list[Any] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node and (
                sorted(node["required"]) != sorted(node["properties"])
                or node["additionalProperties"] is not False
            ):
                loose.append(node)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(SCHEMA)
    assert loose == []
    document = standard.loads(json.render(report("several")))
    assert list(document) == list(SCHEMA["properties"])


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("colour", [False, True])
def test_text_fits_a_terminal_and_cannot_command_it(name: str, colour: bool) -> None:
    written = text.render(report(name), Style(colour=colour))
    plain = written.replace("\x1b[34m", "").replace("\x1b[0m", "")
    assert all(one.isprintable() or one == "\n" for one in plain)
    assert "example.com" not in plain
    assert "##[" not in plain
    assert not any(line.lstrip().startswith("::") for line in plain.splitlines())
    if name != "hostile":
        assert max(map(len, plain.splitlines())) <= 80


def test_few_reverts_among_the_later_changes_carry_no_conclusion() -> None:
    changes = [
        one._replace(label="ordinary", lag=None) if one.number > 640 else one for one in rows(1_000, rate=0.1)
    ]
    changes = [one._replace(points=50.0 if one.label == "reverted" else 0.0) for one in changes]
    found = backtest(changes, Settings(draws=50))
    later = next(one for one in found.rankings if one.part == "later")
    assert 0 < later.reverted < FEW
    assert any((one.auc.low or 0) > 0 for one in found.differences if one.part == "later")
    written = text.render(found).replace("\n  ", " ")
    assert f"Only {later.reverted} reverted: under 10, these numbers carry no conclusion." in written
    better = written.partition("better than ")[2].partition(";")[0]
    assert "logistic" not in better


def test_without_rules_nothing_is_said_of_rules() -> None:
    written = text.render(report("likelihood alone"))
    assert "no rule was asked" in written.replace("\n  ", " ")
    assert "block: the gate" not in written
    assert "Which rules earn their keep" not in written


def test_few_reverts_are_said_and_nothing_is_concluded() -> None:
    written = text.render(report("few"))
    assert "no conclusion is drawn" in written
    assert "tells them apart" not in written
    assert "better than" not in written
    assert "earns its keep:" not in written


class _Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "line", "path", "circle", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_closed_and_carries_nothing_alive(name: str) -> None:
    page = _Page()
    page.feed(html.render(report(name)))
    assert page.open == []
    assert not {"script", "img", "iframe", "link", "form"} & set(page.tags)
    names = [attribute for attribute, _ in page.attributes]
    assert not [one for one in names if one.startswith("on") or one in ("style", "src", "srcset")]
    links = [value for attribute, value in page.attributes if attribute == "href"]
    assert all((one or "").startswith("#") for one in links)
    ids = [value for attribute, value in page.attributes if attribute == "id"]
    assert len(ids) == len(set(ids))
    assert "example.com" not in html.render(report(name))


def test_each_plot_has_a_title_a_description_and_a_table() -> None:
    written = html.render(report("one"))
    plots = written.count('<svg class="plot"')
    assert plots == 6  # two gate curves, rules, two rankings, calibration
    assert written.count("<title id=") == written.count("<desc id=") == plots
    assert written.count("<table>") >= plots


def test_a_model_that_some_repositories_have_too_little_for_is_told() -> None:
    changes = [*several(2, 600, rate=0.1), *rows(600, repository="quiet", rate=0.1, effect=0.0)]
    changes = [
        one._replace(label="ordinary", lag=None) if one.repository == "quiet" and one.number < 360 else one
        for one in changes
    ]
    written = text.render(backtest(changes, Settings(draws=20)))
    assert "metadata logistic: in 2 of 3 repositories; the others have too few reverts" in written
    assert written.count("metadata logistic (others): in") == 0


def test_the_order_of_rows_changes_no_byte() -> None:
    changes = several(2, 200)
    settings = Settings(draws=20, rules=RULES)
    first, second = backtest(changes, settings), backtest(changes[::-1], settings)
    for render in (text.render, json.render, html.render):
        assert render(first) == render(second)
