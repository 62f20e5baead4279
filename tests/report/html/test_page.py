"""The HTML report as text: its policy, its data, its bounds. What it does in a browser is in `test_browser`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from riskcheck.report.html import render
from riskcheck.report.html.library import Library, asset
from riskcheck.report.html.markup import data, prose, text
from riskcheck.report.html.reach import drawable, edges, graph_data
from riskcheck.report.html.values import value
from riskcheck.results import Report, ServiceLink
from tests.acceptance.test_examples import report
from tests.findings import finding
from tests.report.html import reports

VOID = {"meta", "input", "rect", "path"}


class Page(HTMLParser):
    """Elements with their attributes; the content of styles and of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": [], "data": []}
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in self.raw:
            self.raw["data" if "type" in dict(attrs) else tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, content: str) -> None:
        last = self.open[-1] if self.open else ""
        if last == "script":
            kind = "data" if "type" in self.tags[-1][1] else "script"
            self.raw[kind][-1] += content
        elif last == "style":
            self.raw["style"][-1] += content
        else:
            self.text += content


ALL: dict[str, Callable[[], Report]] = {
    "hostile": reports.hostile,
    "empty": reports.empty,
    "estate": lambda: reports.estate(60, 12, 60),
    "example": lambda: report("jobs-control-plane", "risky"),
}


@pytest.mark.parametrize("name", ALL)
def test_elements_close_and_carry_nothing_that_runs(name: str) -> None:
    page = Page(render(ALL[name]()))
    assert page.open == []
    for tag, attributes in page.tags:
        assert tag not in {"img", "iframe", "object", "embed", "base", "link", "noscript"}, tag
        for key, held in attributes.items():
            assert not key.startswith("on") and key not in {"style", "src", "srcset", "action"}, (tag, key)
            if key == "href":
                assert held and held.startswith("#"), held
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {held[1:] for _, attributes in page.tags if (held := attributes.get("href"))} <= ids


