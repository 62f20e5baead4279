"""What each format says of a report, read back from what it wrote: findings with their levels, verdict, paths."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import unquote

from riskcheck.commands import FORMATS
from riskcheck.report.places import WHOLE
from riskcheck.results import Report
from tests.report.formats import read_github, read_gitlab, read_junit, read_sarif

SEVERITY = {"blocker": "P0", "critical": "P1", "major": "P2", "minor": "P3"}
HEAD = re.compile(r"^(P\d) ([A-Z0-9]+-\d+)(?:  |$)", re.MULTILINE)
KNOWN = re.compile(r"\d+ findings? known already \([^)]*\), counting towards nothing")


class Said(NamedTuple):
    """None: the format does not say it, or says it of causes only.

    findings: code and level of each that counts, with how often. blocking: codes of those that block. places: path
    of each finding by code. causes: code of the first finding and worst level of each cause. waived, notes: how
    many. known: the sentence about the baseline. limits: whether there are any.
    """

    verdict: str
    known: str
    waived: int | None = None
    findings: Counter[tuple[str, ...]] | None = None
    blocking: Counter[str] | None = None
    places: Counter[tuple[str, ...]] | None = None
    causes: Counter[tuple[str, ...]] | None = None
    notes: int | None = None
    limits: bool | None = None
    safe: tuple[str, ...] | None = None
    held: tuple[str, ...] | None = None
    counted: dict[str, int] | None = None


def written(report: Report, format_: str) -> str:
    if format_ == "text":
        from riskcheck.report.style import Style
        from riskcheck.report.text import TextOptions, render

        return render(report, Style(), TextOptions(width=100_000))
    rendered = import_module(FORMATS[format_]).render(report)
    assert isinstance(rendered, str)
    return rendered


def said(report: Report, format_: str) -> Said:
    """What `format_` says of `report`."""
    return READERS[format_](written(report, format_))


def _known(text: str) -> str:
    found = set(KNOWN.findall(unescape(text)))
    assert len(found) < 2
    return found.pop() if found else ""


def _json(text: str) -> Said:
    read = json.loads(text)
    live = [one for one in read["findings"] if one["waiver"] is None and one["level"] != "note"]
    kinds = Counter(one["waiver"]["kind"] for one in read["findings"] if one["waiver"])
    known = Counter(
        one["level"] for one in read["findings"] if (one["waiver"] or {}).get("kind") == "baseline"
    )
    return Said(
        read["verdict"],
        _words(known),
        kinds["policy"] + kinds["inline"],
        Counter((one["code"], one["level"]) for one in live),
        None,
        Counter((one["code"], one["location"]["path"] or WHOLE) for one in live),
        _causes(live),
        sum(one["waiver"] is None and one["level"] == "note" for one in read["findings"]),
        bool(read["limitations"]),
        tuple(read["recommendation"]["safe_paths"]),
        tuple(read["recommendation"]["held_paths"]),
        dict(Counter(one["level"] for one in live)),
    )


def _words(known: Counter[str]) -> str:
    if not known:
        return ""
    counts = ", ".join(f"{known[level]} {level}" for level in ("P0", "P1", "P2", "P3") if known[level])
    number = sum(known.values())
    return f"{number} finding{'' if number == 1 else 's'} known already ({counts}), counting towards nothing"


def _causes(live: list[Any]) -> Counter[tuple[str, ...]]:
    groups: dict[str, list[Any]] = {}
    for one in live:
        groups.setdefault(one["cause"], []).append(one)
    return Counter((group[0]["code"], min(one["level"] for one in group)) for group in groups.values())


def _sarif(text: str) -> Said:
    run = read_sarif(text)
    live = [one for one in run["results"] if "suppressions" not in one]
    kinds = Counter(
        held["properties"]["kind"] for one in run["results"] for held in one.get("suppressions", [])
    )
    known = Counter(
        one["properties"]["level"]
        for one in run["results"]
        if one.get("suppressions") and one["suppressions"][0]["properties"]["kind"] == "baseline"
    )
    told = run["invocations"][0]["toolExecutionNotifications"]
    about = run["properties"]
    return Said(
        about["verdict"],
        _words(known),
        kinds["policy"] + kinds["inline"],
        Counter((one["ruleId"], one["properties"]["level"]) for one in live),
        Counter(one["ruleId"] for one in live if one["properties"]["blocking"]),
        Counter((one["ruleId"], _uri(one)) for one in live),
        None,
        sum(one["descriptor"]["id"].startswith("note/") for one in told),
        any(one["descriptor"]["id"].startswith("limitation/") for one in told),
        tuple(about["safe_paths"]),
        tuple(about["held_paths"]),
    )


def _uri(result: Any) -> str:
    return unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def _junit(text: str) -> Said:
    root = read_junit(text)
    cases = [one for one in root.iter("testcase") if one.attrib["classname"] != "riskcheck"]
    own = {one.attrib["name"]: one for one in root.iter("testcase") if one.attrib["classname"] == "riskcheck"}
    waived = [one for one in cases if _outcome(one).startswith("waived by ")]
    live = [one for one in cases if one not in waived]
    facts = {one.attrib["name"]: one.attrib["value"] for one in root.iter("property")}
    verdict = facts["verdict"]
    assert (own["verdict"].find("failure") is not None) == (verdict == "block")
    told = root.find("testsuite/system-out")
    assert told is not None
    return Said(
        verdict,
        _known(_outcome(own["baseline"])) if "baseline" in own else "",
        len(waived),
        Counter((_code(one), one.attrib["name"][:2]) for one in live),
        Counter(_code(one) for one in live if one.find("failure") is not None),
        Counter((_code(one), suite.attrib["name"]) for suite in root for one in suite if one in live),
        None,
        sum(line.startswith("note: ") for line in (told.text or "").split("\n")),
        own["analysis"].find("skipped") is not None,
    )


def _code(case: Any) -> str:
    return str(case.attrib["classname"].removeprefix("riskcheck."))


def _outcome(case: Any) -> str:
    (held,) = list(case)
    return str(held.attrib["message"])


def _gitlab(text: str) -> Said:
    issues = read_gitlab(text)
    found = [one for one in issues if not one["check_name"].startswith("limitation/")]
    live = [one for one in found if one["severity"] != "info"]
    known = [one["description"] for one in found if one["check_name"] == "baseline"]
    return Said(
        "",
        "".join(known),
        len(found) - len(live) - len(known),
        Counter((one["description"].partition(" ")[0], SEVERITY[one["severity"]]) for one in live),
        Counter(one["description"].partition(" ")[0] for one in live if "[blocks]" in one["description"]),
        Counter((one["description"].partition(" ")[0], one["location"]["path"]) for one in live),
        limits=any(one["check_name"].startswith("limitation/") for one in issues),
    )


def _github(text: str) -> Said:
    shown = [one for one in read_github(text) if one.properties["title"] != "riskcheck"]
    logged = [line.removeprefix("riskcheck: ") for line in text.split("\n") if line.startswith("riskcheck: ")]
    (verdict,) = [line for line in logged if re.match(r"(PASS|WARN|BLOCK)\b", line)]
    more = [int(line.split()[0]) for line in logged if "not annotated; the text report" in line]
    causes = Counter(tuple(reversed(one.properties["title"].partition(":")[0].split())) for one in shown)
    if more:
        causes[("more",)] = more[0]
    return Said(
        re.split(r"[ ,:]", verdict)[0].lower(),
        _known("\n".join(logged)),
        sum(line.startswith("waived by ") for line in logged),
        causes=causes,
        limits=any(line.startswith("not analysed: ") for line in logged),
        counted=_counted(verdict.rpartition("(")[2]),
    )


def _counted(words: str) -> dict[str, int]:
    return {level: int(number) for number, level in re.findall(r"(\d+) (P\d)", words)}


def _markdown(text: str) -> Said:
    lines = text.split("\n")
    verdict = re.match(r"\S+ \*\*riskcheck: (PASS|WARN|BLOCK)", lines[1])
    assert verdict is not None
    counted = _counted(unescape(lines[1]).rpartition("(")[2])
    folds = [unescape(one) for one in re.findall(r"<summary>(.*?)</summary>", text)]
    heads = [re.match(r"(P\d) (\S+) ", one) for one in folds]
    causes: Counter[tuple[str, ...]] | None = Counter((one[2], one[1]) for one in heads if one)
    if verdict[1] == "PASS":
        causes = Counter(
            (code, level) for level, code in re.findall(r"^- \*\*(P\d)\*\* `([^`]+)`", text, re.M)
        )
    titles = ", ".join(one for one in folds if not re.match(r"P\d ", one))
    return Said(
        verdict[1].lower(),
        _known(text),
        _number(r"(\d+) waived findings?", titles),
        causes=causes,
        limits="limitation" in titles,
        safe=_paths(lines, "merge now"),
        held=_paths(lines, "hold back"),
        counted=counted,
    )


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _paths(lines: list[str], label: str) -> tuple[str, ...]:
    for line in lines:
        if line.startswith(f"- **{label}** "):
            return tuple(re.findall(r"`([^`]+)`", unescape(line)))
    return ()


def _text(text: str) -> Said:
    lines = text.split("\n")
    (verdict,) = [line for line in lines if re.match(r"(PASS|WARN|BLOCK)\b", line)]
    return Said(
        verdict.partition(" ")[0].lower(),
        _known(text),
        sum(line.startswith("  waived ") for line in lines),
        causes=Counter((code, level) for level, code in HEAD.findall(text)),
        limits=any(line.startswith("  limit ") for line in lines),
        safe=_row(lines, "merge now"),
        held=_row(lines, "hold back"),
        counted=_counted(verdict.rpartition("(")[2]),
    )


def _row(lines: list[str], label: str) -> tuple[str, ...]:
    for line in lines:
        if line.startswith(f"  {label} "):
            return tuple(line[12:].split(", "))
    return ()


class _Page(HTMLParser):
    """Findings, and the text of each part of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[dict[str, str | None]] = []
        self.within: list[str] = []
        self.texts: Counter[str] = Counter()
        self.said: dict[str, str] = {}
        self.paths: dict[str, list[str]] = {"now": [], "hold": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if "data-level" in held and "finding" in (held.get("class") or ""):
            self.findings.append(held)
        if tag not in ("meta", "br", "input", "link", "img"):
            self.within.append(held.get("id") or (held.get("class") or tag) if tag != "tr" else "tr")
            self.texts[self.within[-1]] += 1

    def handle_endtag(self, tag: str) -> None:
        self.within.pop()

    def handle_data(self, data: str) -> None:
        for one in self.within:
            self.said[one] = self.said.get(one, "") + data
        if "paths" in self.within:
            for kind in self.paths:
                if kind in self.within and data.strip():
                    self.paths[kind].append(data)


def _html(text: str) -> Said:
    page = _Page()
    page.feed(re.sub(r"<(script|style)[^>]*>.*?</\1>", "", text, flags=re.DOTALL))
    codes = re.findall(
        r'class="finding[^"]*"[^>]*data-level="([^"]+)".*?<span class="code">(.*?)</span>.*?'
        r'<span class="tags">(<span class="blocks">)?',
        text,
        re.DOTALL,
    )
    assert len(codes) == len(page.findings)
    parts = re.findall(r'<section id="(\w+)" class="part".*?</section>', text, re.DOTALL)
    waived = re.search(r'<section id="waived".*?</section>', text, re.DOTALL)
    known = re.search(r'<section id="known".*?</section>', text, re.DOTALL)
    return Said(
        {"Blocked": "block", "Warning": "warn", "Pass": "pass"}[page.said["word"]],
        _known(known[0]) if known else "",
        waived[0].count("<tr>") - 1 if waived else 0,
        Counter((code, level) for level, code, _ in codes if level != "note"),
        Counter(code for _, code, blocks in codes if blocks),
        notes=sum(level == "note" for level, _, _ in codes),
        limits="limits" in parts,
        safe=tuple(page.paths["now"]),
        held=tuple(page.paths["hold"]),
    )


READERS = {
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "gitlab": _gitlab,
    "github": _github,
    "markdown": _markdown,
    "text": _text,
    "html": _html,
}
