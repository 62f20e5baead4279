"""What people read: whole reports, byte for byte, and the promises about width and hostile text."""

from __future__ import annotations

import pytest

from riskcheck.judged import CanaryEvidence
from riskcheck.models import Limitation
from riskcheck.records import replace
from riskcheck.report.matrix import matrix_lines
from riskcheck.report.safe import plain, shortened
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from riskcheck.report.wrap import hanging
from riskcheck.results import MatrixCell
from tests.acceptance.test_examples import SCENARIOS, report
from tests.findings import finding
from tests.report import snapshots


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", snapshots.VARIANTS)
def test_the_report_reads_as_it_did(scenario: str, variant: str) -> None:
    """`python -m tests.report.snapshots` writes them anew where the change is meant."""
    assert snapshots.text(scenario, variant) == snapshots.path(scenario, variant).read_text("utf-8")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_keep_within_the_width_but_for_words_that_cannot_be_broken(width: int) -> None:
    text = render(report("pipeline-promotion", "risky"), Style(), TextOptions(width=width, explain=True))
    wide = [line for line in text.splitlines() if len(line) > max(width, 80) and " " in line[12:].strip()]
    assert wide == []


def test_without_unicode_everything_is_ascii() -> None:
    text = render(report("jobs-control-plane", "risky"), Style(unicode=False), TextOptions())
    assert text.isascii(), [character for character in text if not character.isascii()]


def test_colour_is_only_added_where_asked_for() -> None:
    found = report("jobs-control-plane", "risky")
    assert "\x1b[" in render(found, Style(colour=True), TextOptions())
    assert "\x1b[" not in render(found, Style(), TextOptions())


def test_limitations_alike_are_told_in_one_row() -> None:
    found = report("served-model", "safe")
    limits = tuple(Limitation(f"charts/{n}.yaml", "unresolved-template", "a template") for n in range(9))
    text = render(found._replace(limitations=limits), Style(), TextOptions())
    assert "charts/0.yaml and 8 more: a template" in text
    assert "nothing risky in what was read" in " ".join(text.split())


def test_of_limitations_of_one_kind_a_few_are_told() -> None:
    found = report("served-model", "safe")
    limits = tuple(
        Limitation("main.tf", "remote-module", f"module m{n} is not fetched", n) for n in range(1, 43)
    )
    other = Limitation("b.tf", "parse-error", "a bracket does not end", 3)
    text = render(found._replace(limitations=(*limits, other)), Style(), TextOptions())
    assert text.count("module m") == 2
    assert "40 more of the same kind: remote-module (--format json)" in text
    assert "b.tf:3: a bracket does not end" in text


def test_quiet_says_nothing_where_there_is_nothing() -> None:
    assert render(report("served-model", "safe"), Style(), TextOptions(quiet=True)) == ""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\nb", "a\\nb"),
        ("tab\there", "tab  here"),
        ("\udcff", "\\udcff"),
        ("größe", "größe"),
        ("run by a.b+c@mail.example", "run by [mail address]"),
        ("/Users/a.b@mail.example/job", "/Users/[mail address]/job"),
        ("a@mail.example for b@mail.example", "[mail address] for [another mail address]"),
        ("a@mail.example for A@mail.example", "[mail address] for [mail address]"),
        ("git@github.com:acme/web", "git@github.com:acme/web"),
        ("ssh://deploy@git.example/web", "ssh://deploy@git.example/web"),
        ("acme/checkout@v4.1 web@sha256:ab @daily", "acme/checkout@v4.1 web@sha256:ab @daily"),
    ],
)
def test_text_of_a_repository_is_made_harmless(given: str, shown: str) -> None:
    assert plain(given) == shown


def test_wrapping_keeps_long_words_whole() -> None:
    assert list(hanging("  fix  ", "a " + "x" * 90 + " b", 80, 7)) == [
        "  fix  a",
        "       " + "x" * 90,
        "       b",
    ]
    assert shortened("abcdef", 4) == "abc…"


def test_evidence_that_repeats_another_is_not_called_undeclared() -> None:
    why = "canary-premium has never run this value (3 there)"
    missing = finding(
        canary=(
            CanaryEvidence("promoted", False, "prod", why),
            CanaryEvidence("subset", False, "prod", why, absent=True),
            CanaryEvidence("split", False, "prod", "no traffic split is declared for it", absent=True),
        )
    )
    shown = render(
        report("jobs-control-plane", "risky")._replace(findings=(missing,)), Style(), TextOptions()
    )
    assert f"promoted, subset: {why}" in " ".join(shown.split())
    assert "nothing of the kind" not in shown


def test_names_that_begin_alike_stay_apart_in_the_matrix() -> None:
    names = [f"aws_iam_policy.module.iam_oidc.oidc_role_policies[{number}]" for number in (1, 2)]
    cells = tuple(MatrixCell(name, "prod-environment-of-the-company", "changed") for name in names)
    rows = list(matrix_lines(report("served-model", "risky")._replace(matrix=cells), Style(), 60))
    assert [row.split()[0] for row in rows[1:3]] == [
        f"aws_iam_poli…e_policies[{number}]" for number in (1, 2)
    ]
    whole = list(matrix_lines(report("served-model", "risky")._replace(matrix=cells), Style(), 120))
    assert [row.split()[0] for row in whole[1:3]] == names


def test_a_fix_is_told_once() -> None:
    judged = report("jobs-control-plane", "safe")
    (finding,) = judged.findings
    again = replace(finding, cause="another", fingerprint="another")
    text = render(judged._replace(findings=(finding, again)), Style(), TextOptions())
    assert text.count("P3 K8S-001") == 2
    assert text.count("  fix  ") == 1


def test_long_values_are_shown_from_where_they_differ() -> None:
    judged = report("jobs-control-plane", "risky")
    first = replace(judged.findings[0], before=f"{'x' * 80}\nold", after=f"{'x' * 80}\nnew")
    text = render(judged._replace(findings=(first, *judged.findings[1:])), Style(), TextOptions())
    assert "change    …xxxxxxxxxx\\nold → …xxxxxxxxxx\\nnew" in text


def test_what_is_a_finding_is_no_limit_besides() -> None:
    judged = report("jobs-control-plane", "risky")
    first = judged.findings[0]
    path = first.location.path
    failed = Limitation(path, "parse-error", "a quote does not end", 3, failed=True)
    told = replace(first, message=f"{path}: a quote does not end")
    text = render(judged._replace(findings=(told,), limitations=(failed,)), Style(), TextOptions())
    assert text.count("a quote does not end") == 1
    waived = render(judged._replace(limitations=(failed,)), Style(), TextOptions())
    assert "limit     " in waived
