"""Regular expressions over long texts of a repository take time that grows with their length only.

Python's engine backtracks. From the syntax tree of each pattern, texts are made that could lead it astray: what
comes before a repetition, then thousands of what it repeats, then something that does not fit.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

ROOT = Path(__file__).parents[2] / "riskcheck"
METHODS = {
    "match": 2,
    "search": 2,
    "fullmatch": 2,
    "finditer": 2,
    "findall": 2,
    "sub": 4,
    "split": 3,
    "compile": 1,
}
"""Each with the number of the argument that holds its flags."""
_USED = r"\b(\w+)\.(match|search|fullmatch|finditer|findall|sub|split)\b"
LETTERS = "a1 \n\t\"'_-./:=,;{}[]()$%#@*+<>|&\\A"
SHORT, LONG = 1_500, 6_000
SLOW = 0.02
"""Seconds of processor time above which the growth is looked at."""

TRIED = (
    "network/known.py",
    "platforms/contracts/suites.py",
    "platforms/kubernetes/kustomize/index.py",
    "platforms/kubernetes/kustomize/variables.py",
    "platforms/terraform/terragrunt/applied.py",
    "rollout/parity.py",
    "rules/checks/databricks_data.py",
    "rules/checks/gate_forks.py",
    "undecided.py",
)
"""Modules with patterns over text of any length that once grew with the square of it, or worse."""


def patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Module, pattern and the method that it is used with; those that are put together at run time are left out."""
    for file in (ROOT / one for one in TRIED):
        text = file.read_text("utf-8")
        name = ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        known = {**vars(importlib.import_module(name)), "re": re}
        used: dict[str, str] = dict(re.findall(_USED, text))
        for node in ast.walk(ast.parse(text)):
            found = compiled(node, known)
            if found is not None and (found[2] or found[1] != "compile"):
                yield name, found[0], used.get(found[2], "match") if found[1] == "compile" else found[1]


def compiled(node: ast.AST, known: dict[str, Any]) -> tuple[re.Pattern[Any], str, str] | None:
    """The pattern of a call of `re`, what is called, and the name that the pattern is assigned to."""
    target = ""
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        names = node.targets if isinstance(node, ast.Assign) else [node.target]
        target = names[0].id if isinstance(names[0], ast.Name) else ""
        node = node.value
    if not isinstance(node, ast.Call) or not node.args:
        return None
    called = ast.unparse(node.func).removeprefix("re.") if ast.unparse(node.func) != "regex" else "compile"
    if called not in METHODS or ast.unparse(node.func) not in ("regex", f"re.{called}"):
        return None
    try:
        pattern = eval(ast.unparse(node.args[0]), known)
        flags = [eval(ast.unparse(one), known) for one in node.args[METHODS[called] : METHODS[called] + 1]]
        flags += [eval(ast.unparse(one.value), known) for one in node.keywords if one.arg == "flags"]
        return re.compile(pattern, *flags), called, target
    except (NameError, KeyError, SyntaxError, TypeError, ValueError):
        return None


REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def fitting(items: Any) -> list[str]:
    negated = any(code is codes.NEGATE for code, _ in items)
    return [one for one in LETTERS if any(fits(one, *item) for item in items) is not negated]


def fits(letter: str, code: Any, value: Any) -> bool:
    if code is codes.LITERAL:
        return bool(ord(letter) == value)
    if code is codes.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    if code is codes.CATEGORY:
        kind = str(value)
        word = letter.isalnum() or letter == "_"
        held = letter.isdigit() if "DIGIT" in kind else letter.isspace() if "SPACE" in kind else word
        return held is not ("NOT" in kind)
    return False


def example(parts: Any) -> str:
    """A short text that the parts of a pattern take."""
    made = ""
    for code, value in parts:
        if code is codes.LITERAL:
            made += chr(value)
        elif code in (codes.NOT_LITERAL, codes.ANY):
            made += "a" if value != ord("a") else "b"
        elif code is codes.IN:
            made += next(iter(fitting(value)), "")
        elif code is codes.BRANCH:
            made += example(value[1][0])
        elif code is codes.SUBPATTERN:
            made += example(value[3])
        elif code is codes.ATOMIC_GROUP:
            made += example(value)
        elif code in REPEATS:
            made += example(value[2]) * min(value[0], 50)
    return made


def attacks(parts: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What leads to a repetition, and what it repeats."""
    for code, value in parts:
        inner = [value[3]] if code is codes.SUBPATTERN else [value] if code is codes.ATOMIC_GROUP else []
        inner += value[1] if code is codes.BRANCH else [value[2]] if code in REPEATS else []
        if code in REPEATS and (value[1] is codes.MAXREPEAT or value[1] > 100):
            body = list(value[2])
            repeated = {example(body)}
            if len(body) == 1 and body[0][0] is codes.IN:
                repeated |= set(fitting(body[0][1])[:12])
            elif len(body) == 1 and body[0][0] in (codes.ANY, codes.NOT_LITERAL):
                repeated |= {"a", " ", '"'}
            yield from ((before, one) for one in sorted(repeated) if one)
        for one in inner:
            yield from attacks(one, before)
        before += example([(code, value)])


def seconds(pattern: re.Pattern[Any], method: str, text: str) -> float:
    given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    begin = time.process_time()
    if method == "sub":
        pattern.sub(given[:0], given)
    elif method == "finditer":
        for _ in pattern.finditer(given):
            pass
    else:
        getattr(pattern, method)(given)
    return time.process_time() - begin


def grows(pattern: re.Pattern[Any], method: str, small: str, large: str) -> bool:
    """Whether the time grows with more than the length of the text."""
    before, after = (min(seconds(pattern, method, text) for _ in range(3)) for text in (small, large))
    return after > SLOW and after > 7 * before


def runaway(pattern: re.Pattern[Any], method: str) -> str | None:
    """A text with which the time of a pattern grows with the square, or worse; None where none was found."""
    raw = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    for before, unit in dict.fromkeys(attacks(list(parser.parse(raw, flags)))):
        for lead, part in ((before, unit), ("", before + unit)):
            for end in ("", "\x00", "!\n"):
                small, large = (lead + part * max(1, size // len(part)) + end for size in (SHORT, LONG))
                # Short texts first: what grows with more than the square is not tried on long ones.
                few = seconds(pattern, method, lead + part * max(1, 200 // len(part)) + end)
                if few > SLOW or (
                    seconds(pattern, method, large if few < SLOW / 20 else small) > SLOW
                    and grows(pattern, method, small, large)
                ):
                    return repr(lead[:40] + part[:40] + "…" + end)
    return None


def test_no_pattern_runs_away() -> None:
    found = list(patterns())
    assert len(found) > 15
    assert [
        f"{module}: {pattern.pattern!r} over {text}"
        for module, pattern, method in found
        if (text := runaway(pattern, method)) is not None
    ] == []


@pytest.mark.parametrize("pattern", [r"\[([^\]]*)\]"])
def test_patterns_that_do_are_found(pattern: str) -> None:
    assert runaway(re.compile(pattern, re.MULTILINE), "search" if "[" not in pattern else "findall")
