"""Regular expressions over long texts of a repository take time that grows with their length only: every pattern of
riskcheck is tried, with the methods that it is used with."""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from riskcheck.platforms.kubernetes.kustomize.patterns import pattern as kustomize_pattern
from riskcheck.platforms.kubernetes.kustomize.transform import _TAG_AND_DIGEST
from riskcheck.platforms.sql.lexing import _CLOSED, _lexeme
from riskcheck.progressive.namepatterns import is_found
from tests.hostile.attacks import runaway, seconds
from tests.test_regexes import every_pattern

ROOT = Path(__file__).parents[2] / "riskcheck"
METHODS = {"match": 2, "search": 2, "fullmatch": 2, "finditer": 2, "findall": 2, "sub": 4, "split": 3}
"""Each with the number of the argument that holds its flags."""
_CALLED = re.compile(rf"([\w.()]+)\.({'|'.join(METHODS)})\(")
_GIVEN = re.compile(rf"\bre\.({'|'.join(METHODS)})\(\s*(\w+)\b")

BOUNDED = {
    ("commands.completing", "^(id|code|title)"): "the heads of riskcheck's own rules, 4,000 bytes each",
    ("rules.checks.databricks_code", "([A-Za-z0-9]("): "requirements of up to 500 characters",
    ("rules.terms", "(?P<text>"): "conditions of up to 2,000 characters",
    ("documents.toml", '"(?:[^'): "not mended: one line of escaped quotes that never closes",
    ("planfiles.streaming", '"(?:[^'): "not mended: likewise, in a plan file that is cut off",
    ("redact", '"(?:[^'): "not mended: likewise, in a line that is quoted",
    ("rules.functions", "([0-9]++("): "texts that are times as a whole: digits alone are none",
    ("sources.worktree", r"\d{6} (?P<id>"): "what git prints: a NUL ends each path",
}
"""Module and beginning of each pattern that is quadratic, and why no long text meets it."""

PUT_TOGETHER = {
    "documents.comments": "tried below",
    "documents.hcl_problems": "one word of the text, at the beginnings of lines",
    "planning.watch": "a name, without repetition",
    "platforms.kubernetes.definitions": "a key at the beginnings of lines",
    "platforms.kubernetes.kustomize.index": "tried below",
    "platforms.kubernetes.kustomize.patterns": "written by users: tried below",
    "platforms.kubernetes.kustomize.transform": "written by users: tried below",
    "platforms.kubernetes.sliced": "so many blanks at the beginnings of lines",
    "platforms.sql.files": "tried below",
    "platforms.sql.lexing": "tried below, as it is once what is never closed is known",
    "policy.schema": "of schemas: tried below",
    "progressive.namepatterns": "written by users: tried below",
    "report.json": "tried below",
    "report.people": "tried below",
    "rules.checks.kubernetes_variables": "a name behind one word and one option",
    "rules.checks.secret_shapes": "tried below",
    "rules.checks.spark_restarts": "words, without repetition",
    "rules.reading": "rules of a repository: keys of one line",
    "sources.pathfilter": "of the options of the call",
    "tables.loosening": "a name, without repetition",
}
"""Modules with patterns that are put together at run time."""


class Used(NamedTuple):
    module: str
    pattern: re.Pattern[Any]
    method: str


@cache
def texts() -> dict[str, str]:
    """Module to its source."""
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        name = ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        if file.name not in ("regexes.py", "__main__.py"):
            found[name] = file.read_text("utf-8")
    return found


def methods_of(name: str, module: str, *, shared: bool) -> set[str]:
    """The methods that the pattern is used with, here and, where it is shared, elsewhere; all that the module uses
    on patterns where it goes by another name."""
    places = [one for one in texts() if name in texts()[one]] if shared else [module]
    found = set()
    for one in places:
        found |= {method for on, method in called_in(one) if on.rpartition(".")[2] == name}
        found |= {method for method, on in _GIVEN.findall(texts()[one]) if on == name}
    return (
        found
        or {method for on, method in called_in(module) if on != "re" and method != "split"}
        or {"search"}
    )


@cache
def called_in(module: str) -> tuple[tuple[str, str], ...]:
    return tuple((on, method) for on, method in _CALLED.findall(texts()[module]) if on != '"')


def named() -> set[Used]:
    """Patterns made by `regex`."""
    found = set()
    for name, pattern in every_pattern():
        module, _, constant = name.rpartition(".")
        if re.search(rf"^{constant}\b[^\n=]*= regex\(", texts().get(module, ""), re.MULTILINE):
            given: Any = pattern
            plain = re.compile(
                given.pattern, given.flags & ~(0 if isinstance(given.pattern, str) else re.UNICODE)
            )
            found |= {
                Used(module, plain, method)
                for method in methods_of(constant, module, shared=constant[0] != "_")
            }
    return found


