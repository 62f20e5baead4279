"""Every format says the same, and no name of a repository says anything in it but itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pydot
import pytest
from jsonschema import Draft202012Validator

from riskcheck.charts import Chart, Link, Member, Scope
from riskcheck.dependencies import Edge
from riskcheck.models import Service
from riskcheck.report.graph import dot, html, layout, mermaid, text
from riskcheck.report.graph import json as graph_json
from riskcheck.report.style import Style
from tests.report.graph.charts import HOSTILE, hostile, ordinary

ROOT = Path(__file__).parents[3]
SCOPES = get_args(Scope)


def test_text_of_the_whole_graph() -> None:
    assert (
        text.render(ordinary(), Style())
        == """\
5 services, 3 dependencies (2 hard, 1 soft)

ledger                                                ledger/catalog-info.yaml:4
  needed by orders

mail
  needed by orders

orders  team-orders, tier-1, sox, SLO 99.9%           orders/catalog-info.yaml:4
  needs     ledger (hard): dependsOn orders/catalog-info.yaml:9
  needs     mail (soft): dependsOn orders/catalog-info.yaml:10
  needed by web

web  team-web                                            web/catalog-info.yaml:4
  needs     orders (hard): run_job_task web/databricks.yml:14

  alone     lonely

  conflict  owner of orders: team-orders (riskcheck.yaml:4) holds; b.yaml:7 says
            team-x
  dangling  nothing declares mail, which orders/catalog-info.yaml:10 needs
  limit     x/catalog-info.yaml:3: found a tab
  note      one note
