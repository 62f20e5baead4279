"""What a back-test says to people: numbers, names, conclusions. Text and HTML lay the same words out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import EFFORT_SHARE, FEW
from riskcheck.phrases import listed, many
from riskcheck.report.backtest import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.backtests import (
        BacktestReport,
        Calibration,
        Difference,
        Gate,
        Part,
        Ranking,
        RuleRow,
        RuleVerdict,
    )

TENTH: Final = 0.1
MOST_NAMED: Final = 8

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
LIKELIHOOD_ALONE: Final = (
    "The likelihood of each landed change is the one that it would have had on the day it landed, by the history "
    "that there was then; no rule was asked. The log then says which changes were taken back later."
)
LABELS: Final = (
    'Reverted means "presumed bad", and no more: many bad changes are mended by a further change, and some good '
    "ones are taken back. Ordinary does not mean safe."
)
HALF: Final = (
    "Reverts speak of how likely a change goes wrong, not of how bad it would be. Rules about what cannot be "
    "undone, security, governance and cost (marked *) are there for the second: nothing here speaks against them."
)
HALF_SHORT: Final = (
    "Reverts speak of how likely a change goes wrong, not of how bad it would be: rules about what cannot be "
    "undone, security, governance and cost are never lowered here."
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
PARTS: Final[Mapping[Part, str]] = {
    "all": "All judged changes",
    "later": "The last 40 % of the changes, which models of the repository's own past have not seen",
}


def method(report: BacktestReport) -> str:
    """What was done."""
    rules_asked = not report.gates or any(one.share is None for one in report.gates)
    return METHOD if rules_asked else LIKELIHOOD_ALONE


def gate_name(gate: Gate) -> str:
    if gate.share is not None:
        return f"riskiest {numbers.whole(gate.share)} by {SCORES.get(gate.name, gate.name)}"
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
    rows = [f"{numbers.count(many_)} {why}" for many_, why in told if many_]
    if counts.late:
        within = f"{report.settings.within_days or 0:g}"
        rows.append(
            f"{numbers.count(counts.late)} reverted after more than {within} days, counted as ordinary"
        )
    return rows


def conclusions(report: BacktestReport) -> list[str]:
    """What the numbers come to, each in a sentence; that they come to nothing, where they do."""
    if not report.population.judged:
        return ["No change was left to judge."]
    if not report.conclusive:
        reverted = many(report.population.reverted, "reverted change")
        return [f"{reverted[0].upper()}{reverted[1:]} of {FEW} that are needed: no conclusion is drawn."]
    return [
        *of_the_gate(report),
        *of_shares(report),
        *_of_rules(report),
        *_of_rankings(report),
    ]


def gate(report: BacktestReport, name: str, at: float | None = None) -> Gate | None:
    return next((one for one in report.gates if one.name == name and one.share == at), None)


def of_the_gate(report: BacktestReport) -> Iterator[str]:
    """What the gate did as it is."""
    held = gate(report, "block")
    if held is None:
        return
    if not held.number:
        yield "The gate as it is would have stopped none of these changes."
        return
    stops = (
        f"The gate as it is would have stopped {numbers.share(held.caught.value)} of the reverted changes and "
        f"{numbers.share(held.stopped.value)} of the ordinary ones"
    )
    low, high = held.odds.low, held.odds.high
    if low is not None and low > 1:
        yield f"{stops}: it tells them apart (odds ratio {numbers.ratio_of(held.odds)})."
    elif high is not None and high < 1:
        yield f"{stops}: it stops rather what is not reverted (odds ratio {numbers.ratio_of(held.odds)})."
    else:
        yield f"{stops}: no more than chance, as far as these data tell (odds ratio {numbers.ratio_of(held.odds)})."


def of_shares(report: BacktestReport) -> Iterator[str]:
    """What a gate by likelihood would have done."""
    held = gate(report, "likelihood", TENTH)
    if held is None or held.caught.value is None:
        return
    caught = numbers.share_of(held.caught)
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
    reverted = {(one.score, one.part): one.reverted for one in report.rankings}
    for title, one in compared(report, "likelihood"):
        known = reverted[one.baseline, one.part] >= FEW and one.auc.low is not None and one.auc.low > 0
        (better if known else open_).append(title)
    told = f"Likelihood ranks with an AUC of {numbers.area_of(held.auc)}, where 0.50 is chance"
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


def fewer(ranked: Sequence[Ranking]) -> list[str]:
    """Where there is too little to rank, and which scores have numbers in fewer repositories than others: they are
    not compared line by line."""
    most = max((one.repositories for one in ranked), default=0)
    reverted = max((one.reverted for one in ranked), default=0)
    if reverted < FEW:
        return [f"Only {reverted} reverted: under {FEW}, these numbers carry no conclusion."]
    short = [one for one in ranked if one.repositories < most]
    return [
        f"{one.title}: in {one.repositories} of {many(most, 'repository')}; the others have too few reverts to "
        "learn from. Differences are over those that both have."
        for one in short
    ]


def effort(ranked: Sequence[Ranking]) -> str:
    """What reviewing a part of everything finds."""
    told = [
        f"{one.title} {numbers.share(one.effort.value)}"
        for one in ranked
        if one.score in ("likelihood", "combined", "smallest", "random") and one.effort.value is not None
    ]
    return (
        f"In {numbers.whole(EFFORT_SHARE)} of the effort of reviewing everything (a change costs 10 + its lines, "
        f"at most 310) one finds of the reverted changes: {'; '.join(told)}."
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
    said = f"By their probabilities {numbers.share(held.stated)} of the changes should have been reverted"
    told = [f"{said}; {numbers.share(held.observed)} were."]
    if held.by_points:
        told.append(
            "What was said is not recorded: the probabilities are those of the points, at the prior rate."
        )
    if held.slope is not None:
        told.append(
            f"Slope {held.slope:.2f}: 1 is ideal; under 1 they make too much of the difference between "
            "changes, over 1 too little."
        )
    told.append(
        f"Mean squared error (Brier) {held.brier:.4f}; stating {numbers.share(held.observed)} for every change has "
        f"{held.reference:.4f}."
    )
    return told
