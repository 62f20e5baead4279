"""Files of learned rules: what is written, and what becomes of what people made of it."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.data import data_text
from riskcheck.history.cochange import mine
from riskcheck.history.cochange_model import USUAL
from riskcheck.learned import DroppedRule, LearnedFile, LearnedRule
from riskcheck.learning import Learned, as_value, learned, literal, text_of, update
from riskcheck.policy.learned import read_learned
from tests.history.landing import Log
from tests.support import MemoryTree

SCHEMA = json.loads(data_text("schemas", "learned.schema.json"))
A, B, C = "app/web.yaml", "net/allow.yaml", "net/[odd]*.yaml"


def read(text: str) -> LearnedFile:
    found, problems = read_learned(MemoryTree({"learned.yaml": text}), "learned.yaml")
    assert problems == ()
    return found._replace(rules=tuple(rule._replace(source="") for rule in found.rules))


def found(*more: str) -> tuple[Learned, ...]:
    log = Log()
    log.known(A, B, *more)
    log.noise(30)
    for _ in range(8):
        log.edit(A, B, *more)
    history = log.history()
    return learned(mine(history).found, history, USUAL)


def test_what_all_follow_each_other_is_one_set() -> None:
    (one,) = found(C)
    assert one.rule.together == (A, r"net/\[odd]\*.yaml", B)
    assert (one.rule.seen, one.rule.of, one.rule.level, len(one.rule.last)) == (8, 8, "warn", 3)
    assert one.said.startswith("at least 8 of 8 changes, on 8 days, last on 2023-11-30")


def test_what_is_written_is_read_again_and_satisfies_the_schema() -> None:
    result = update(LearnedFile((), (DroppedRule("x/**", "y.yaml", "no: longer"),)), found(C))
    assert read(text_of(result)) == result.file
    jsonschema.validate(as_value(result.file), SCHEMA)


def test_an_update_keeps_what_people_made_of_it() -> None:
    (one,) = found()
    mine_ = LearnedRule(edited=("a/*.yaml",), expect=("b.yaml",), note="because")
    lowered = one.rule._replace(level="advisory", note="known", seen=1)
    result = update(LearnedFile((lowered, mine_)), found())
    assert result.file.rules == (mine_, one.rule._replace(level="advisory", note="known"))
    assert (result.added, result.gone) == ((), ())


def test_what_is_dropped_stays_dropped() -> None:
    result = update(LearnedFile((), (DroppedRule(A, "net/**"),)), found())
    assert (result.file.rules, result.dropped) == ((), 1)
    result = update(LearnedFile((), (DroppedRule(A, "elsewhere/**"),)), found())
    assert len(result.file.rules) == 1


def test_what_history_does_not_show_any_more_goes_unless_it_is_kept() -> None:
    old = LearnedRule(edited=("a.yaml",), expect=("b.yaml",), seen=5, of=5)
    kept = old._replace(expect=("c.yaml",), kept=True)
    result = update(LearnedFile((old, kept)), ())
    assert (result.file.rules, result.gone) == ((kept,), (old,))


def test_what_an_entry_of_ones_own_says_is_not_said_twice() -> None:
    own = LearnedRule(together=("app/*.yaml", "net/*.yaml"))
    assert update(LearnedFile((own,)), found()).file.rules == (own,)


@given(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=4), st.text(max_size=30))
def test_any_text_is_written_so_that_it_is_read_again(texts: list[str], note: str) -> None:
    rule = LearnedRule(within="a.yaml", together=tuple(texts), note=note, seen=1, of=2, bound=0.5)
    result = update(LearnedFile((rule._replace(kept=True),)), ())
    assert read(text_of(result)).rules == result.file.rules


@given(st.text(alphabet="ab/*?[]{}\\!,-. ", min_size=1, max_size=12))
def test_the_glob_of_a_path_fits_that_path(name: str) -> None:
    from riskcheck.globs import matches_any

    path = f"x/{name.strip('/ .') or 'a'}".replace("//", "/")
    if any(step in ("", ".", "..") for step in path.split("/")):
        return
    assert matches_any(path, (literal(path),))
    assert not matches_any(f"{path}y", (literal(path),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "version: 1\nrules: [{edited: a}]\n",
            "learned.yaml:2: rules[0]: says no `expect`, and no `together`",
        ),
        ("version: 1\nrules: [{together: [a, b], expect: c}]\n", "`together` goes without `expect`"),
        ("version: 1\nrules: [{in: a, edited: b, expect: c}]\n", "`in` goes with `together`"),
        ("version: 1\nrules: [{edited: '{a', expect: c}]\n", 'rules[0].edited: "{a" has a'),
        ("version: 2\n", "version"),
        ("rules: []\n", "version"),
        ("version: 1\nrules: [{together: [a], level: high}]\n", "level"),
        ("version: 1\nrules: 7\n", "rules: 7 is not a list"),
        ("", "is empty"),
        ("a: [\n", "learned.yaml:"),
    ],
)
def test_what_is_wrong_has_its_line(text: str, said: str) -> None:
    rules, problems = read_learned(MemoryTree({"learned.yaml": text}), "learned.yaml")
    assert rules == LearnedFile()
    assert any(said in f"{one.path}:{one.line}: {one.message}" for one in problems), problems
