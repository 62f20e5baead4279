"""What moves together: what counts, what does not, and that nothing is known before it landed."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.history.cochange import mine, replay
from riskcheck.history.cochange_model import USUAL, Together, fewest, lower_bound
from riskcheck.history.cochange_window import general
from riskcheck.history.model import History
from tests.history.landing import Log

A, B = "app/web.yaml", "net/allow.yaml"


def settled() -> Log:
    """Two files that have been there for long, among others."""
    log = Log()
    log.known(A, B)
    log.noise(30)
    return log


def pairs(history: History) -> set[tuple[str, str]]:
    return {
        (one.when[0].path, one.partner.path)
        for one in mine(history).found
        if len(one.when) == 1 and not one.when[0].key
    }


def rule(log: Log, when: str, partner: str) -> Together:
    (found,) = (
        one
        for one in mine(log.history()).found
        if one.when[0].path == when and one.partner.path == partner and not one.when[0].key
    )
    return found


@pytest.mark.parametrize(
    ("hits", "trials", "bound"), [(4, 4, 0.60), (5, 5, 0.65), (8, 8, 0.75), (9, 10, 0.65), (18, 20, 0.74)]
)
def test_the_bound_is_the_wilson_interval(hits: int, trials: int, bound: float) -> None:
    assert round(lower_bound(hits, trials), 2) == bound


def test_nothing_is_sure_of_nothing() -> None:
    assert lower_bound(0, 0) == 0.0
    assert fewest(4, 0.6, 4) == 5
    assert fewest(5, 0.6, 4) == 5
    assert fewest(20, 0.7, 4) == 18


def test_five_of_five_are_enough_and_four_are_not() -> None:
    log = settled()
    for _ in range(4):
        log.edit(A, B)
    assert pairs(log.history()) == set()
    last = log.edit(A, B)
    assert pairs(log.history()) == {(A, B), (B, A)}
    found = rule(log, A, B)
    assert (found.together, found.times, found.days) == (5, 5, 5)
    assert found.last == (last, last - 1, last - 2)
    assert found.strength(USUAL) == "advisory"
    for _ in range(3):
        log.edit(A, B)
    assert rule(log, A, B).strength(USUAL) == "warn"


def test_one_that_often_goes_alone_expects_nothing() -> None:
    log = settled()
    for _ in range(6):
        log.edit(A, B)
        log.edit(A)
    log.edit(A, B)
    assert pairs(log.history()) == {(B, A)}


def test_the_last_edit_alone_ends_it() -> None:
    log = settled()
    for _ in range(12):
        log.edit(A, B)
    log.edit(A)
    assert pairs(log.history()) == {(B, A)}


@pytest.mark.parametrize("how", ["bot", "large"])
def test_bots_and_large_changes_tell_nothing(how: str) -> None:
    log = settled()
    for _ in range(8):
        log.edit(A, B, bot=how == "bot", files=31 if how == "large" else 0)
    assert pairs(log.history()) == set()


def test_a_revert_and_what_it_takes_back_tell_nothing() -> None:
    log = settled()
    for _ in range(4):
        log.edit(A, B)
    undone = log.edit(A, B)
    assert pairs(log.history())
    log.edit(A, B, undoes=undone)
    assert pairs(log.history()) == set()


def test_one_piece_of_work_in_several_changes_is_no_habit() -> None:
    log = settled()
    for _ in range(8):
        log.edit(A, B, days=0.01)
    assert pairs(log.history()) == set()


def test_what_is_edited_with_everything_is_nobodys_partner() -> None:
    log = settled()
    for number in range(30):
        log.edit(B, f"many/{number}.yaml")
    for _ in range(8):
        log.edit(A, B)
    assert (A, B) not in pairs(log.history())


@pytest.mark.parametrize(
    "partner",
    [
        "poetry.lock",
        ".terraform.lock.hcl",
        "CHANGELOG.yaml",
        "README.yaml",
        "out/generated/x.yaml",
        "x.gen.yaml",
    ],
)
def test_what_follows_by_itself_is_no_partner(partner: str) -> None:
    log = settled()
    log.known(partner)
    for _ in range(8):
        log.edit(A, partner)
    assert (A, partner) not in pairs(log.history())


def test_what_is_young_or_gone_is_no_partner() -> None:
    log = settled()
    log.edit("new.yaml")
    for _ in range(8):
        log.edit(A, B, "new.yaml")
    assert (A, "new.yaml") not in pairs(log.history())
    log.edit(B, status="D")
    log.noise(1)
    assert not [one for one in pairs(log.history()) if B in one]


def test_a_file_keeps_its_past_under_another_name() -> None:
    log = settled()
    for _ in range(6):
        log.edit(A, B)
    log.rename(B, "net/rules.yaml")
    assert pairs(log.history()) == {(A, "net/rules.yaml"), ("net/rules.yaml", A)}


def test_what_is_old_is_forgotten() -> None:
    log = settled()
    for _ in range(8):
        log.edit(A, B)
    log.edit("other/x.yaml", days=181)
    assert pairs(log.history()) == set()


def test_a_file_with_many_partners_has_none() -> None:
    log = settled()
    several = [f"peer/{number}.yaml" for number in range(6)]
    log.known(*several)
    for _ in range(8):
        log.edit(A, *several)
    assert not {one for one in pairs(log.history()) if one[0] == A}


def test_environments_are_parity_and_only_downwards() -> None:
    log = Log()
    files = ("app/prod/web.yaml", "app/staging/web.yaml")
    log.known(*files)
    log.noise(30)
    for _ in range(8):
        log.edit(*files)
    (found,) = mine(log.history()).found
    assert (found.kind, found.when[0].path, found.partner.path) == ("parity", *files)


def test_two_files_tell_what_neither_tells_alone() -> None:
    log = settled()
    log.known("c.yaml")
    for number in range(10):
        log.edit(A, B, "c.yaml")
        log.edit(A, f"x/{number}.yaml")
        log.edit(B, f"y/{number}.yaml")
    found = {(tuple(i.path for i in one.when), one.partner.path) for one in mine(log.history()).found}
    assert ((A, B), "c.yaml") in found
    assert ((A,), "c.yaml") not in found


def test_keys_of_one_file_that_move_together() -> None:
    log = settled()
    for number in range(8):
        log.edit(A, keys=[(A, f"Deployment/shop/web{number} spec.image"), (A, "Job/shop/x spec.image")])
    for _ in range(20):
        log.edit(A, keys=[(A, "Service/shop/web spec.port")])
    found = {(one.when[0].key, one.partner.key) for one in mine(log.history()).found}
    assert found == {
        ("Deployment spec.image", "Job spec.image"),
        ("Job spec.image", "Deployment spec.image"),
    }


def test_a_partner_that_follows_only_some_keys() -> None:
    log = settled()
    log.noise(150, days=0.1)
    for _ in range(40):
        log.edit(A, B, keys=[(A, "port"), (B, "allow")])
    for _ in range(4):
        log.edit(A, keys=[(A, "name")])
    log.edit(A, B, keys=[(A, "port"), (B, "allow")])
    assert [key.key for key in rule(log, A, B).keys] == ["port"]
    (judged,) = [
        one for one in replay(_with(log, [(A, "name")])) if one.change.number == len(log.changes) - 1
    ]
    assert judged.foretold == ()
    (judged,) = [
        one for one in replay(_with(log, [(A, "port")])) if one.change.number == len(log.changes) - 1
    ]
    assert [one.rule.partner.path for one in judged.violations] == [B]


def _with(log: Log, keys: list[tuple[str, ...]]) -> History:
    log.edit(A, keys=keys)
    return log.history()


def test_a_sibling_of_the_partner_will_do() -> None:
    log = settled()
    log.known("net/prod/allow.yaml", "net/staging/allow.yaml")
    for _ in range(8):
        log.edit(A, "net/prod/allow.yaml")
    log.edit(A, "net/staging/allow.yaml")
    *_, judged = replay(log.history())
    assert judged.foretold == ()
    log.edit(A, "net/prod/allow.yaml")
    log.edit(A)
    *_, judged = replay(log.history())
    assert [one.rule.partner.path for one in judged.violations] == ["net/prod/allow.yaml"]


def test_names_of_items_and_resources_are_left_out() -> None:
    assert general("Deployment/shop/web spec.containers[web].image") == "Deployment spec.containers[*].image"
    assert general("a.b[x].c") == "a.b[*].c"
    assert general("plain key with blanks") == "plain key with blanks"


def drawn(seed: int, count: int) -> History:
    """A busy history in which everything that is looked at happens."""
    random = Random(seed)
    log = Log()
    files = [f"{place}/{name}.yaml" for place in ("dev/a", "prod/a", "net", "app") for name in "xyz"]
    for number in range(count):
        several = random.sample(files, random.choice((1, 2, 2, 3)))
        keys = [
            (path, random.choice(("port", "name")), random.choice(("modified", "added"))) for path in several
        ]
        undoes = random.randrange(number) if number and random.random() < 0.05 else None
        log.edit(*several, keys=keys, days=random.random() * 4, bot=random.random() < 0.1, undoes=undoes)
    return log.history()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 200))
def test_what_lands_later_changes_no_answer(seed: int, cut: int) -> None:
    whole = drawn(seed, 220)
    early = History(whole.changes[:cut], [one for one in whole.reverts if one.by < cut])
    known = list(replay(early))
    assert known == list(replay(whole))[: len(known)]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_mining_the_past_of_a_change_foretells_the_same(seed: int) -> None:
    """The window that slides holds what mining from the beginning would find."""
    whole = drawn(seed, 160)
    *_, last = replay(whole)
    before = last.change.number
    past = History(whole.changes[:before], [one for one in whole.reverts if one.by < before])
    mined = mine(past).found
    foretold = {(one.rule.when, one.rule.partner) for one in last.foretold}
    # What is mined is as of the newest change of the past, a little earlier: files come of age meanwhile.
    surely = {(one.when, one.partner): one.bound for one in mined}
    assert all(surely.get(each, 1.0) >= USUAL.advisory for each in foretold)


def test_ten_thousand_changes_take_seconds() -> None:
    history = drawn(7, 10_000)
    begin = time.monotonic()
    assert sum(1 for _ in replay(history)) > 5_000
    assert time.monotonic() - begin < 30


def test_an_empty_history() -> None:
    assert mine(History((), ())).found == ()
    assert list(replay(History((), ()))) == []
