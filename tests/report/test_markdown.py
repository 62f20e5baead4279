"""The comment under a pull request: short, complete, bounded, and deaf to what the repository says."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskcheck.judged import CanaryEvidence, RollbackEvidence, Waiver
from riskcheck.models import Environment, Limitation, Location
from riskcheck.report.markdown.page import LARGEST
from riskcheck.report.markdown.report import MARKER, render
from riskcheck.report.markdown.writing import code, item, prose, text
from riskcheck.report.rows import Row
from riskcheck.results import Assessment, MatrixCell, Recommendation, Report
from tests.acceptance.test_examples import SCENARIOS
from tests.acceptance.test_examples import report as judged
from tests.findings import finding
from tests.report.rendering import offences, tokens, visible

report = cache(judged)

HOSTILE = (
    "</details><script>alert(1)</script>",
    "<!-- riskcheck:report -->",
    "`<!-- riskcheck:report -->`",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    '@team-payments and @org/team, #123, !45, GH-7, org/repo#1, ~bug, %"v 1", &3, $9, ^alert#2',
    "https://evil.example www.evil.example mailto:a@b.example ftp://evil.example",
    "| a | b |\n| - | - |\n| c | d |",
    "``` \n/close\n/assign @me",
    "a`b``c```d",
    "`",
    "``",
    " ` ",
    "\\`x\\",
    "\u202egnp.exe\u2066",
    "# heading\n- [ ] task\n> quote\n***\n---",
    "*a* _b_ ~~c~~ **d**",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "[^1] [[_TOC_]] [issue:1] ::include{file=/etc/passwd}",
    "$`x`$ $$x$$",
    "`<b>` `@team` <b>`</b>`",
)
anything = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet="`*_[]()<>!@#|&$~%^\\/-:.\n \tawgh1h\"'+=", max_size=40),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join),
    st.text(max_size=60),
)


@given(anything)
@example("www.`www.`")
@example("x`@a`#1`")
def test_text_stays_text(words: str) -> None:
    for line in (text(words), code(words), prose(words), item(Row("label", words))):
        assert "\n" not in line
        # Behind it stands what a rest of it could combine with.
        for around in (f"- {line} · `x`\n", f"- a `x` {line}\n"):
            assert offences(around) == []
            assert {one.type for one in tokens(around)} <= {
                *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "inline"),
                *("paragraph_open", "paragraph_close", "text", "code_inline", "strong_open", "strong_close"),
            }


@given(anything, anything)
def test_a_table_keeps_its_cells(one: str, other: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {text(one)} | {text(other)} |\n"
    assert offences(table) == []
    assert sum(token.type == "td_open" for token in tokens(table)) == 2


@example("-")
@example("+ a")
@example("1. a")
@example("12) a")
@given(st.text(max_size=80))
@example("- a")
@example("12. b")
@example("=")
def test_what_is_shown_is_what_was_said(words: str) -> None:
    from riskcheck.report.safe import plain

    said = re.sub(r"\s+", " ", plain(words)).strip()
    for line in (text(words), code(words)):
        shown = visible(f"- {line}\n").replace("\u200b", "")
        assert re.sub(r"\s+", " ", shown).strip() == said


def hostile(words: str) -> Report:
    """A report in which everything that a repository can say is `words`."""
    environments = (Environment(words, "prod", source="x.yaml:1"), Environment(f"b{words}", "staging"))
    place = Location(words, "head", 3, 1, 3, 1)
    one = finding(
        message=words,
        why=words,
        fix=words,
        resource=words,
        service=words,
        environments=environments,
        location=place,
        before=words,
        after=f"{words}!",
        level="P0",
        blocking=words,
        canary=(
            CanaryEvidence("promoted", False, words, words),
            CanaryEvidence("pipeline", True, "b", words),
        ),
        rollback=(RollbackEvidence("revert", True, words),),
    )
    waiver = Waiver("a-rule", words, words, words, "2027-01-01")
    waived = finding(message=words, location=place, waiver=waiver)
    note = finding(message=words, location=place, level="note")
    advised = Recommendation("scope-down", (words,), (words,), (words,), (words,))
    base = report("jobs-control-plane", "risky")
    return base._replace(
        assessment=Assessment("block", "P0", 99.0, advised, (words,)),
        findings=(one, waived, note),
        environments=environments,
        matrix=(MatrixCell(words, words, "changed"), MatrixCell(words, f"b{words}", "unchanged")),
        limitations=(Limitation(words, "unresolved-template", words),),
        notes=(words,),
        excerpts={(words, "head", 3): words},
    )


@settings(max_examples=40)
@given(anything)
def test_a_hostile_repository_draws_nothing_of_its_own(words: str) -> None:
    page = render(hostile(words))
    assert offences(page) == []
    assert page.startswith(MARKER + "\n") and page.count("<!--") == 1
    raw = "".join(one.content for one in tokens(page) if one.type == "html_block")
    assert raw.count("<details>") == raw.count("</details>") == 4
    # GitLab runs what stands behind a slash at the start of a line.
    assert not re.search(r"^\s*/", page, re.MULTILINE)


def test_a_verdict_that_passes_takes_hardly_any_room() -> None:
    silent = report("jobs-control-plane", "safe")._replace(findings=(), limitations=(), notes=())
    lines = render(silent).splitlines()
    assert lines[0] == MARKER
    assert len(lines) == 2 and "riskcheck: PASS" in lines[1]
    limited = silent._replace(limitations=(Limitation("a.yaml", "parse-error", "a bracket does not end", 3),))
    shown = render(limited)
    assert shown.count("<details>") == 1 and "a.yaml:3: a bracket does not end" in shown


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_examples_say_what_matters_before_the_fold(scenario: str) -> None:
    found = report(scenario, "risky")
    page = render(found)
    top, _, folded = page.partition("<details>")
    assert f"riskcheck: BLOCK {found.assessment.level}" in top
    assert f"score {found.assessment.score:.1f}" in top
    assert "| service |" in top
    assert "**because**" in top
    first = found.findings[0]
    assert f"`{first.location.path}:{first.location.line}`" in top
    assert len(top.splitlines()) < 45
    for label in ("why", "fix", "place", "incident"):
        assert f"**{label}**" in folded
    assert offences(page) == []
    assert len(page.encode()) < LARGEST


def test_what_can_be_merged_now_stands_at_the_top() -> None:
    top = render(report("jobs-control-plane", "risky")).partition("<details>")[0]
    assert "- **merge now** `clusters/canary-standard/scheduler.yaml`, " in top
    assert "- **hold back** `clusters/prod-premium/scheduler.yaml`" in top
    assert "| jobs-scheduler | ● | ○ | ● | ● |" in top


def test_a_large_report_is_cut_between_findings_and_says_so() -> None:
    base = report("jobs-control-plane", "risky")
    many = tuple(
        finding(message=f"finding {number} <{'&' * 400}>", why="`" * 900, cause=str(number), level="P1")
        for number in range(500)
    )
    page = render(base._replace(findings=many))
    assert LARGEST * 0.9 < len(page.encode()) <= LARGEST
    assert "and 494 more causes" in page
    said = re.search(r"Left out, as a comment holds only so much: (\d+) folded causes", page)
    assert said is not None
    assert page.count("<details>") == page.count("</details>")
    assert page.count("<summary>P1") + int(said[1]) == 500
    assert offences(page) == []


@settings(max_examples=15)
@given(st.text(min_size=300, max_size=700))
def test_no_report_is_larger_than_a_comment_may_be(words: str) -> None:
    base = hostile(words)
    causes = tuple(finding(message=words, why=words, cause=str(number)) for number in range(80))
    advised = base.assessment.recommendation._replace(safe_paths=(words,) * 40, held_paths=(words,) * 40)
    assessed = base.assessment._replace(reasons=(words,) * 40, recommendation=advised)
    page = render(base._replace(findings=causes, assessment=assessed, notes=(words,) * 40))
    assert len(page.encode()) <= LARGEST
