"""What is known of a change is what was known when it landed: asked of the store, or walked through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.history.likelihood import CAPS, WEIGHTS, likelihood
from riskcheck.history.model import EditedKey, History, LandedChange, Revert, TouchedPath
from riskcheck.history.past import KINDS, Recollection, places_of, walked
from riskcheck.history.store import HistoryStore, Noted
from riskcheck.history.stored import StoredPast
from tests.gitrepo import GitRepo
from tests.history.support import record

PATHS = ("prod/web/a.yaml", "prod/web/b.yaml", "prod/db/a.yaml", "top.yaml", "docs/a.md", "caf\udce9/a.yaml")
KEYS = ("", "spec.replicas", "flag", "resources[]")


def change(
    number: int,
    paths: list[str],
    keys: list[tuple[str, str, str]],
    *,
    gap: int = 0,
    bot: bool = False,
    signals: tuple[str, ...] = (),
) -> LandedChange:
    touched = tuple(TouchedPath(path, "M", path, not path.endswith(".md")) for path in dict.fromkeys(paths))
    edited = tuple(EditedKey(path, key, "modified", shape) for path, key, shape in dict.fromkeys(keys))
    time = 1_700_000_000 + number * 3_600 + gap
    return LandedChange(
        number=number,
        commit=f"{number:040d}",
        time=time,
        bot=bot,
        merge=False,
        title="",
        pull=None,
        files=len(touched),
        added=0,
        removed=0,
        paths=touched,
        keys=edited,
        signals=signals,
        lines=number % 9,
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    changes = []
    gap = 0
    for number in range(draw(st.integers(1, 12))):
        gap += draw(st.integers(0, 30)) * 86_400
        paths = draw(st.lists(st.sampled_from(PATHS), max_size=4))
        shape = st.sampled_from(["", "on", "tenfold", "zeroed"])
        configuration = [path for path in paths if not path.endswith(".md")]
        keys = (
            draw(
                st.lists(st.tuples(st.sampled_from(configuration), st.sampled_from(KEYS), shape), max_size=4)
            )
            if configuration
            else []
        )
        signals = tuple(
            draw(st.sets(st.sampled_from(["revert", "again", "planned", "commented"]), max_size=2))
        )
        changes.append(change(number, paths, keys, gap=gap, bot=draw(st.booleans()), signals=signals))
    reverts = []
    for number in range(len(changes) - 1):
        if draw(st.booleans()):
            by = draw(st.integers(number + 1, len(changes) - 1))
            reverts.append(Revert(number, by, "commit", False))
    return History(changes, reverts)


def stored(history: History, path: str = ":memory:") -> HistoryStore:
    store = HistoryStore(path)
    store.append([Noted(one, one.time, ("", ""), (), ()) for one in history.changes])
    store.set_reverts(history.reverts)
    return store


def names(history: History) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: {"elsewhere"} for kind in KINDS}
    for one in history.changes:
        places = places_of(one)
        for kind in KINDS:
            found[kind] |= set(places.of(kind))
    return found


@settings(max_examples=150)
@given(histories())
def test_the_store_knows_what_somebody_who_was_there_knows(history: History) -> None:
    store = stored(history)
    asked = names(history)
    for one, past, _ in walked(history):
        kept = StoredPast(store, one.number)
        assert kept.totals() == past.totals()
        for kind in KINDS:
            for name in asked[kind]:
                assert list(kept.reverts(kind, name)) == list(past.reverts(kind, name)), (kind, name)
                if kind != "key":
                    assert kept.touches(kind, name) == past.touches(kind, name), (kind, name)
        assert likelihood(one, kept) == likelihood(one, past)
    store.close()


def points(history: History) -> list[float]:
    return [likelihood(one, past).points for one, past, _ in walked(history)]


@settings(max_examples=150)
@given(histories(), st.data())
def test_what_comes_later_changes_nothing(history: History, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history.changes)))
    earlier = History(history.changes[:cut], [one for one in history.reverts if one.by < cut])
    assert points(earlier) == points(history)[:cut]


@settings(max_examples=150)
@given(histories())
def test_caps_hold_and_points_are_those_of_the_terms(history: History) -> None:
    for one, past, _ in walked(history):
        found = likelihood(one, past)
        families: dict[str, float] = {}
        for term in found.evidence:
            assert 0 < term.strength <= 1
            assert 0 < term.points <= WEIGHTS[term.name].points
            family = WEIGHTS[term.name].family
            families[family] = families.get(family, 0.0) + term.points
        assert found.points == pytest.approx(sum(min(families[one], CAPS[one]) for one in families))
        assert [one.points for one in found.evidence] == sorted(
            (one.points for one in found.evidence), reverse=True
        )


@settings(max_examples=150)
@given(histories(), st.data())
def test_one_more_revert_never_lowers_the_evidence_of_reverts(history: History, data: st.DataObject) -> None:
    last = history.changes[-1]
    if len(history.changes) < 2:
        return
    at = data.draw(st.integers(0, len(history.changes) - 2))
    if at in {one.number for one in history.reverts}:
        return
    more = History(
        history.changes, sorted([*history.reverts, Revert(at, len(history.changes) - 2, "commit", False)])
    ) if at < len(history.changes) - 2 else history  # fmt: skip

    def strengths(of: History) -> dict[str, float]:
        past = Recollection()
        for one, known, _ in walked(of):
            past = known
            if one.number == last.number:
                return {term.name: term.points for term in likelihood(last, known).evidence}
        raise AssertionError(past)

    before, after = strengths(history), strengths(more)
    for name in before:
        if name.endswith(("-soon", "-long")):
            assert after.get(name, 0.0) >= before[name] - 1e-9


def eventful(repo: GitRepo) -> None:
    day = 86_400
    start = 1_700_000_000
    for number in range(6):
        repo.commit(
            {"prod/web/a.yaml": f"replicas: {number}\nflag: {'true' if number % 2 else 'false'}\n"},
            f"Change {number}",
            at=start + number * 10 * day,
        )
        if number in (2, 4):
            repo.git("revert", "--no-edit", "HEAD", environ=repo._dates(None))


def of_a_repository(repo: GitRepo, tip: str = "HEAD") -> list[float]:
    return points(record(repo, tip, file=repo.path.parent / f"{repo.path.name}-{tip}"))


def test_of_a_repository_at_every_tip_and_whoever_wrote_it(tmp_path: Path) -> None:
    one, other = GitRepo(tmp_path / "one"), GitRepo(tmp_path / "other")
    other.environ |= {"GIT_AUTHOR_NAME": "Jane", "GIT_AUTHOR_EMAIL": "jane@example.com"}
    eventful(one)
    eventful(other)
    whole = of_a_repository(one)
    assert whole == of_a_repository(other)
    assert len(set(whole)) > 3
    for back in range(1, len(whole)):
        assert of_a_repository(one, f"HEAD~{back}") == whole[:-back]


def test_the_store_and_the_walk_agree_on_a_repository(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    eventful(repo)
    history = record(repo)
    store = HistoryStore(str(tmp_path / "repo.history"), fresh=False)
    found = [likelihood(one, StoredPast(store, one.number)).points for one in history.changes]
    assert found == points(history)
    store.close()
