"""A back-test for a terminal, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.report.backtest import numbers, words
from riskcheck.report.safe import plain, shortened
from riskcheck.report.style import Style
from riskcheck.report.wrap import hanging
from riskcheck.results import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.backtests import BacktestReport, Ranking, RuleRow

WIDTH: Final = 80
INDENT: Final = "  "
MOST_OPEN: Final = 12
MOST_REPOSITORIES: Final = 20
DAY: Final = 10


def render(report: BacktestReport, style: Style | None = None) -> str:
    """The report as text, ending in a newline."""
    return "\n".join(_lines(report, style or Style())) + "\n"


def _lines(report: BacktestReport, style: Style) -> Iterator[str]:
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        ("In short", _said(words.conclusions(report))),
        ("What was replayed", _replayed(report)),
        ("How to read it", _said((words.LABELS, words.HALF, words.INTERVALS))),
        ("Where to set the gate", _gates(report)),
        ("Which rules earn their keep", _rules(report)),
        ("How well it ranks", _rankings(report)),
        ("Does it happen as often as it says", _calibration(report)),
    )
    yield f"riskcheck backtest: {many(len(report.repositories), 'repository')}, {_changes(report)}"
    for title, lines in parts:
        held = list(lines)
        if held:
            yield ""
            yield style.label(title)
            yield from held


def _changes(report: BacktestReport) -> str:
    counts = report.population
    return f"{numbers.count(counts.judged)} of {numbers.count(counts.replayed)} landed changes judged"


def _said(sentences: Iterable[str], mark: str = "") -> Iterator[str]:
    for sentence in sentences:
        prefix = f"{INDENT}{mark}"
        yield from hanging(prefix, plain(sentence), WIDTH, len(prefix))


def _replayed(report: BacktestReport) -> Iterator[str]:
    counts = report.population
    yield from _said((words.method(report),))
    for one in report.repositories[:MOST_REPOSITORIES]:
        between = f"{moment(one.since)[:DAY]} to {moment(one.until)[:DAY]}"
        counted = f"{numbers.count(one.judged)} judged, {numbers.count(one.reverted)} reverted"
        yield from _said((f"{one.name}: {between}, {numbers.count(one.replayed)} replayed, {counted}",))
    if len(report.repositories) > MOST_REPOSITORIES:
        yield f"{INDENT}and {len(report.repositories) - MOST_REPOSITORIES} more; --format json has all"
    rate = numbers.share(counts.reverted / counts.judged) if counts.judged else numbers.UNKNOWN
    yield f"{INDENT}{'reverted':<10}{numbers.count(counts.reverted):>9}  {rate} of those judged"
    yield f"{INDENT}{'ordinary':<10}{numbers.count(counts.ordinary):>9}"
    left = counts.replayed - counts.judged
    if left:
        yield f"{INDENT}{'left out':<10}{numbers.count(left):>9}"
        yield from _said(words.left_out(report), f"{'':<12}")
    yield from _said(report.warnings, "! ")


def _gates(report: BacktestReport) -> Iterator[str]:
    if not report.population.judged:
        return
    yield f"{INDENT}{'':<28}{'stops':>7}  {'of reverted':<17}{'of ordinary':<17}{'hits':>5}"
    yield f"{INDENT}{'':<28}{'changes':>7}  {'caught':<17}{'stopped':<14}".rstrip()
    for one in report.gates:
        name = words.gate_name(one)
        caught, stopped = numbers.share_of(one.caught), numbers.share_of(one.stopped)
        yield (
            f"{INDENT}{name:<28}{numbers.count(one.number):>7}  {caught:<17}{stopped:<17}"
            f"{numbers.share(one.precision):>5}".rstrip()
        )
    from_ = [
        f"{numbers.whole(one.share)} from {one.threshold:.3g} points"
        for one in report.gates
        if one.threshold is not None and one.share is not None and one.name == "likelihood"
    ]
    if from_:
        yield from _said((f"The riskiest by likelihood begin: {', '.join(from_)}.",))
    yield from _said((words.HITS,))


def _rules(report: BacktestReport) -> Iterator[str]:
    if not any(one.fired for one in report.rules):
        return
    yield f"{INDENT}{'rule':<10}{'':<26}{'fired':>6}{'reverted':>9}  {'odds ratio':<18}{'p':>6}"
    for verdict in words.VERDICTS[:-1]:
        rows = words.rows_with(report, verdict)
        if not rows:
            continue
        yield f"{INDENT}{verdict}: {many(len(rows), 'rule')}"
        most = MOST_OPEN if verdict == "no evidence either way" else len(rows)
        yield from (_rule(one) for one in rows[:most])
        if len(rows) > most:
            yield f"{INDENT}{INDENT}and {len(rows) - most} more that fired less often; --format json has all"
    silent = len(words.rows_with(report, "never fired"))
    if silent:
        yield f"{INDENT}never fired: {many(silent, 'rule')}"
    yield from _said((words.ODDS,))


def _rule(one: RuleRow) -> str:
    title = shortened(plain(one.facts.title if one.facts else "no longer a rule"), 25)
    code = plain(words.code_of(one))
    return (
        f"{INDENT}{code:<10}{title:<26}{one.fired:>6}{one.reverted:>9}  {numbers.ratio_of(one.odds):<18}"
        f"{numbers.chance(one.adjusted):>6}"
    )


def _rankings(report: BacktestReport) -> Iterator[str]:
    if report.unavailable:
        yield from _said((report.unavailable,))
    for part, title in words.PARTS.items():
        ranked = [one for one in report.rankings if one.part == part and one.auc_pooled.value is not None]
        if ranked:
            yield from _ranking_table(title, ranked)
    against = words.compared(report, "likelihood")
    if against:
        yield ""
        yield f"{INDENT}{'likelihood, against':<36}{'AUC':<22}{'recall at 10 %'}"
        for name, one in against:
            gained = numbers.gain_of(one.recall, 100)
            yield f"{INDENT}{name:<36}{numbers.gain_of(one.auc):<22}{gained}".rstrip()


def _ranking_table(title: str, ranked: Sequence[Ranking]) -> Iterator[str]:
    first = max(ranked, key=lambda one: one.repositories)
    over = f"{many(first.repositories, 'repository')}, {numbers.count(first.reverted)} reverted"
    yield from _said((f"{title}: {over}.",))
    yield f"{INDENT}{'':<36}{'':<20}{'reverted among the':<18}".rstrip()
    yield f"{INDENT}{'':<36}{'AUC':<20}{'riskiest'}"
    yield f"{INDENT}{'':<36}{'':<20}{'5 %':<7}{'10 %':<7}{'20 %'}"
    for one in ranked:
        found = "".join(f"{numbers.share(at.estimate.value):<7}" for at in one.recall)
        yield f"{INDENT}{one.title:<36}{numbers.area_of(one.auc):<20}{found}".rstrip()
    yield from _said((*words.fewer(ranked), words.effort(ranked)))


def _calibration(report: BacktestReport) -> Iterator[str]:
    held = report.calibration
    if held is None:
        return
    yield from _said(words.calibrated(held))
    yield f"{INDENT}{'said':>8}  {'happened':<20}{'changes':>9}{'reverted':>10}"
    for one in held.bins:
        yield (
            f"{INDENT}{numbers.share(one.stated):>8}  {numbers.share_of(one.observed):<20}{one.changes:>9}"
            f"{one.reverted:>10}"
        )
