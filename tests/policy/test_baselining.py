"""Which findings a baseline knows, and what is left of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.documents.store import DocumentStore
from riskcheck.judged import Finding
from riskcheck.models import Level
from riskcheck.policy.baseline import Baseline, BaselineEntry, Subject, read_baseline, rendered
from riskcheck.policy.baselining import NEVER, Known, compare, entries_of, may_be_known
from riskcheck.policy.model import Policy
from riskcheck.policy.waivers import apply_waivers
from riskcheck.records import replace
from tests.policy.findings import finding
from tests.policy.test_waivers import WAIVER, comparison
from tests.support import MemoryTree

PATH = ".riskcheck-baseline.json"
ENTRY = BaselineEntry(
    "0123456789abcdef",
    "replicas-reduced",
    "K8S-001",
    "kubernetes:Deployment.shop/web",
    ("prod",),
    "P2",
    line=4,
)


def known(entry: BaselineEntry, *findings: Finding, of: Subject = "state") -> list[bool]:
    covered = Known(Baseline(PATH, (entry,)), of).covering(findings)
    return [id(one) in covered for one in findings]


def read(text: str) -> Baseline:
    held, problems = read_baseline(DocumentStore(MemoryTree({PATH: text}, "base")).get(PATH))
    assert problems == ()
    return held


def test_the_same_finding_is_known() -> None:
    assert known(ENTRY, finding("P2", "prod")) == [True]
    assert known(ENTRY, finding("P3", "prod")) == [True], "less is known, too"


@pytest.mark.parametrize(
    "other",
    [
        finding("P1", "prod"),
        finding("P2", "prod", "dev"),
        finding("P2", "dev"),
        finding("P2"),
        finding("P2", "prod", resource="kubernetes:Deployment.shop/api"),
        finding("P2", "prod", code="K8S-002"),
        finding("P2", "prod", rule="other"),
        replace(finding("P2", "prod"), fingerprint="fedcba9876543210"),
    ],
)
def test_anything_else_is_not(other: Finding) -> None:
    assert known(ENTRY, other) == [False]


def test_in_fewer_environments_it_is() -> None:
    assert known(ENTRY._replace(environments=("dev", "prod")), finding("P2", "prod")) == [True]
    assert known(ENTRY._replace(environments=()), finding("P2", "prod")) == [False]
    assert known(ENTRY._replace(environments=()), finding("P2")) == [True]


def test_as_often_as_it_was() -> None:
    pair = (finding("P2", "prod"), finding("P2", "prod"))
    assert known(ENTRY, *pair) == [True, False]
    assert known(ENTRY._replace(times=2), *pair) == [True, True]


def test_the_entry_of_just_these_environments_is_used_first() -> None:
    wide = ENTRY._replace(environments=("dev", "prod"), line=5)
    held = Known(Baseline(PATH, (wide, ENTRY)), "state")
    narrow, other = finding("P2", "prod"), finding("P2", "dev")
    covered = held.covering([other, narrow])
    assert covered[id(narrow)].source == f"{PATH}:4"
    assert covered[id(other)].source == f"{PATH}:5"
    assert held.stale() == ()


@pytest.mark.parametrize(
    ("of", "level", "may"),
    [
        ("state", "P0", False),
        ("state", "P1", True),
        ("state", "P3", True),
        ("state", "note", False),
        ("change", "P0", False),
        ("change", "P1", False),
        ("change", "P2", True),
        ("change", "note", False),
    ],
)
def test_what_may_be_known(of: Subject, level: Level, may: bool) -> None:
    one = finding(level, "prod")
    assert may_be_known(one, of) is may
    assert bool(entries_of([one], of)) is may
    assert known(ENTRY._replace(level="P1", of=of), one, of=of) == [may]


@pytest.mark.parametrize("code", sorted(NEVER))
def test_the_gate_itself_never_is(code: str) -> None:
    one = finding("P3", "prod", code=code)
    assert not may_be_known(one, "state")
    assert known(ENTRY._replace(code=code), one) == [False]


def test_of_another_subject_it_is_not() -> None:
    assert known(ENTRY, finding("P2", "prod"), of="change") == [False]
    assert known(ENTRY._replace(of="change"), finding("P2", "prod")) == [False]


def test_a_waiver_goes_before_the_baseline() -> None:
    policy = Policy(waivers=(WAIVER,), baseline=Baseline(PATH, (ENTRY,)))
    (one,), _ = apply_waivers((finding("P2", "prod"),), policy, comparison(), of="state")
    assert one.waiver == WAIVER
    (one,), _ = apply_waivers((finding("P2", "prod"),), policy._replace(waivers=()), comparison(), of="state")
    assert one.waiver is not None
    assert (one.waiver.baseline, one.waiver.owner, one.waiver.until) == (True, "", "")


def test_what_is_compared() -> None:
    gone = ENTRY._replace(fingerprint="a" * 16)
    change = ENTRY._replace(of="change")
    new = replace(finding("P3", "prod"), fingerprint="b" * 16)
    worse = finding("P0", "prod")
    waived = finding("P2", "prod", waiver=WAIVER)
    of_itself = finding("P2", "prod", resource="gate:Baseline..riskcheck-baseline.json")
    found = (finding("P2", "prod"), new, worse, waived, of_itself)
    result = compare(Baseline(PATH, (ENTRY, gone, change)), found, "state")
    assert result.kept == (ENTRY, change)
    assert result.stale == (gone,)
    assert result.new == (new,)
    assert [one.fingerprint for one in result.fresh] == ["b" * 16]
    assert result.uncovered == (worse,)


def test_counts_shrink() -> None:
    result = compare(Baseline(PATH, (ENTRY._replace(times=3),)), (finding("P2", "prod"),), "state")
    assert result.kept == (ENTRY,)
    assert result.stale == (ENTRY._replace(times=2),)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
ENTRIES = st.builds(
    BaselineEntry,
    fingerprint=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    rule=NAMES,
    code=NAMES,
    resource=NAMES,
    environments=st.lists(NAMES, max_size=3, unique=True).map(lambda names: tuple(sorted(names))),
    level=st.sampled_from(("P1", "P2", "P3")),
    of=st.sampled_from(("state", "change")),
    times=st.integers(1, 1_000_000),
)


@given(st.lists(ENTRIES, max_size=8, unique_by=lambda entry: entry.key))
def test_what_is_written_is_read(entries: list[BaselineEntry]) -> None:
    text = rendered(entries)
    assert text == rendered(reversed(entries)), "in any order"
    assert text.isascii()
    held = read(text)
    assert read(f"{text}\n") == held, "whoever wrote it"
    assert [one._replace(line=0) for one in held.entries] == sorted(entries, key=lambda one: one.key)
    assert [one.line for one in held.entries] == list(range(4, 4 + len(entries)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"level": "P2"', '"level": "P0"'),
        ('"level": "P2"', '"level": "note"'),
        ('"of": "state"', '"of": "state", "count": 1'),
        ('"of": "state"', '"of": "state", "count": 0'),
        ('"of": "state"', '"of": "state", "count": true'),
        ('"of": "state"', '"of": "state", "count": 1e9'),
        ('"of": "state"', '"of": "state", "until": "2027-01-31"'),
        ('"0123456789abcdef"', '"0123456789ABCDEF"'),
        ('"0123456789abcdef"', "1234567890123456"),
        ('"kubernetes:Deployment.shop/web"', "1"),
        ('["prod"]', '"prod"'),
        ('["prod"]', "[1]"),
        ('["prod"]', "[null]"),
        ('"version": 1', '"version": 1.5'),
        ('"version": 1', '"version": "1"'),
    ],
)
def test_what_is_not_a_baseline_counts_for_nothing(old: str, new: str) -> None:
    text = rendered([ENTRY])
    assert old in text
    document = DocumentStore(MemoryTree({PATH: text.replace(old, new)}, "base")).get(PATH)
    held, problems = read_baseline(document)
    assert held.entries == ()
    assert problems


@given(st.text(max_size=60) | st.sampled_from(("", "null", "[]", "{}", "[" * 50_000, '{"findings": [1]}')))
def test_no_text_ends_in_anything_but_problems(text: str) -> None:
    held, problems = read_baseline(DocumentStore(MemoryTree({PATH: text}, "base")).get(PATH))
    assert held.entries == ()
    assert problems
