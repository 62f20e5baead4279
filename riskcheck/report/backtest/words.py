"""What a back-test says to people: numbers, names, conclusions. Text and HTML lay the same words out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import EFFORT_SHARE, FEW, Estimate
from riskcheck.phrases import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.backtests import (
        BacktestReport,
        Calibration,
        Difference,
        Gate,
        Ranking,
        RuleRow,
        RuleVerdict,
    )

UNKNOWN: Final = "-"
TENTH: Final = 0.1
MOST_NAMED: Final = 8
LARGE: Final = 999.0

SCORES: Final = {
    "likelihood": "likelihood",
    "score": "score",
    "combined": "both",
}
VERDICTS: Final[tuple[RuleVerdict, ...]] = (
    "earns its keep",
    "fires rather on ordinary changes",
    "no evidence either way",
    "never fired",
)

METHOD: Final = (
    "Each landed change was judged as it would have been on the day it landed: by the policy, the rules of this "
    "riskcheck and the history that there was then. The log then says which changes were taken back later."
)
LABELS: Final = (
    'Reverted means "presumed bad", and no more: many bad changes are mended by a further change, and some good '
    "ones are taken back. Ordinary does not mean safe."
)
HALF: Final = (
    "Reverts speak of how likely a change goes wrong, not of how bad it would be. Rules about what cannot be "
    "undone and about security (marked *) are there for the second: nothing here speaks against them."
)
HITS: Final = (
    "hits: share of the changes stopped that were reverted. A gate that stops at random catches the share that it "
    "stops. Shares are ranked within each repository."
)
ODDS: Final = (
    "odds ratio: how many times the odds are that a change is reverted where the rule fires (1 is chance). p: "
    "exact, corrected for the number of rules (Holm). A rule earns its keep where p is under 0.05 and the interval "
    f"is over 1, with {FEW} reverted changes or more in all."
)
INTERVALS: Final = (
    "In brackets: the 95 % interval. Where it holds the value of chance, the data do not tell the two apart."
)
PARTS: Final = {
    "all": "All judged changes",
    "later": "The last 40 % of the changes, which models of the repository's own past have not seen",
}


def share(value: float | None) -> str:
    """A share as a percentage."""
    if value is None:
        return UNKNOWN
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 9.95 or percent == 0 else f"{percent:.1f} %"


def whole(value: float) -> str:
    """A round share: ``5 %``."""
    return f"{100 * value:g} %"


def bare_share(value: float) -> str:
    return share(value).removesuffix(" %")


def share_of(one: Estimate) -> str:
    """``51 % [40, 61]``."""
    if one.value is None or one.low is None or one.high is None:
        return share(one.value)
    return f"{share(one.value)} [{bare_share(one.low)}, {bare_share(one.high)}]"


def number(value: float | None) -> str:
    """A ratio or an area, in about two digits."""
    if value is None:
        return UNKNOWN
    if value > LARGE:
        return f">{LARGE:.0f}"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def ratio_of(one: Estimate) -> str:
    """``4.0 [2.6, 6.3]``."""
    if one.value is None or one.low is None or one.high is None:
        return number(one.value)
    return f"{number(one.value)} [{number(one.low)}, {number(one.high)}]"


def area_of(one: Estimate) -> str:
    """``0.70 [0.64, 0.76]``."""
    if one.value is None:
        return UNKNOWN
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"


def gain_of(one: Estimate, scale: int = 1) -> str:
    """``+0.19 [+0.11, +0.28]``; scale 100 for points of percent."""
    digits = 2 if scale == 1 else 0
    if one.value is None:
        return UNKNOWN
    if one.low is None or one.high is None:
        return f"{scale * one.value:+.{digits}f}"
    low, high = (f"{scale * end:+.{digits}f}" for end in (one.low, one.high))
    return f"{scale * one.value:+.{digits}f} [{low}, {high}]"


def chance(value: float | None) -> str:
    """A value of p."""
    if value is None:
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def count(value: float) -> str:
    return f"{value:,.0f}"


def gate_name(gate: Gate) -> str:
    if gate.share is not None:
        return f"riskiest {whole(gate.share)} by {SCORES.get(gate.name, gate.name)}"
    if gate.name == "block":
        return "block: the gate as it is"
    return "P0" if gate.name == "P0" else f"{gate.name} or worse"


def left_out(report: BacktestReport) -> list[str]:
    """Who does not count, and why."""
    counts = report.population
    days = f"{report.settings.follow_days:g}"
    told = (
        (counts.other, "by bots, reverts themselves, or without configuration"),
        (counts.planned, "taken back as planned (experiments, maintenance)"),
        (counts.recent, f"followed for less than {days} days: too new to tell"),
        (counts.failed, "could not be judged"),
    )
    rows = [f"{count(many_)} {why}" for many_, why in told if many_]
    if counts.late:
        within = f"{report.settings.within_days or 0:g}"
        rows.append(f"{count(counts.late)} reverted after more than {within} days, counted as ordinary")
    return rows


def conclusions(report: BacktestReport) -> list[str]:
    """What the numbers come to, each in a sentence; that they come to nothing, where they do."""
    if not report.population.judged:
        return ["No change was left to judge."]
    if not report.conclusive:
        reverted = many(report.population.reverted, "reverted change")
        return [f"{reverted[0].upper()}{reverted[1:]} of {FEW} that are needed: no conclusion is drawn."]
    return [
        *_of_the_gate(report),
        *_of_shares(report),
        *_of_rules(report),
        *_of_rankings(report),
    ]


def gate(report: BacktestReport, name: str, at: float | None = None) -> Gate | None:
    return next((one for one in report.gates if one.name == name and one.share == at), None)


def _of_the_gate(report: BacktestReport) -> Iterator[str]:
    held = gate(report, "block")
    if held is None:
        return
    if not held.number:
        yield "The gate as it is would have stopped none of these changes."
        return
    stops = (
        f"The gate as it is would have stopped {share(held.caught.value)} of the reverted changes and "
        f"{share(held.stopped.value)} of the ordinary ones"
    )
    low, high = held.odds.low, held.odds.high
    if low is not None and low > 1:
        yield f"{stops}: it tells them apart (odds ratio {ratio_of(held.odds)})."
    elif high is not None and high < 1:
        yield f"{stops}: it stops rather what is not reverted (odds ratio {ratio_of(held.odds)})."
    else:
        yield f"{stops}: no more than chance, as far as these data tell (odds ratio {ratio_of(held.odds)})."


def _of_shares(report: BacktestReport) -> Iterator[str]:
    held = gate(report, "likelihood", TENTH)
    if held is None or held.caught.value is None:
        return
    caught = share_of(held.caught)
    told = f"The riskiest 10 % by likelihood hold {caught} of the reverted changes; chance holds 10 %."
    yield told if (held.caught.low or 0) > TENTH else f"{told} The data do not tell the two apart."


def _of_rules(report: BacktestReport) -> Iterator[str]:
    for verdict, several in (
        ("earns its keep", "earn their keep"),
        ("fires rather on ordinary changes", "fire rather on ordinary changes"),
    ):
        codes = [one.code for one in report.rules if one.verdict == verdict]
        if codes:
            does = verdict if len(codes) == 1 else several
            yield f"{many(len(codes), 'rule')} {does}: {listed(codes, MOST_NAMED)}."
    silent = sum(one.verdict == "no evidence either way" for one in report.rules)
    if silent:
        yield f"{many(silent, 'rule')} fired without evidence either way."


def _of_rankings(report: BacktestReport) -> Iterator[str]:
    held = next((one for one in report.rankings if (one.score, one.part) == ("likelihood", "all")), None)
    if held is None or held.auc.value is None:
        return
    better: list[str] = []
    open_: list[str] = []
    for one in compared(report, "likelihood"):
        low = one[1].auc.low
        (better if low is not None and low > 0 else open_).append(one[0])
    told = f"Likelihood ranks with an AUC of {area_of(held.auc)}, where 0.50 is chance"
    if better:
        told += f"; better than {listed(better, MOST_NAMED)}"
    if open_:
        told += f"; not shown to be better than {listed(open_, MOST_NAMED)}"
    yield f"{told}."


def compared(report: BacktestReport, score: str) -> list[tuple[str, Difference]]:
    """Each baseline by its title, with the difference: over all changes, or over the later ones where it has only
    these."""
    titles = {(one.score, one.part): one.title for one in report.rankings}
    found: dict[str, tuple[str, Difference]] = {}
    for one in report.differences:
        if one.score == score and one.auc.value is not None:
            found.setdefault(one.baseline, (titles[one.baseline, one.part], one))
    return list(found.values())


def effort(ranked: Sequence[Ranking]) -> str:
    """What reviewing a part of everything finds."""
    told = [
        f"{one.title} {share(one.effort.value)}"
        for one in ranked
        if one.score in ("likelihood", "combined", "smallest", "random") and one.effort.value is not None
    ]
    return (
        f"In {whole(EFFORT_SHARE)} of the effort of reviewing everything (a change costs 10 + its lines, at most "
        f"310) one finds of the reverted changes: {'; '.join(told)}."
    )


def rows_with(report: BacktestReport, verdict: RuleVerdict) -> list[RuleRow]:
    """Rules of that verdict: those that fired most come first."""
    return sorted(
        (one for one in report.rules if one.verdict == verdict), key=lambda one: (-one.fired, one.code)
    )


def code_of(row: RuleRow) -> str:
    """Its code, marked where reverts cannot speak against it."""
    return f"{row.code}*" if row.kept and row.facts is not None else row.code


def calibrated(held: Calibration) -> list[str]:
    """How stated probabilities hold, in sentences."""
    said = f"By their points {share(held.stated)} of the changes should have been reverted"
    told = [f"{said}; {share(held.observed)} were."]
    if held.slope is not None:
        told.append(
            f"Slope {held.slope:.2f}: 1 is ideal; under 1 the points make too much of the difference between "
            "changes, over 1 too little."
        )
    told.append(
        f"Mean squared error (Brier) {held.brier:.4f}; stating {share(held.observed)} for every change has "
        f"{held.reference:.4f}."
    )
    return told