"""
    )


def test_text_around_a_service() -> None:
    shown = text.render(ordinary("service"), Style(unicode=False))
    assert "  parts     job x\n" in shown
    assert "  needs     ledger (hard): dependsOn orders/catalog-info.yaml:9\n" in shown
    assert "  needed by web (hard): run_job_task web/databricks.yml:14\n" in shown


def test_text_of_a_change_shows_the_path_by_which_each_service_is_reached() -> None:
    shown = text.render(ordinary("changed"), Style())
    assert shown.startswith("aaaaaaaaaaaa..WORKTREE: 1 service changed, 1 more reached\n")
    assert "  changed   orders (team-orders, tier-1, sox, SLO 99.9%)\n            job x\n" in shown
    assert "  reaches   web (team-web): strength 1.00, 1 hop\n            web ← job x\n" in shown
    assert "            web run_job_task job x: web/databricks.yml:14\n" in shown


def big(number: int) -> Chart:
    names = [f"service-{one:05}" for one in range(number)]
    edge = Edge("service:a", "service:b", "hard", "dependsOn")
    links = [Link(name, names[0], "hard", (edge,)) for name in names[1:]]
    return Chart("whole", "x", tuple(Member(Service(name)) for name in names), tuple(links), total=number)


def test_text_is_bounded_and_says_what_it_leaves_out() -> None:
    shown = text.render(big(10_000), Style())
    assert len(shown.splitlines()) < 400
    assert "left out  9960 services with dependencies" in shown
    assert "and 9987 more" in " ".join(shown.split())


def test_html_of_a_big_graph_draws_nothing_and_says_so() -> None:
    page = html.render(big(3_000))
    assert "3000 services are too many to draw" in page
    assert "1000 more services are left out" in page
    assert "<svg" not in page


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_keep_to_the_width_where_words_allow(width: int) -> None:
    for scope in SCOPES:
        for line in text.render(ordinary(scope), Style(), width).splitlines():
            assert len(line) <= width


def test_text_lets_no_control_character_through() -> None:
    shown = text.render(hostile(), Style(colour=False))
    assert all(one.isprintable() or one == "\n" for one in shown)
    assert "\x1b" not in shown and "\u202e" not in shown


QUOTED = r'"(?:[^"\\\n]|\\.)*"'
DOT = re.compile(
    rf"digraph {QUOTED} \{{|\}}|  rankdir=LR;|  (?:node|edge) \[[^\]]*\];"
    rf"|  s\d+ \[label={QUOTED}(?:, \w+=(?:{QUOTED}|\d+))*\];"
    rf"|  s\d+ -> s\d+ \[style=\w+, label={QUOTED}, tooltip={QUOTED}\];"
)


@pytest.mark.parametrize("chart", [hostile(), *map(ordinary, SCOPES), big(3)])
def test_dot_is_nothing_but_boxes_and_arrows(chart: Chart) -> None:
    lines = dot.render(chart).splitlines()
    assert [line for line in lines if not DOT.fullmatch(line)] == []
    assert sum(" -> " in line and line.startswith("  s") and "[style" in line for line in lines) == len(
        chart.links
    )


@pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")  # pydot's own, of pyparsing
@pytest.mark.parametrize("chart", [hostile(), *map(ordinary, SCOPES)])
def test_a_parser_of_dot_reads_the_same_boxes_and_arrows(chart: Chart) -> None:
    (graph,) = pydot.graph_from_dot_data(dot.render(chart)) or []
    names = {node.get_name() for node in graph.get_nodes()} - {"node", "edge"}
    assert len(names) == len(chart.members)
    assert len(graph.get_edges()) == len(chart.links)


LABEL = r'"(?:[A-Za-z0-9 .,/:_-]|#\d+;|<br/>)*"'
MERMAID = re.compile(
    rf"flowchart LR|  s\d+\[{LABEL}\](?::::(?:changed|reached))?"
    rf"|  s\d+ (?:-->|-\.->|-\.-o)\|{LABEL}\| s\d+|  classDef \w+ [\w:#,]+"
)


@pytest.mark.parametrize("chart", [hostile(), *map(ordinary, SCOPES), big(3)])
def test_mermaid_is_nothing_but_boxes_and_arrows(chart: Chart) -> None:
    assert [line for line in mermaid.render(chart).splitlines() if not MERMAID.fullmatch(line)] == []


@pytest.mark.parametrize("chart", [hostile(), *map(ordinary, SCOPES), big(3)])
def test_json_satisfies_its_schema(chart: Chart) -> None:
    schema = json.loads((ROOT / "schemas/graph.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    shown = graph_json.render(chart)
    Draft202012Validator(schema).validate(json.loads(shown))
    assert shown.isascii()


def test_json_keeps_every_name_as_it_is() -> None:
    shown = json.loads(graph_json.render(hostile()))
    assert [one["name"] for one in shown["services"]] == list(HOSTILE)
    assert shown["services"][1]["reached"]["edges"][0]["location"]["line"] == 3


class Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.style = self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data


@pytest.mark.parametrize("chart", [hostile(), *map(ordinary, SCOPES)])
def test_html_holds_no_script_no_address_and_no_tag_of_a_name(chart: Chart) -> None:
    page = Page(html.render(chart))
    assert page.open == []
    allowed = (
        "html head meta title style body header main footer section details summary h1 h2 h3 h4 p ul li a b i"
    )
    allowed += " span code div svg defs marker path rect text"
    assert {tag for tag, _ in page.tags} <= set(allowed.split())
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("style", "src") for name in attributes), (
            tag,
            attributes,
        )
        assert re.fullmatch(r"#s\d+", attributes.get("href") or "#s0")
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {
        (attributes.get("href") or "")[1:] for _, attributes in page.tags if attributes.get("href")
    } <= ids
    assert "alert(1)" not in page.style


def test_the_policy_of_the_page_allows_its_style_sheet_and_nothing_else() -> None:
    page = Page(html.render(ordinary()))
    policy = next(
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in page.style and "@import" not in page.style


def test_html_says_everything_that_text_says() -> None:
    page = Page(html.render(ordinary()))
    for said in (
        "orders/catalog-info.yaml:9",
        "team-orders, tier-1, sox, SLO 99.9%",
        "b.yaml:7 says team-x",
        "found a tab",
    ):
        assert said in page.text


def test_boxes_never_share_a_spot_and_stand_left_of_what_they_need() -> None:
    links = list(ordinary().links)
    spots = layout.place([one.service.name for one in ordinary().members], links)
    assert len(set(spots.values())) == len(spots)
    assert all(spots[link.dependant].layer < spots[link.dependency].layer for link in links)
    round_about = layout.place(HOSTILE, hostile().links)
    assert len(set(round_about.values())) == len(HOSTILE)
