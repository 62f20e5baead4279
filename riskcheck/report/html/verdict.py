"""What somebody about to merge needs in five seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS
from riskcheck.phrases import listed, many
from riskcheck.priors import REFERENCE_MINUTES
from riskcheck.report.html.markup import TABLE_END, code, items, left_out, prose, table, text
from riskcheck.report.rollout import duration, split_words
from riskcheck.report.safe import shortened
from riskcheck.report.verdict import ACKNOWLEDGE, advice, because, quiet_words, shown
from riskcheck.response import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.results import Report

MOST_REASONS: Final = 4
MOST_PATHS: Final = 5
LONGEST_HEADLINE: Final = 240
MOST_FIXES: Final = 3
MOST_TERMS: Final = 200
MOST_WAVES: Final = 12
WORDS: Final = {"block": "Blocked", "warn": "Warning", "pass": "Pass"}


def verdict(report: Report) -> Iterator[str]:
    """The band at the top."""
    assessment = report.assessment
    live = shown(report)
    yield f'<section class="verdict {assessment.verdict}" aria-labelledby="verdict-title"><div class="answer">'
    level = f' <span class="level {assessment.level}">{assessment.level}</span>' if assessment.level else ""
    yield f'<h1 id="verdict-title"><span class="word">{WORDS[assessment.verdict]}</span>{level}</h1>'
    yield f'<p class="headline">{text(_headline(report, live))}</p>'
    reasons = because(report)
    yield items(map(prose, reasons[:MOST_REASONS]), look="reasons")
    if len(reasons) > MOST_REASONS:
        yield f'<p class="faint">and {many(len(reasons) - MOST_REASONS, "more reason")}</p>'
    if report.response is not None and assessment.verdict != "pass":
        asked = re.sub(r"(\d) (min|h|s|days?)\b", r"\1&nbsp;\2", text(told(report.response)))
        yield f'<p class="respond"><b>If it comes true</b> {asked}</p>'
    yield "</div>"
    yield from _figures(report, live)
    yield "</section>"
    yield from _steps(report, live)
    yield from _terms(report)


def _headline(report: Report, live: list[Finding]) -> str:
    """One sentence: what is the worst of it, or that there is nothing."""
    if not live:
        return _begun(quiet_words(report))
    if report.state:
        return f"{many(len(live), 'finding')} in the tree as it is."
    worst = max(live, key=lambda one: (one.blocking is not None, LEVELS.index(one.level)))
    first = next(one for one in live if one.cause == worst.cause)
    where = f" in {first.service}" if first.service else ""
    said = f"{_begun(_brief(first.message))}{where}"
    cells = {one.name for one in first.environments if one.stage == "prod"}
    if len(cells) > 1:
        said += f", in {len(cells)} production cells"
    elif first.environments:
        said += f", {next(iter(sorted(cells or {one.name for one in first.environments})))}"
    return f"{said}."


def _brief(message: str) -> str:
    """The first part of a message that lists several things; the finding has all of it."""
    first = message.partition("; ")[0] if len(message) > LONGEST_HEADLINE else message
    return shortened(first, LONGEST_HEADLINE)


def _begun(sentence: str) -> str:
    """`sentence` with a capital, unless it begins with a name."""
    word = sentence.partition(" ")[0].rstrip(":,")
    return sentence[:1].upper() + sentence[1:] if word.isalpha() and word.islower() else sentence


def _figures(report: Report, live: list[Finding]) -> Iterator[str]:
    score = report.assessment.score
    yield '<dl class="figures">'
    if not report.state:
        width = max(0.0, min(score, 100.0))
        yield (
            f'<div class="score"><dt>Score</dt><dd><b>{score:.1f}</b> <span class="faint">of 100</span>'
            '<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" '
            f'height="4"/><rect class="fill" width="{width:.1f}" height="4"/></svg></dd></div>'
        )
    counts = "".join(
        f'<span class="level {level}">{number} {level}</span>'
        for level in reversed(LEVELS)
        if (number := sum(one.level == level for one in live))
    )
    yield f"<div><dt>Findings</dt><dd>{counts or 'none'}</dd></div>"
    changed = sum(one.changed for one in report.services)
    if report.services and not report.state:
        beyond = len(report.services) - changed
        yield f"<div><dt>Services</dt><dd>{changed} changed, {beyond} more reached</dd></div>"
    reached = {cell.environment for cell in report.matrix if cell.state == "changed"}
    stages = {one.name: one.stage for one in report.environments}
    production = sum(stages.get(name) == "prod" for name in reached)
    if report.matrix:
        known = len({cell.environment for cell in report.matrix})
        at_once = f", {production} in production" if production else ""
        yield f"<div><dt>Environments</dt><dd>{len(reached)} of {known} changed at once{at_once}</dd></div>"
    if report.state:
        yield f"<div><dt>Environments</dt><dd>{len(report.environments)}</dd></div>"
    files = f"{many(report.files_changed, 'file')} changed, " if not report.state else ""
    yield f"<div><dt>Read</dt><dd>{files}{report.files_read} read as configuration</dd></div>"
    if report.limitations:
        yield f'<div><dt>Limits</dt><dd><a href="#limits">{len(report.limitations)}</a></dd></div>'
    yield "</dl>"


def _steps(report: Report, live: list[Finding]) -> Iterator[str]:
    """What can be merged now and what must wait, in order."""
    if report.state or (report.assessment.verdict == "pass" and not live):
        return
    chosen = report.assessment.recommendation
    fixes = list(dict.fromkeys(one.fix for one in live if one.blocking))
    yield '<section class="order" aria-labelledby="order-title">'
    cautious = chosen.action == "proceed-with-safeguards"
    words = "proceed with these safeguards" if cautious else advice(report)
    yield f'<h2 id="order-title">{text(_begun(words))}</h2><ol>'
    if cautious:
        yield _then("Safeguards", chosen.reasons, MOST_PATHS)
    if chosen.safe_paths:
        proof = items(map(text, chosen.proof[:MOST_PATHS]), look="faint")
        yield f'<li class="now"><h3>Merge now</h3>{_paths(chosen.safe_paths)}{proof}</li>'
        yield f'<li class="hold"><h3>Hold back</h3>{_paths(chosen.held_paths)}</li>'
    elif report.assessment.verdict == "block":
        yield '<li class="hold"><h3>Hold back all of it</h3><p>No part of it is known to be safe alone.</p></li>'
    else:
        yield '<li class="now"><h3>Merge</h3><p>No part of it has to be held back.</p></li>'
    if report.assessment.verdict == "block":
        yield _then(
            "Before the rest follows" if chosen.safe_paths else "Before it is merged", fixes, MOST_FIXES
        )
    yield "</ol>"
    yield from _rollout(report)
    yield from _commands(report)
    yield "</section>"


def _rollout(report: Report) -> Iterator[str]:
    """The waves that it can go out in, and the files that have to be split for that."""
    held = report.rollout
    if held is None or (len(held.waves) < 2 and not held.split):
        return
    rows = []
    for one in held.waves[:MOST_WAVES]:
        paths = ", ".join(map(code, one.paths[:MOST_PATHS]))
        more = f" and {len(one.paths) - MOST_PATHS} more" if len(one.paths) > MOST_PATHS else ""
        told = f": {paths}{more}" if paths else ""
        lacking = items((f"missing: {prose(missing)}" for missing in one.missing[:MOST_FIXES]), look="faint")
        where = text(listed(one.environments, MOST_PATHS))
        rows.append(f"<b>{where}</b>{told}; watch it for {duration(one.soak_seconds)}{lacking}")
    if len(held.waves) > MOST_WAVES:
        rows.append(f"and {many(len(held.waves) - MOST_WAVES, 'more wave')}")
    yield '<div class="waves"><h3>In which order</h3>'
    yield items(rows, "ol")
    yield items(prose(f"Split {split_words(*one)}") for one in held.split[:MOST_PATHS])
    yield "</div>"


def _commands(report: Report) -> Iterator[str]:
    asked = report.next_steps
    if asked.plan:
        yield f'<p class="command"><b>What each part waits for</b> {code(asked.plan)}</p>'
    if asked.acknowledge:
        yield f'<p class="command"><b>If it is meant</b> {ACKNOWLEDGE} {code(asked.acknowledge)}</p>'


def _then(title: str, sentences: Sequence[str], most: int) -> str:
    if not sentences:
        return ""
    left = len(sentences) - most
    more = f'<p class="faint">and {left} more below</p>' if left > 0 else ""
    return f'<li class="then"><h3>{title}</h3>{items(map(prose, sentences[:most]))}{more}</li>'


def _paths(paths: tuple[str, ...]) -> str:
    more = len(paths) - MOST_PATHS
    first = items(map(code, paths[:MOST_PATHS]), look="paths")
    if more <= 0:
        return first
    rest = items(map(code, paths[MOST_PATHS : MOST_PATHS + 400]), look="paths")
    return f"{first}<details><summary>{many(more, 'more file')}</summary>{rest}</details>"


def _terms(report: Report) -> Iterator[str]:
    terms = report.assessment.terms
    if not terms or report.state:
        return
    minutes = sum(one.value for one in terms)
    yield '<details class="terms"><summary>How the score came about</summary>'
    yield table("Terms of the score", ("Term", "#Bad minutes", "From"))
    for one in terms[:MOST_TERMS]:
        yield f'<tr><th scope="row">{text(one.name)}</th><td class="number">{one.value:.4g}</td>'
        yield f"<td>{text(one.detail)}</td></tr>"
    yield TABLE_END
    yield left_out(len(terms) - MOST_TERMS, "term")
    yield (
        f'<p class="faint">{report.assessment.score:.1f} = 100 &times; (1 &minus; exp(&minus;{minutes:.4g} / '
        f"{REFERENCE_MINUTES})); priors, uncalibrated. It ranks changes; it decides nothing.</p>"
    )
    if report.likelihood is not None:
        from riskcheck.report.likelihood import explained

        yield "<ul>"
        yield from (f"<li>{text(line)}</li>" for line in explained(report.likelihood))
        yield "</ul>"
    yield "</details>"
