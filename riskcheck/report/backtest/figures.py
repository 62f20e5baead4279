"""The parts of the page that have a plot, with its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.report.backtest import numbers, plots, words
from riskcheck.report.html.markup import TABLE_END, left_out, table, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.backtests import BacktestReport, Curve, Part, Ranking, RuleRow

LOOKS: Final = {
    "likelihood": "s0",
    "score": "s1",
    "combined": "s2",
    "lines": "s3",
    "smallest": "s4",
    "metadata": "s6",
    "history": "s5",
    "metadata-others": "s6",
    "history-others": "s5",
}
MOST_RULES: Final = 40
ODDS: Final = (0.1, 0.25, 0.5, 1, 2, 4, 10)
LEVELS: Final = ("block", "P0", "P1", "P2")


def _figure(svg: str, caption: str, beside: Iterable[str]) -> Iterator[str]:
    yield f'<div class="side"><figure>{svg}<figcaption>{caption}</figcaption></figure><div>'
    yield from beside
    yield "</div></div>"


def _row(name: str, cells: Sequence[str]) -> str:
    held = "".join(f'<td class="number">{text(cell)}</td>' for cell in cells)
    return f'<tr><th scope="row">{text(name)}</th>{held}</tr>'


def gates(report: BacktestReport) -> Iterator[str]:
    """Gates by level and by score, over the gate curves."""
    if not report.population.judged:
        return
    yield f"<p>{text(words.HITS)}</p>"
    shown = [part for part in words.PARTS if any(one.part == part for one in report.curves)]
    if not shown:
        yield from _gate_table(report)
    for number, part in enumerate(shown):
        curves = [one for one in report.curves if one.part == part and one.score in LOOKS]
        yield f"<h3>{text(words.PARTS[part])}</h3>"
        beside = _gate_table(report) if number == 0 else _curve_table(curves)
        yield from _figure(_gate_plot(report, part, curves), _legend(curves), beside)


def _gate_plot(report: BacktestReport, part: Part, curves: Sequence[Curve]) -> str:
    lines = [plots.Line(one.title, LOOKS[one.score], one.caught) for one in curves]
    judged = report.population.judged
    spots = [
        plots.Spot(one.name, one.number / judged, one.caught.value)
        for one in report.gates
        if part == "all" and one.name in LEVELS and one.number and one.caught.value is not None
    ]
    told = "; ".join(f"{one.title}: {numbers.share(one.caught[10])} at 10 %" for one in curves)
    return plots.drawn(
        f"curve-{part}",
        "Gate curve: reverted changes caught, by changes stopped",
        f"{told}. The dotted diagonal is chance.",
        plots.SQUARE_HEIGHT,
        plots.square(lines, spots, "share of changes stopped", "share of reverted changes caught"),
    )


def _legend(curves: Sequence[Curve]) -> str:
    rows = "".join(
        f'<li><svg class="swatch" viewBox="0 0 36 10" aria-hidden="true">'
        f'<path class="curve {LOOKS[one.score]}" d="M0 5H36"/></svg>{text(one.title)}</li>'
        for one in curves
    )
    told = "The dotted diagonal is chance. Dots, where there are some, are gates by level."
    return f'<ul class="legend">{rows}</ul>{told}'


def _gate_table(report: BacktestReport) -> Iterator[str]:
    since = ("#From",) if len(report.repositories) == 1 else ()
    yield table("Gates", ("Gate", "#Stops", "#Reverted caught", "#Ordinary stopped", "#Hits", *since))
    for one in report.gates:
        begins = "" if one.threshold is None or one.name == "combined" else f"{one.threshold:.3g}"
        cells = (
            numbers.count(one.number),
            numbers.share_of(one.caught),
            numbers.share_of(one.stopped),
            numbers.share(one.precision),
            *((begins,) if since else ()),
        )
        yield _row(words.gate_name(one), cells)
    yield TABLE_END


def _curve_table(curves: Sequence[Curve]) -> Iterator[str]:
    yield table("Gate curves", ("Score", "#At 5 %", "#At 10 %", "#At 20 %", "#At 50 %"))
    for one in curves:
        yield _row(one.title, [numbers.share(one.caught[at]) for at in (5, 10, 20, 50)])
    yield TABLE_END


def rules(report: BacktestReport) -> Iterator[str]:
    """Odds ratios by rule."""
    rows = [one for verdict in words.VERDICTS[:-1] for one in words.rows_with(report, verdict)]
    if rows:
        yield f"<p>{text(words.ODDS)}</p>"
        shown = [
            plots.Row(words.code_of(one), one.odds, numbers.ratio_of(one.odds), _look(one))
            for one in rows[:MOST_RULES]
        ]
        svg = plots.drawn(
            "odds",
            "Odds ratio of each rule with its interval",
            "; ".join(f"{one.name}: {one.told}" for one in shown),
            plots.height_of(shown),
            plots.forest(shown, ODDS, 1.0, "odds ratio, on a logarithmic scale", logarithmic=True),
        )
        caption = "Right of the dotted line: fires rather on what is reverted. The ends of the scale cut off."
        yield from _figure(svg, caption + left_out(len(rows) - MOST_RULES, "rule"), _rule_table(rows))
    silent = words.rows_with(report, "never fired")
    if silent:
        yield f"<details><summary>Never fired: {len(silent)}</summary>"
        yield f"<p>{text(', '.join(one.code for one in silent), 100_000)}</p></details>"


def _look(one: RuleRow) -> str:
    return {"earns its keep": "sign", "fires rather on ordinary changes": "against"}.get(
        one.verdict, "baseline"
    )


def _rule_table(rows: Sequence[RuleRow]) -> Iterator[str]:
    yield table(
        "Rules",
        ("Rule", "#Fired", "#On reverted", "#Odds ratio", "#p", "Verdict", "Title"),
        tall=len(rows) > 20,
    )
    for one in rows:
        yield (
            f'<tr><th scope="row">{text(words.code_of(one))}</th><td class="number">{numbers.count(one.fired)}</td>'
            f'<td class="number">{numbers.count(one.reverted)}</td>'
            f'<td class="number">{numbers.ratio_of(one.odds)}</td>'
            f'<td class="number">{text(numbers.chance(one.adjusted))}</td><td>{one.verdict}</td>'
            f"<td>{text(one.facts.title if one.facts else 'no longer a rule')}</td></tr>"
        )
    yield TABLE_END


def ranking(report: BacktestReport) -> Iterator[str]:
    """Areas under the ROC curve, and differences."""
    if report.unavailable:
        yield f"<p>{text(report.unavailable)}</p>"
    for part, title in words.PARTS.items():
        ranked = [one for one in report.rankings if one.part == part and one.auc.value is not None]
        if not ranked:
            continue
        yield f"<h3>{text(title)}</h3><p>{text(words.effort(ranked))}</p>"
        rows = [plots.Row(one.title, one.auc, numbers.area_of(one.auc), one.kind) for one in ranked]
        svg = plots.drawn(
            f"auc-{part}",
            "Area under the ROC curve of each score with its interval",
            "; ".join(f"{one.name}: {one.told}" for one in rows),
            plots.height_of(rows),
            plots.forest(rows, (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), 0.5, "area under the ROC curve"),
        )
        yield f"<figure>{svg}<figcaption>The dotted line is chance.</figcaption></figure>"
        yield from _ranking_table(ranked)
        yield from (f"<p>{text(sentence)}</p>" for sentence in words.fewer(ranked))
    yield from _differences(report)
    yield from _by_repository(report)


def _ranking_table(ranked: Sequence[Ranking]) -> Iterator[str]:
    yield table(
        "Scores",
        ("Score", "#AUC", "#pooled", "#at 5 %", "#at 10 %", "#at 20 %", "#AP / rate", "#False alarms first"),
    )
    for one in ranked:
        cells = (
            numbers.area_of(one.auc),
            numbers.area_of(one.auc_pooled),
            *(numbers.share_of(at.estimate) for at in one.recall),
            numbers.number(one.lift),
            numbers.UNKNOWN if one.false_alarms is None else f"{one.false_alarms:.1f}",
        )
        yield _row(one.title, cells)
    yield TABLE_END


def _differences(report: BacktestReport) -> Iterator[str]:
    for score in words.SCORES:
        held = words.compared(report, score)
        if held:
            yield f"<details><summary>{text(words.SCORES[score])}, against each baseline</summary>"
            yield table(
                "Differences", ("Baseline", "#Better by, AUC", "#Recall at 10 %, points", "#Repositories")
            )
            for name, one in held:
                cells = (numbers.gain_of(one.auc), numbers.gain_of(one.recall, 100), str(one.repositories))
                yield _row(name, cells)
            yield f"{TABLE_END}</details>"


def _by_repository(report: BacktestReport) -> Iterator[str]:
    held = next((one for one in report.rankings if (one.score, one.part) == ("likelihood", "all")), None)
    if held is None or len(held.by_repository) < 2:
        return
    yield "<details><summary>Likelihood, by repository</summary>"
    yield table("Repositories", ("Repository", "#Changes", "#Reverted", "#AUC"))
    for one in held.by_repository:
        yield _row(
            one.repository,
            (numbers.count(one.changes), numbers.count(one.reverted), numbers.area_of(one.auc)),
        )
    yield f"{TABLE_END}</details>"


def calibration(report: BacktestReport) -> Iterator[str]:
    """Stated against observed shares."""
    held = report.calibration
    if held is None:
        return
    yield f"<p>{text(' '.join(words.calibrated(held)))}</p>"
    described = "; ".join(
        f"{numbers.share(one.stated)} said, {numbers.share_of(one.observed)}" for one in held.bins
    )
    svg = plots.drawn(
        "reliability",
        "Reliability: said against happened",
        described,
        plots.SQUARE_HEIGHT,
        plots.reliability(
            [(one.stated, one.observed) for one in held.bins],
            "share that should have been reverted",
            "share that was",
        ),
    )
    yield from _figure(svg, "On the dotted line what was said happened.", _bin_table(report))


def _bin_table(report: BacktestReport) -> Iterator[str]:
    yield table("Bins", ("Said", "#Happened", "#Changes", "#Reverted"))
    for one in report.calibration.bins if report.calibration else ():
        cells = (numbers.share_of(one.observed), numbers.count(one.changes), numbers.count(one.reverted))
        yield _row(numbers.share(one.stated), cells)
    yield TABLE_END
