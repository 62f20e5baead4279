"""What text tells of a Jenkinsfile."""

from __future__ import annotations

from time import perf_counter

import pytest

from riskcheck.nodes import Scalar, Source
from riskcheck.platforms.gate.ci import Step
from riskcheck.platforms.gate.jenkins import read


def steps(text: str) -> tuple[Step, ...]:
    return read(text.split("\n"), Source("Jenkinsfile", "head")).jobs[0].steps


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("sh 'riskcheck diff main'", "riskcheck diff main"),
        ('sh "riskcheck diff origin/${env.CHANGE_TARGET}"', "riskcheck diff origin/${env.CHANGE_TARGET}"),
        (
            """sh 'riskcheck diff --base "origin/$CHANGE_TARGET"'""",
            'riskcheck diff --base "origin/$CHANGE_TARGET"',
        ),
        ("sh(script: 'riskcheck diff', returnStdout: true)", "riskcheck diff"),
        ("bat 'riskcheck diff main'", "riskcheck diff main"),
        ("      riskcheck diff main", "riskcheck diff main"),
        ("sh '''riskcheck diff main'''", "riskcheck diff main"),
    ],
)
def test_the_command_of_a_line(line: str, run: str) -> None:
    (step,) = steps(line)
    assert step.run is not None and step.run.raw == run


@pytest.mark.parametrize(
    "line",
    [
        "stage('riskcheck') {",
        "image 'registry.example/riskcheck:1'",
        "// sh 'riskcheck diff'",
        'label "riskcheck"',
    ],
)
def test_what_only_bears_the_name_is_no_command(line: str) -> None:
    assert steps(line) == ()


def test_conditions_and_guards_hold_for_what_they_enclose() -> None:
    text = """\
    stage('a') {
      when { branch 'main' }
      steps { catchError { sh 'riskcheck diff a' } }
    }
    stage('b') {
      steps { sh 'riskcheck diff b' } // }
    }
    stage('c') {
      when {
        not { changeRequest() }
      }
      steps {
        sh 'riskcheck diff "{"'
        sh returnStatus: true, script: 'riskcheck diff d'
      }
    }
    }}}}"""
    first, second, third, fourth = steps(text)
    assert first.may_fail is not None and second.may_fail is None
    assert isinstance(first.condition, Scalar) and first.condition.raw == "branch 'main'"
    assert second.condition is None
    assert isinstance(third.condition, Scalar) and third.condition.raw == "not changeRequest()"
    assert third.may_fail is None and fourth.may_fail is not None


@pytest.mark.parametrize(
    "text",
    [
        "sh '" + "\\'" * 100_000,
        'sh "' + "\\x" * 100_000,
        "a {\n" * 50_000,
        "stage {\nwhen {\n" * 10_000 + "x\nsh 'riskcheck diff'\n" * 5_000,
        "catchError {\n" * 20_000 + "sh 'riskcheck diff'\n" * 5_000,
        "//" * 100_000,
        "returnStatus" + " " * 100_000,
        "script" + " \t" * 50_000 + " riskcheck",
        "{}" * 50_000,
    ],
)
def test_any_text_is_read_in_linear_time(text: str) -> None:
    started = perf_counter()
    steps(text)
    assert perf_counter() - started < 8


def test_what_stands_too_deep_to_be_seen_counts_as_caught() -> None:
    assert steps("a {\n" * 1_001 + "sh 'riskcheck diff'")[0].may_fail is not None
    assert steps("a {\n" * 900 + "sh 'riskcheck diff'")[0].may_fail is None