@pytest.mark.parametrize("name", ALL)
def test_the_policy_allows_what_is_there_and_nothing_else(name: str) -> None:
    page = Page(render(ALL[name]()))
    (policy,) = [one["content"] for _, one in page.tags if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None

    def digests(contents: list[str]) -> str:
        found = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in contents)
        return " ".join(f"'sha256-{one}'" for one in found)

    assert policy == (
        f"default-src 'none'; script-src {digests(page.raw['script'])}; "
        f"style-src {digests(page.raw['style'])}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert "unsafe" not in policy
    assert "url(" not in page.raw["style"][0] and "@import" not in page.raw["style"][0]


def test_own_scripts_never_write_markup() -> None:
    for name in ("page.js", "graph.js"):
        script = asset(name)
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", script
        )
        assert not re.search(r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(", script)
        assert "</script" not in script and "<!--" not in script


def test_data_cannot_leave_its_element() -> None:
    written = data(list(reports.PAYLOADS))
    assert not set(written) & set("<>&\u2028\u2029")
    assert written.isascii()
    assert json.loads(written) == list(reports.PAYLOADS)


def test_a_library_that_holds_an_end_tag_does_not_end_its_element(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskcheck.report.html.library.data_text", lambda *_: 'const a = "</script><!--";')
    page = Page(render(report("jobs-control-plane", "risky")))
    assert page.open == []
    assert page.raw["script"][1] == 'const a = "<\\/script><\\!--";'


def test_text_is_escaped_and_without_addresses() -> None:
    assert text("<b>&\"' a.b@mail.example \x1b[1m\u202e") == (
        "&lt;b&gt;&amp;&quot;&#x27; [mail address] \\x1b[1m\\u202e"
    )
    assert prose("set `a<b>` & `c") == "set <code>a&lt;b&gt;</code> &amp; `c"


def test_mail_addresses_are_nowhere_in_the_page() -> None:
    address = "jane.doe@mail.example"
    found = reports.hostile()
    held = tuple(
        finding(message=address, before=address, after={"to": [address]}, service=address, why=address)
        for _ in range(3)
    )
    reached = tuple(one._replace(path=(address, address)) for one in found.services)
    assert address not in render(found._replace(findings=held, services=reached, notes=(address,)))


def test_values_name_nobody_and_are_bounded() -> None:
    given = {
        "name": "web",
        "annotations": {"example.org/requester": "jdoe", "project-owner": "jdoe"},
        "n": [1],
    }
    shown = value(given)
    assert "jdoe" not in shown
    assert "web" in shown
    assert value(given, whole=True) == '<i class="faint">the whole resource</i>'
    assert value("a\n<b>\n") == "a\n&lt;b&gt;\n"
    assert value(list(range(40))).endswith("… 26 more lines")
    assert (value(None), value(True), value(""), value(0)) == ("null", "true", '""', "0")


def test_the_same_report_is_the_same_page() -> None:
    assert render(reports.hostile()) == render(reports.hostile())
    assert render(report("gitops-fleet", "risky")) == render(report("gitops-fleet", "risky"))


def test_what_is_left_out_is_said() -> None:
    page = Page(render(reports.estate()))
    assert "1600 findings after the first 400 in one line each" in page.text
    assert "400 more resources left out" in page.text
    assert "200 more limits left out" in page.text
    assert len(render(reports.estate())) < 6_000_000


def test_a_matrix_of_many_cells_is_bounded() -> None:
    found = reports.estate(10, 400, 5, changed=300)
    page = Page(render(found))
    assert "800 more services left out" in page.text
    assert "250 more environments left out" in page.text


def test_edges_follow_the_ways_that_are_told() -> None:
    services = reports.estate(500, 6, 0).services
    pairs = edges(reports.estate(500, 6, 0))
    assert not any(pairs.values())
    assert {end for _, end in pairs} == {one.service.name for one in services if not one.changed}
    told = graph_data(reports.estate(500, 6, 0))
    assert isinstance(told, dict)
    assert isinstance(told["edges"], list)
    assert len(told["edges"]) == len(pairs)


def test_an_edge_says_the_relation_and_the_line_that_states_it() -> None:
    found = reports.estate(12, 6, 0)
    first, *rest = [one for one in found.services if not one.changed]
    start = first.reached_from[-1]
    links = (
        ServiceLink(start, first.service.name, "depends_on", "catalog.yaml:7"),
        ServiceLink(start, first.service.name, "mounts </script>"),
        ServiceLink(start, "not shown", "reads", "x.yaml:1"),
    )
    told = found._replace(links=links)
    assert list(edges(told)) == [(start, first.service.name)]
    drawn = graph_data(told)
    assert isinstance(drawn, dict) and isinstance(drawn["edges"], list)
    (edge,) = drawn["edges"]
    assert isinstance(edge, list)
    assert edge[2] == "depends_on (catalog.yaml:7), mounts </script>"
    whole = render(told)
    assert "depends_on (catalog.yaml:7), mounts &lt;/script&gt;" in whole
    assert "mounts </script>" not in whole
    assert rest


def test_a_page_without_a_graph_carries_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library("cytoscape()", "cytoscape", "1", "MIT")
    monkeypatch.setattr("riskcheck.report.html.page.library", lambda: library)
    assert "cytoscape()" in render(report("jobs-control-plane", "risky"))
    for found in (
        report("private-connectivity", "risky"),
        reports.empty(),
        reports.estate(9, 3, 9)._replace(state=True),
    ):
        assert not drawable(found)
        assert "cytoscape()" not in render(found)


def test_what_a_merger_needs_stands_first() -> None:
    shown = Page(render(report("jobs-control-plane", "risky"))).text
    order = [
        shown.index(one)
        for one in (
            "Blocked",
            "Replicas go from 12 to 6 in jobs-scheduler, in 2 production cells.",
            "P1 in production without canary evidence",
            "page the on-call engineer within 15\xa0min",
            "21.5",
            "Merge now",
            "clusters/canary-standard/scheduler.yaml",
            "judged on their own: pass",
            "Hold back",
            "clusters/prod-premium/scheduler.yaml",
            "Before the rest follows",
            "Services and environments",
            "Blast radius",
            "Findings",
        )
    ]
    assert order[:4] == sorted(order[:4])
    assert order[5:11] == sorted(order[5:11])


def test_a_finding_tells_its_evidence_and_whom_it_reaches() -> None:
    shown = Page(render(report("jobs-control-plane", "risky"))).text
    for said in (
        "scheduled-jobs (tier-2) ← jobs-scheduler ← Deployment jobs-scheduler",
        "canary-premium comes first (.github/workflows/deploy.yml:22) and does not get this value",
        "the inverse change hits no rule of class lossy or irreversible",
        "platform: team-jobs-control-plane (jobs-scheduler), team-customer-workloads (scheduled-jobs)",
        "prod-premium is production",
        "riskcheck explain K8S-001",
    ):
        assert said in shown, said


def test_waived_findings_stand_apart() -> None:
    page = Page(render(reports.hostile()))
    waived = sum(one.waiver is not None for one in reports.hostile().findings)
    live = len(reports.PAYLOADS) - waived
    assert waived
    assert sum("data-level" in one and tag == "details" for tag, one in page.tags) == live
    assert "Waived findings" in page.text
