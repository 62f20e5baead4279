"""A back-test as one file for a browser: no network, no script, everything escaped.

The policy in the page allows its one style sheet, by digest, and nothing else. Beside each plot stands its table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.report.backtest import numbers, words
from riskcheck.report.backtest.figures import calibration, gates, ranking, rules
from riskcheck.report.html.library import asset
from riskcheck.report.html.markup import TABLE_END, code, items, table, text
from riskcheck.report.html.page import Part, head, sections
from riskcheck.results import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.backtests import BacktestReport

DAY: Final = 10
MOST_REPOSITORIES: Final = 500


def render(report: BacktestReport) -> str:
    """The whole page, ending in a newline."""
    return "\n".join(_page(report)) + "\n"


def _page(report: BacktestReport) -> Iterator[str]:
    style = asset("style.css") + (Path(__file__).parent / "style.css").read_text("utf-8")
    parts = [one for one in _parts(report) if one.lines]
    yield from head(style, [])
    yield f"<title>riskcheck back-test: {text(_subject(report))}</title>\n<style>{style}</style>\n</head>"
    yield '<body class="backtest"><a class="skip" href="#content">Skip to the report</a>'
    yield f'<header class="bar"><p class="brand"><b>riskcheck</b> <span>{text(_subject(report))}</span></p>'
    links = "".join(f'<a href="#{part.id}">{part.short}</a>' for part in parts)
    yield f'<nav aria-label="Parts of the report">{links}</nav></header>'
    yield '<main id="content" tabindex="-1">'
    yield from _top(report)
    yield from sections(parts)
    yield "</main>"
    yield from _footer(report)
    yield "</body>\n</html>"


def _parts(report: BacktestReport) -> tuple[Part, ...]:
    made = (
        Part("read", "How to read it", "How to read it", _reading()),
        Part("gate", "Where to set the gate", "Gate", gates(report)),
        Part("rules", "Which rules earn their keep", "Rules", rules(report)),
        Part("ranking", "How well it ranks", "Ranking", ranking(report)),
        Part("calibration", "Does it happen as often as it says", "Calibration", calibration(report)),
        Part("replayed", "What was replayed", "Replayed", _replayed(report)),
    )
    return tuple(one._replace(lines=list(one.lines)) for one in made)


def _subject(report: BacktestReport) -> str:
    if len(report.repositories) == 1:
        return report.repositories[0].name
    return many(len(report.repositories), "repository")


def _top(report: BacktestReport) -> Iterator[str]:
    counts = report.population
    yield '<section class="verdict" aria-labelledby="top"><div class="answer">'
    yield f'<h1 id="top">Back-test of {text(_subject(report))}</h1>'
    yield f'<p class="headline">{text(words.method(report))}</p>'
    yield items(map(text, (*words.conclusions(report), *report.warnings)), look="reasons")
    yield "</div>"
    rate = numbers.share(counts.reverted / counts.judged) if counts.judged else numbers.UNKNOWN
    yield '<dl class="figures">'
    for name, said in (
        ("Judged", f"{numbers.count(counts.judged)} of {numbers.count(counts.replayed)} landed changes"),
        ("Reverted later", f"{numbers.count(counts.reverted)} ({rate})"),
        ("Ordinary", numbers.count(counts.ordinary)),
    ):
        yield f"<div><dt>{name}</dt><dd>{text(said)}</dd></div>"
    yield "</dl></section>"


def _reading() -> Iterator[str]:
    yield items(map(text, (words.LABELS, words.HALF, words.INTERVALS)), look="plain-list")


def _replayed(report: BacktestReport) -> Iterator[str]:
    left = words.left_out(report)
    if left:
        yield f"<h3>Left out</h3>{items(map(text, left), look='plain-list')}"
    yield "<h3>Repositories</h3>"
    yield table(
        "Repositories",
        ("Repository", "From", "To", "Oldest", "Newest", "#Replayed", "#Judged", "#Reverted"),
        tall=len(report.repositories) > MOST_REPOSITORIES // 20,
    )
    for one in report.repositories[:MOST_REPOSITORIES]:
        yield (
            f'<tr><th scope="row">{text(one.name)}</th>'
            f"<td>{moment(one.since)[:DAY]}</td><td>{moment(one.until)[:DAY]}</td>"
            f"<td>{code(one.first[:12])}</td><td>{code(one.last[:12])}</td>"
            f'<td class="number">{numbers.count(one.replayed)}</td>'
            f'<td class="number">{numbers.count(one.judged)}</td>'
            f'<td class="number">{numbers.count(one.reverted)}</td></tr>'
        )
    yield TABLE_END
    if len(report.repositories) > MOST_REPOSITORIES:
        yield '<p class="faint">The others are left out; <code>--format json</code> has all.</p>'


def _footer(report: BacktestReport) -> Iterator[str]:
    origin, settings = report.settings.origin, report.settings
    yield "<footer>"
    if origin.version:
        yield f"<p>riskcheck {text(origin.version)}, as of <time>{text(origin.as_of)}</time>, rules "
        yield f"{code(origin.rules_digest[:19])}.</p>"
    yield (
        f"<p>Intervals by {numbers.count(settings.draws)} draws of a bootstrap over repositories and changes, seed "
        f"{settings.seed}; of shares by Wilson. This file is complete: it loads nothing.</p></footer>"
    )
