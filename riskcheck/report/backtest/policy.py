"""What a back-test suggests for the policy: YAML with its numbers as comments.

It changes only what the numbers carry. Reverts show how likely a change goes wrong, so no rule is lowered that
guards against what reverts do not show (`RuleRow.kept`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import FEW
from riskcheck.phrases import many
from riskcheck.regexes import regex
from riskcheck.report.backtest import numbers, words
from riskcheck.report.safe import plain, shortened
from riskcheck.report.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.backtests import BacktestReport, Gate, RuleRow

SEVERITIES: Final = ("P0", "P1", "P2", "P3")
LOWEST: Final = SEVERITIES.index("P3")
HIGHEST_RAISED: Final = SEVERITIES.index("P1")
"""A P0 blocks whatever the evidence; numbers alone make none."""
CLEAR: Final = 2.0
"""A rule is raised where the odds are doubled at the least, by its interval."""
RARE: Final = 0.05
"""And where it fires on no larger share of ordinary changes."""
LONGEST: Final = 60
WIDTH: Final = 100
_CODE: Final = regex(r"[A-Z][A-Z0-9]{1,15}-[0-9]{1,6}")


def suggest_policy(report: BacktestReport) -> str:
    """YAML for ``riskcheck.yaml``, ending in a newline. Valid by `schemas/config.schema.json`."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: BacktestReport) -> Iterator[str]:
    counts = report.population
    yield from _comment(
        f"Suggested by riskcheck backtest, from {many(len(report.repositories), 'repository')}: "
        f"{numbers.count(counts.judged)} changes judged, {numbers.count(counts.reverted)} of them reverted later."
    )
    yield "version: 1"
    if not report.conclusive:
        yield ""
        yield from _comment(
            f"No change is suggested: {FEW} reverted changes are the least that any conclusion is drawn from."
        )
        return
    yield ""
    yield from _gate(report)
    moved = [(one, to) for one in report.rules if (to := _moved(report, one)) is not None]
    if not moved:
        yield from _comment("rules: no rule's severity is changed; the data carry no conclusion about any.")
    else:
        yield "rules:"
        yield "  severity:"
        for one, to in moved:
            yield from _comment(_reason(one, to), "    ")
            yield f"    {one.code}: {to}"
    yield from _left(report)


def _gate(report: BacktestReport) -> Iterator[str]:
    """The gate is not changed: what another one would have said of canaries nobody has tried."""
    for sentence in words.of_the_gate(report):
        yield from _comment(f"gate: nothing is changed. {sentence}")
    stricter = _stricter(report)
    if stricter is not None:
        yield from _comment(
            f"With `riskcheck diff --fail-on {stricter.name}` it would have stopped "
            f"{numbers.share_of(stricter.caught)} of the reverted changes and "
            f"{numbers.share_of(stricter.stopped)} of the ordinary ones "
            f"(odds ratio {numbers.ratio_of(stricter.odds)})."
        )
    for sentence in words.of_shares(report):
        yield from _comment(f"{sentence} {_from_points(report)}".rstrip())
    yield ""


def _stricter(report: BacktestReport) -> Gate | None:
    """The mildest gate by level that catches more than the one there is, and tells changes apart."""
    now = words.gate(report, "block")
    if now is None or now.caught.value is None:
        return None
    for name in ("P0", "P1", "P2"):
        one = words.gate(report, name)
        if one is None or one.caught.value is None or one.odds.low is None:
            continue
        if one.caught.value > now.caught.value and one.odds.low > 1:
            return one
    return None


def _from_points(report: BacktestReport) -> str:
    one = words.gate(report, "likelihood", words.TENTH)
    if one is None or one.threshold is None or (one.caught.low or 0) <= words.TENTH:
        return ""
    return f"They begin at {one.threshold:.3g} points: a place to ask for a second reviewer."


def _moved(report: BacktestReport, one: RuleRow) -> str | None:
    """The severity that the numbers speak for, one step away; None where they speak for none."""
    facts = one.facts
    if facts is None or facts.severity not in SEVERITIES or not _CODE.fullmatch(one.code):
        return None
    at = SEVERITIES.index(facts.severity)
    if one.verdict == "fires rather on ordinary changes" and not one.kept and at < LOWEST:
        return SEVERITIES[at + 1]
    clear = one.verdict == "earns its keep" and (one.odds.low or 0) >= CLEAR
    if clear and one.ordinary <= RARE * report.population.ordinary and at > HIGHEST_RAISED:
        return SEVERITIES[at - 1]
    return None


def _reason(one: RuleRow, to: str) -> str:
    facts = one.facts
    assert facts is not None
    does = "lowered" if to > facts.severity else "raised"
    return f"{_told(one)}: {one.verdict}; {does} from {facts.severity}."


def _told(one: RuleRow) -> str:
    title = f" ({shortened(plain(one.facts.title), LONGEST)})" if one.facts else ""
    fired = (
        f"fired on {numbers.count(one.reverted)} reverted and {numbers.count(one.ordinary)} ordinary changes"
    )
    return f"{one.code}{title}: {fired}, odds ratio {numbers.ratio_of(one.odds)}, p {numbers.chance(one.adjusted)}"


def _left(report: BacktestReport) -> Iterator[str]:
    """Rules that the numbers speak against and that stay, with the reason."""
    for one in report.rules:
        if one.verdict != "fires rather on ordinary changes" or _moved(report, one) is not None:
            continue
        if one.facts is None:
            why = "it is not known any more"
        elif one.kept:
            why = "it guards against harm that reverts do not show"
        else:
            why = (
                "it is P3 already; `rules.ignore` would leave it out, which the numbers alone do not ask for"
            )
        yield ""
        yield from _comment(
            f"Left as it is: {plain(_told(one))}. It fires rather on ordinary changes, but {why}."
        )
    yield ""
    yield from _comment(words.HALF_SHORT)


def _comment(sentence: str, indent: str = "") -> Iterable[str]:
    prefix = f"{indent}# "
    return (
        line if line.startswith(prefix) else prefix + line.strip()
        for line in hanging(prefix, sentence, WIDTH, len(prefix))
    )
