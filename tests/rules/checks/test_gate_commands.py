"""Calls of riskcheck as CI steps and hooks write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskcheck.rules.checks.gate_commands import Call, calls, from_environment, options, relaxed, step_calls
from riskcheck.rules.checks.gate_jobs import Waits

if TYPE_CHECKING:
    from riskcheck.nodes import Value
    from riskcheck.rules.checks.gate_values import Plain


DIFF = {"command": "diff"}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("riskcheck diff main", [Call({"command": "diff", "revision": "main"}, False)]),
        ("python -m riskcheck diff main", [Call({"command": "diff", "revision": "main"}, False)]),
        ("uvx riskcheck@0.1 diff --fail-on P1", [Call({"command": "diff", "fail-on": "P1"}, False)]),
        ("docker run ghcr.io/acme/riskcheck:1 diff", [Call(DIFF, False)]),
        (".venv/bin/riskcheck diff --exit-zero", [Call({"command": "diff", "exit-zero": ""}, False)]),
        (
            "riskcheck diff --quiet main a -- b c",
            [Call(DIFF | {"quiet": "main", "revision": "main", "paths": "a b c"}, False)],
        ),
        ("riskcheck diff || true", [Call(DIFF, True)]),
        ("riskcheck diff &", [Call(DIFF, True)]),
        ("riskcheck diff | tee log", [Call(DIFF, True)]),
        ("set -o pipefail\nriskcheck diff | tee log", [Call(DIFF, False)]),
        ("set +e\nriskcheck diff", [Call(DIFF, True)]),
        ("if riskcheck diff; then echo good; fi", [Call(DIFF, True)]),
        ("! riskcheck diff", [Call(DIFF, True)]),
        ("riskcheck diff && riskcheck lint", [Call(DIFF, False), Call({"command": "lint"}, False)]),
        ("exit 0\nriskcheck diff", []),
        ('[ -n "$CI" ] && exit 0\nriskcheck diff', [Call(DIFF, False)]),
        ("if test -f x\nthen\n  exit 0\nfi\nriskcheck diff", [Call(DIFF, False)]),
        ("pip install riskcheck", []),
        ("uv tool install riskcheck==0.1", []),
        ("riskcheck --version", []),
        ("riskcheck rules test rules/", []),
        ("echo riskcheck", []),
        ("# riskcheck diff", []),
        ("cat riskcheck.yaml", []),
        ("", []),
    ],
)
def test_calls(script: str, expected: list[Call]) -> None:
    assert list(calls(script)) == expected


def test_options_are_read_in_every_spelling() -> None:
    assert options(
        ["diff", "main", "--fail-on", "P1", "--ignore=A", "--ignore", "B", "--exit-zero", "-q"]
    ) == {
        "fail-on": "P1",
        "ignore": "A,B",
        "exit-zero": "",
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"format": "sarif"}, []),
        ({}, {"exit-zero": ""}, ["riskcheck is run with --exit-zero"]),
        ({"exit-zero": ""}, {}, []),
        ({}, {"fail-on": "P0"}, ["riskcheck is run with --fail-on P0"]),
        ({}, {"fail-on": "P1"}, []),
        ({"fail-on": "P1"}, {}, ["riskcheck is run with --fail-on at its default"]),
        ({"fail-on": "P2"}, {"fail-on": "P1"}, ["riskcheck is run with --fail-on P1"]),
        ({"fail-on": "never"}, {"fail-on": "P0"}, []),
        ({}, {"ignore": "A, B"}, ["riskcheck is run with --ignore A,B"]),
        ({"ignore": "A,B"}, {"ignore": "B"}, []),
        ({}, {"select": "A"}, ["riskcheck is run with --select A"]),
        ({"select": "A,B"}, {"select": "A"}, ["riskcheck is run with --select A"]),
        ({"select": "A"}, {"select": "A,B"}, []),
        ({"select": "A"}, {}, []),
        ({}, {"config": "x.yaml"}, ["riskcheck is run with another policy file (x.yaml)"]),
        ({"no-waivers": ""}, {}, ["riskcheck honours waivers again"]),
        ({}, {"no-waivers": ""}, []),
        ({}, {"skip": ""}, ["the hook riskcheck is skipped"]),
    ],
)
def test_what_lets_more_through(before: dict[str, str], after: dict[str, str], expected: list[str]) -> None:
    assert list(relaxed(before, after)) == expected


def test_variables_ask_for_the_same() -> None:
    env = {
        "RISKCHECK_EXIT_ZERO": True,
        "RISKCHECK_FAIL_ON": "never",
        "RISKCHECK_NO_WAIVERS": "false",
        "RISKCHECK_COLOR": "always",
        "SKIP": "ruff,riskcheck",
        "OTHER": 1,
    }
    assert from_environment(env) == {"exit-zero": "", "fail-on": "never", "skip": ""}
    assert from_environment({"SKIP": "ruff"}) == {}
    assert from_environment(None) == {}


def test_an_action_called_riskcheck_is_a_call() -> None:
    step: dict[str, Value] = {
        "uses": "acme/riskcheck@v1",
        "inputs": {"args": "--fail-on P1", "exit_zero": True},
    }
    assert step_calls(step) == [Call({"fail-on": "P1", "exit-zero": "True"}, False, "acme/riskcheck")]
    assert step_calls({"uses": "actions/checkout@v4"}) == []
    assert step_calls({}) == []


class TestWaits:
    def test_directly_or_not(self) -> None:
        waits = Waits({"a": {}, "b": {"needs": ["a"]}, "c": {"needs": ["b", "missing"]}, "d": {"needs": "c"}})
        assert waits.of("d") == {"a", "b", "c"}
        assert waits.of("b") == {"a"}
        assert waits.of("a") == set()
        assert waits.of("missing") == set()

    def test_circles_end(self) -> None:
        waits = Waits({"a": {"needs": ["b"]}, "b": {"needs": ["a", "c"]}, "c": {}})
        assert waits.of("a") >= {"b", "c"}
        assert waits.of("b") >= {"a", "c"}

    def test_a_long_chain_is_no_problem(self) -> None:
        jobs: dict[str, Plain] = {f"j{number}": {"needs": [f"j{number - 1}"]} for number in range(1, 3_000)}
        jobs["j0"] = {}
        assert len(Waits(jobs).of("j2999")) == 2_999