def direct() -> tuple[set[Used], set[str]]:
    """Patterns given to a function of `re`, and the modules in which some are put together at run time."""
    found, left = set(), set()
    for module, text in texts().items():
        if not re.search(r"\bre\.", text):
            continue
        known = {**vars(importlib.import_module(module)), "re": re}
        tree = ast.parse(text)
        targets = {
            node.value: ast.unparse(
                node.targets[0] if isinstance(node, ast.Assign) else node.target
            ).rpartition(".")[2]
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("re."):
                continue
            called = ast.unparse(node.func).removeprefix("re.")
            if called not in (*METHODS, "compile") or not node.args:
                continue
            pattern = built(node, called, known)
            if pattern is None:
                left.add(module)
            elif called != "compile":
                found.add(Used(module, pattern, called))
            else:
                found |= {
                    Used(module, pattern, one)
                    for one in methods_of(targets.get(node, "?"), module, shared=False)
                }
    return found, left


def built(node: ast.Call, called: str, known: dict[str, Any]) -> re.Pattern[Any] | None:
    place = METHODS.get(called, 1)
    try:
        pattern = eval(ast.unparse(node.args[0]), known)
        flags = [eval(ast.unparse(one), known) for one in node.args[place : place + 1]]
        flags += [eval(ast.unparse(one.value), known) for one in node.keywords if one.arg == "flags"]
        return re.compile(pattern, *flags)
    except (NameError, KeyError, SyntaxError, TypeError, ValueError):
        return None


def put_together() -> set[Used]:
    """Those that are put together of what the source holds."""
    from riskcheck.documents.comments import _OPENERS, MARK
    from riskcheck.platforms.kubernetes.kustomize.index import _ITEM, _KEYED
    from riskcheck.platforms.sql.files import _FOREIGN
    from riskcheck.policy import schema
    from riskcheck.report import people
    from riskcheck.rules.checks.secret_shapes import FORMS

    made = [
        ("documents.comments", rf"(?P<o>{one})[ \t]*+(?P<t>{MARK}[^\r\n]*+)", "finditer")
        for one in _OPENERS.values()
    ]
    made += [("platforms.sql.files", words, "search") for _, words in _FOREIGN]
    made += [("platforms.sql.lexing", _lexeme(frozenset(_CLOSED)), "finditer")]
    made += [("report.people", one, "search") for one in (people._BESIDE, people._ALWAYS)]
    made += [("report.json", r"\b(\w*(?:[Cc]ontacts|[Oo]wners|[Mm]embers))\[[^]]*+(?:\]|\Z)", "sub")]
    made += [("rules.checks.secret_shapes", pattern, "finditer") for _, pattern, _ in FORMS]
    stated = re.findall(
        r'"pattern": "((?:[^"\\]|\\.)*)"', (ROOT.parent / "schemas/config.schema.json").read_text()
    )
    made += [(schema.__name__, one.replace("\\\\", "\\").replace('\\"', '"'), "fullmatch") for one in stated]
    found = {
        Used(
            f"riskcheck.{module.removeprefix('riskcheck.')}",
            re.compile(one, re.MULTILINE | re.DOTALL | re.IGNORECASE),
            method,
        )
        for module, one, method in made
    }
    return found | {
        Used("riskcheck.index", re.compile(one, re.MULTILINE), "findall") for one in (_ITEM, _KEYED)
    }


def test_every_pattern_takes_time_that_grows_with_the_length_of_the_text_only() -> None:
    given, _ = direct()
    found = named() | given | put_together()
    assert len(found) > 350
    slow: dict[tuple[str, str], str] = defaultdict(str)
    for module, pattern, method in sorted(
        found, key=lambda one: (one.module, str(one.pattern.pattern), one.method)
    ):
        text = runaway(pattern, method)
        if text is not None:
            raw = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
            known = [one for one in BOUNDED if f"riskcheck.{one[0]}" == module and raw.startswith(one[1])]
            slow[known[0] if known else (module, raw)] += f"{method} over {text}"
    assert {one: told for one, told in slow.items() if one not in BOUNDED} == {}
    assert set(slow) == set(BOUNDED)


def test_those_that_are_put_together_at_run_time_are_known() -> None:
    _, left = direct()
    assert {one.removeprefix("riskcheck.") for one in left} == set(PUT_TOGETHER)


@pytest.mark.parametrize("written", ["a*a*b", ".*.*-", r"(a|b).*\w+c", "(a|aa|aaa)a+b?b?b?b?b?b?b?b?c"])
def test_patterns_that_users_write_end_soon(written: str) -> None:
    image = re.compile(f"(?:{kustomize_pattern(written).pattern}){_TAG_AND_DIGEST}")
    for text in ("a" * 1_000, "a" * 500 + ":" + "a" * 499):
        assert seconds(image, "fullmatch", text) < 1


@pytest.mark.parametrize("written", ["a*a*b", ".*a.*a-", "(a|aa)*a*b", "a*a*a*a*b", "(a*)*b", "a**b", "a{9}"])
def test_names_that_users_look_for_are_found_or_not_soon(written: str) -> None:
    begin = time.process_time()
    assert not is_found(written, "a" * 10_000)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("pattern", [r"\[([^\]]*)\]", r'"(?:[^"\\]|\\.)*+"', r"\s+$", "(a|a)*b"])
def test_patterns_that_do_are_found(pattern: str) -> None:
    assert runaway(re.compile(pattern, re.MULTILINE), "findall") or runaway(re.compile(pattern), "match")
