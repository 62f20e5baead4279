"""Patterns that are compiled at first use are what `re` compiles."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from riskcheck.regexes import _Regex, regex

ROOT = Path(__file__).parents[1]


def every_pattern() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for path in sorted((ROOT / "riskcheck").rglob("*.py")):
        if " = regex(" in path.read_text():
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found += [(f"{module}.{name}", value) for name, value in vars(import_module(module)).items()]
    return [(name, value) for name, value in found if isinstance(value, _Regex)]


def test_every_pattern_can_be_compiled() -> None:
    patterns = every_pattern()
    assert len(patterns) > 200
    for name, pattern in patterns:
        assert getattr(pattern, "pattern"), name  # noqa: B009  # of the compiled pattern: it compiles it


def test_a_pattern_answers_as_a_compiled_one() -> None:
    words, compiled = (
        regex(r"(?P<first>[a-z])[a-z]*", re.IGNORECASE),
        re.compile("(?P<first>[a-z])[a-z]*", re.I),
    )
    assert words.findall("One two") == compiled.findall("One two") == ["O", "t"]
    found = words.fullmatch("One")
    assert found is not None and found["first"] == "O"
    assert words.sub("x", "One two") == "x x"
    assert words.groupindex == {"first": 1}
    assert regex(rb"[0-9]+").search(b"a12") is not None
    with pytest.raises(re.error, match="unterminated"):
        regex("[a").match("a")
