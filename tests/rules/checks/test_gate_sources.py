"""Where riskcheck comes from, and whether it judges the change."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.gate_sources import elsewhere, fixed, runner


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"base": "origin/main"}, []),
        (
            {"base": "main"},
            {"base": "$CI_COMMIT_SHA"},
            ["riskcheck compares the change with itself ($CI_COMMIT_SHA)"],
        ),
        ({"base": "HEAD"}, {"base": "HEAD"}, []),
        ({}, {"head": "origin/main"}, ["riskcheck judges origin/main, not the change"]),
        ({}, {"head": "HEAD"}, []),
        ({}, {"head": "${{ github.event.pull_request.head.sha }}"}, []),
        ({}, {"python": "./evil"}, ["riskcheck is run by ./evil"]),
        ({"python": "./evil"}, {"python": "python3"}, []),
        (
            {"image": "a/riskcheck"},
            {"image": "b/riskcheck"},
            ["riskcheck runs in another image (b/riskcheck)"],
        ),
        ({}, {"image": "a/riskcheck"}, []),
    ],
)
def test_what_is_judged_and_by_what(
    before: dict[str, str], after: dict[str, str], expected: list[str]
) -> None:
    assert list(elsewhere(before, after)) == expected


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("registry.example/riskcheck:0.1.0", "registry.example/riskcheck"),
        ("registry.example:5000/riskcheck", "registry.example:5000/riskcheck"),
        ("registry.example:5000/riskcheck:1@sha256:abc", "registry.example:5000/riskcheck"),
    ],
)
def test_an_image_is_named_without_its_version(image: str, name: str) -> None:
    assert runner({"image": image}) == {"image": name}


def test_versions_that_cannot_move() -> None:
    assert fixed("1" * 40) and fixed("0.1.0") and fixed("a" * 64)
    assert not fixed("main") and not fixed("v1") and not fixed("~latest") and not fixed("")
