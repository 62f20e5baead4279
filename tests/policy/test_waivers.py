"""Waivers of the policy file and beside the line; what counts, and what is told."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.judged import Finding, Waiver
from riskcheck.models import Level
from riskcheck.policy.inline import MAX_WAIVERS, ignores
from riskcheck.policy.model import Policy
from riskcheck.policy.waivers import apply_waivers
from riskcheck.records import replace
from riskcheck.trees import Comparison, PathChange
from tests.policy.findings import finding
from tests.support import MemoryTree

NOW = 1_800_000_000  # 2027-01-15
WAIVER = Waiver(
    rule="K8S-001",
    where="kubernetes:Deployment.shop/web",
    owner="team-web",
    reason="scaled down for the migration",
    until="2027-01-31",
    source="riskcheck.yaml:20",
)


def comparison(
    base: str = "",
    head: str = "",
    *,
    deciding: str | None = None,
    path: str = "deploy/web.yaml",
    old: str | None = None,
) -> Comparison:
    """One changed file; the deciding tree is base unless given."""
    trees = [
        MemoryTree({old or path: base} if base else {}, "base"),
        MemoryTree({path: head} if head else {}, "head"),
        MemoryTree({old or path: base if deciding is None else deciding}, "base"),
    ]
    change = PathChange(path, "modified", old or path, trees[0].entry(old or path), trees[1].entry(path))
    return Comparison(trees[0], trees[1], trees[2], (change,), NOW)


def applied(waiver: Waiver, one: Finding) -> tuple[Waiver | None, tuple[str, ...]]:
    (judged,), notes = apply_waivers((one,), Policy(waivers=(waiver,)), comparison())
    return judged.waiver, notes


class TestPolicyWaivers:
    @pytest.mark.parametrize("rule", ["K8S-001", "k8s-001", "replicas-reduced"])
    def test_a_rule_is_named_by_id_or_code(self, rule: str) -> None:
        waiver = replace(WAIVER, rule=rule)
        assert applied(waiver, finding("P1", "prod")) == (waiver, ())

    def test_another_rule_is_not_waived(self) -> None:
        assert applied(replace(WAIVER, rule="K8S-004"), finding("P1", "prod")) == (None, ())

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("kubernetes:Deployment.shop/web", True),
            ("kubernetes:Deployment.shop/*", True),
            ("kubernetes:*/web", True),
            ("kubernetes:Deployment.shop/we", False),
            ("deploy/**", True),
            ("deploy/web.yaml", True),
            ("other/**", False),
        ],
    )
    def test_where_is_an_address_or_a_path(self, where: str, expected: bool) -> None:
        waiver, notes = applied(replace(WAIVER, where=where), finding("P1", "prod"))
        assert (waiver is not None) is expected
        assert notes == ()

    def test_a_finding_over_several_resources_needs_all_of_them_covered(self) -> None:
        both = finding(
            "P1", "prod", resources=("kubernetes:Deployment.shop/web", "kubernetes:Deployment.shop/api")
        )
        assert applied(WAIVER, both)[0] is None
        assert applied(replace(WAIVER, where="kubernetes:Deployment.shop/*"), both)[0] is not None

    @pytest.mark.parametrize(
        ("max_level", "level", "covered"),
        [
            ("P1", "P1", True),
            ("P1", "P2", True),
            ("P1", "P0", False),
            ("P0", "P0", True),
            ("P3", "P2", False),
        ],
    )
    def test_up_to_its_level(self, max_level: Level, level: Level, covered: bool) -> None:
        waiver, notes = applied(replace(WAIVER, max_level=max_level), finding(level, "prod"))
        assert (waiver is not None) is covered
        told = f"riskcheck.yaml:20: the waiver of K8S-001 covers {max_level} and below, not {level} "
        assert notes == (() if covered else (told + "(kubernetes:Deployment.shop/web)",))

    def test_only_in_its_environments(self) -> None:
        waiver = replace(WAIVER, environments=("prod-standard", "dev*"))
        assert applied(waiver, finding("P1", environments=("prod-standard",)))[0] == waiver
        assert applied(waiver, finding("P1", "dev", environments=("prod-standard",)))[0] == waiver
        held, notes = applied(waiver, finding("P1", environments=("prod-premium", "prod-standard")))
        assert held is None
        assert notes == (
            "riskcheck.yaml:20: the waiver of K8S-001 does not cover prod-premium (kubernetes:Deployment.shop/web)",
        )

    def test_one_for_an_environment_does_not_cover_what_belongs_to_none(self) -> None:
        waiver = replace(WAIVER, environments=("prod",))
        assert applied(waiver, finding("P1"))[0] is None
        assert applied(WAIVER, finding("P1"))[0] == WAIVER

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"owner": ""}, "has no owner"),
            ({"owner": "  "}, "has no owner"),
            ({"owner": "a.person@example.com"}, "names a person as its owner instead of a team"),
            ({"reason": ""}, "has no reason"),
            ({"until": ""}, "has no date"),
            ({"until": "soon"}, "has no readable date (until=2027-01-31)"),
            ({"until": "2027-01-31T10:00:00Z"}, "has no readable date (until=2027-01-31)"),
            ({"until": "2027-01-14"}, "lapsed after 2027-01-14"),
        ],
    )
    def test_an_incomplete_or_lapsed_one_waives_nothing_and_is_told(
        self, changed: dict[str, str], told: str
    ) -> None:
        waiver = replace(WAIVER, **changed)  # type: ignore[arg-type]  # text fields by name
        note = f"riskcheck.yaml:20: the waiver of K8S-001 {told}, and waives nothing"
        assert applied(waiver, finding("P1", "prod")) == (None, (note,))
        assert apply_waivers((), Policy(waivers=(waiver,)), comparison())[1] == (note,)

    def test_the_last_day_counts(self) -> None:
        assert applied(replace(WAIVER, until="2027-01-15"), finding("P1", "prod"))[0] is not None

    def test_others_of_the_same_cause_are_not_covered(self) -> None:
        one, other = (
            finding("P1", "prod"),
            finding("P1", "prod", code="CAN-001", rule="change-without-prior-exposure"),
        )
        judged, _ = apply_waivers((one, other), Policy(waivers=(WAIVER,)), comparison())
        assert one.cause == other.cause
        assert [bool(each.waiver) for each in judged] == [True, False]

    def test_the_first_that_covers_is_taken_and_the_others_are_not_told(self) -> None:
        narrow = replace(WAIVER, max_level="P3", source="riskcheck.yaml:10")
        (judged,), notes = apply_waivers(
            (finding("P1", "prod"),), Policy(waivers=(narrow, WAIVER)), comparison()
        )
        assert (judged.waiver, notes) == (WAIVER, ())

    def test_they_can_be_left_out_of_account(self) -> None:
        findings = (finding("P1", "prod"),)
        assert apply_waivers(findings, Policy(waivers=(WAIVER,)), comparison(), honour=False) == (
            findings,
            (),
        )


COMMENT = "# riskcheck: ignore[K8S-001] until=2027-01-31 owner=team-web scaled down for the migration"
PLAIN = """\
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  paused: false
"""


def above(text: str, comment: str = COMMENT, key: str = "replicas") -> str:
    """`text` with `comment` on a line of its own above `key`."""
    return text.replace(f"  {key}:", f"  {comment}\n  {key}:")


def beside(text: str, comment: str = COMMENT, key: str = "replicas: 3") -> str:
    return text.replace(key, f"{key}  {comment}")


def lower(text: str) -> str:
    return text.replace("replicas: 3", "replicas: 1")


def inline(base: str, head: str, level: Level = "P1", line: int = 5) -> tuple[Waiver | None, tuple[str, ...]]:
    findings = (finding(level, "prod", line=line),)
    (judged,), notes = apply_waivers(findings, Policy(), comparison(base, head))
    return judged.waiver, notes


class TestInlineWaivers:
    def test_above_the_line(self) -> None:
        waiver, notes = inline(above(PLAIN), lower(above(PLAIN)))
        assert notes == ()
        assert waiver == Waiver(
            rule="K8S-001",
            where="deploy/web.yaml:5",
            owner="team-web",
            reason="scaled down for the migration",
            until="2027-01-31",
            max_level="P1",
            source="deploy/web.yaml:4",
            inline=True,
        )

    def test_on_the_line(self) -> None:
        waiver, notes = inline(beside(PLAIN), lower(beside(PLAIN)), line=4)
        assert waiver is not None
        assert notes == ()

    def test_several_comments_above_one_line(self) -> None:
        text = above(above(PLAIN), "# riskcheck: ignore[K8S-004] until=2027-01-31 owner=team-web also")
        assert inline(text, lower(text), line=6)[0] is not None

    def test_several_rules_in_one_comment(self) -> None:
        text = above(PLAIN, COMMENT.replace("[K8S-001]", "[K8S-004, replicas-reduced]"))
        waiver, _ = inline(text, lower(text))
        assert waiver is not None
        assert waiver.rule == "replicas-reduced"

    def test_a_comment_behind_the_value_above_is_about_that_value(self) -> None:
        text = beside(PLAIN)
        assert inline(text, text, line=5)[0] is None

    def test_other_lines_are_not_covered(self) -> None:
        assert inline(above(PLAIN), above(PLAIN), line=6)[0] is None

    def test_p0_is_never_covered(self) -> None:
        waiver, notes = inline(above(PLAIN), lower(above(PLAIN)), "P0")
        assert waiver is None
        assert notes == (
            "deploy/web.yaml:4: the waiver of K8S-001 covers P1 and below, not P0 (kubernetes:Deployment.shop/web)",
        )

    def test_one_added_in_the_same_change_covers_p2_and_is_shown(self) -> None:
        shown = (
            "deploy/web.yaml:4: a waiver of K8S-001 is added in this change; "
            "it covers P2 and below until it is merged"
        )
        waiver, notes = inline(PLAIN, lower(above(PLAIN)), "P2")
        assert waiver is not None
        assert (waiver.same_change, waiver.max_level) == (True, "P2")
        assert notes == (shown,)
        waiver, notes = inline(PLAIN, lower(above(PLAIN)), "P1")
        assert waiver is None
        short = (
            "deploy/web.yaml:4: the waiver of K8S-001 covers P2 and below, "
            "as it was added in this change, not P1 (kubernetes:Deployment.shop/web)"
        )
        assert notes == (short, shown)

    def test_one_added_ahead_of_the_change_is_shown_although_nothing_is_found_yet(self) -> None:
        _, notes = apply_waivers((), Policy(), comparison(PLAIN, above(PLAIN)))
        assert len(notes) == 1
        assert "is added in this change" in notes[0]

    def test_the_deciding_tree_decides_not_base(self) -> None:
        head = lower(above(PLAIN))
        only_in_base = comparison(above(PLAIN), head, deciding=PLAIN)
        (judged,), _ = apply_waivers((finding("P1", "prod", line=5),), Policy(), only_in_base)
        assert judged.waiver is None
        only_deciding = comparison(PLAIN, head, deciding=above(PLAIN))
        (judged,), _ = apply_waivers((finding("P1", "prod", line=5),), Policy(), only_deciding)
        assert judged.waiver is not None

    def test_words_changed_in_the_same_change_make_it_a_new_one(self) -> None:
        longer = lower(above(PLAIN, COMMENT.replace("01-31", "12-31")))
        waiver, notes = inline(above(PLAIN), longer)
        assert waiver is None
        assert len(notes) == 2

    def test_moved_to_another_key_it_is_a_new_one(self) -> None:
        moved = above(PLAIN, key="paused").replace("paused: false", "paused: true")
        (judged,), notes = apply_waivers(
            (finding("P1", "prod", line=6),), Policy(), comparison(above(PLAIN), moved)
        )
        assert judged.waiver is None
        assert any("is added in this change" in note for note in notes)

    def test_moved_to_another_object_of_the_file_it_is_a_new_one(self) -> None:
        two = PLAIN + "---\n" + PLAIN.replace("name: web", "name: api")
        first, second = (above(PLAIN) + "---\n" + PLAIN.replace("name: web", "name: api"), None)
        second = PLAIN + "---\n" + above(PLAIN.replace("name: web", "name: api"))
        assert first.count(COMMENT) == second.count(COMMENT) == 1
        assert two != first
        (judged,), _ = apply_waivers(
            (finding("P1", "prod", line=11),), Policy(), comparison(first, lower(second))
        )
        assert judged.waiver is None

    def test_other_edits_of_the_file_leave_it_as_it_is(self) -> None:
        head = "# a new header\n" + lower(above(PLAIN)).replace("spec:", "spec:\n  revisionHistoryLimit: 2")
        assert inline(above(PLAIN), head, line=7)[0] is not None

    def test_in_lists_it_stays_with_the_named_item(self) -> None:
        base = f"tasks:\n  - task_key: load\n    {COMMENT}\n    retries: 3\n"
        ahead = "tasks:\n  - task_key: first\n    retries: 1\n"
        head = base.replace("tasks:\n", ahead).replace("retries: 3", "retries: 0")
        findings = (finding("P1", "prod", line=6, path="a.yml"),)
        (judged,), notes = apply_waivers(findings, Policy(), comparison(base, head, path="a.yml"))
        assert judged.waiver is not None
        assert notes == ()
        (judged,), _ = apply_waivers(
            findings, Policy(), comparison(base, head.replace("load", "store"), path="a.yml")
        )
        assert judged.waiver is None

    def test_a_renamed_file_keeps_its_waivers(self) -> None:
        renamed = comparison(above(PLAIN), lower(above(PLAIN)), old="old/web.yaml")
        (judged,), notes = apply_waivers((finding("P1", "prod", line=5),), Policy(), renamed)
        assert judged.waiver is not None
        assert notes == ()

    def test_what_is_removed_is_covered_by_its_comment_in_base(self) -> None:
        removed = finding("P1", "prod", line=5, side="base")
        (judged,), _ = apply_waivers((removed,), Policy(), comparison(above(PLAIN), "kind: Deployment\n"))
        assert judged.waiver is not None

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("until=2027-01-31 ", "", "has no date"),
            ("until=2027-01-31", "until=2027-01-01", "lapsed after 2027-01-01"),
            ("until=2027-01-31", "until=never", "has no readable date (until=2027-01-31)"),
            ("owner=team-web ", "", "has no owner"),
            ("owner=team-web", "owner=@somebody", "names a person as its owner instead of a team"),
            (" scaled down for the migration", "", "has no reason"),
        ],
    )
    def test_an_incomplete_or_lapsed_one_waives_nothing_and_is_told(
        self, old: str, new: str, told: str
    ) -> None:
        text = above(PLAIN, COMMENT.replace(old, new))
        waiver, notes = inline(text, lower(text))
        assert waiver is None
        assert notes == (f"deploy/web.yaml:4: the waiver of K8S-001 {told}, and waives nothing",)

    def test_one_that_cannot_be_read_is_told_when_it_is_added(self) -> None:
        _, notes = inline(PLAIN, lower(above(PLAIN, "# riskcheck: ignore K8S-001")))
        form = "`# riskcheck: ignore[RULE] until=2027-01-31 owner=team-x reason`"
        assert notes == (f"deploy/web.yaml:4: this comment cannot be read; write {form}",)

    def test_text_that_only_looks_like_a_comment_waives_nothing(self) -> None:
        text = PLAIN.replace("paused: false", f'note: "{COMMENT}"')
        (judged,), notes = apply_waivers((finding("P1", "prod", line=5),), Policy(), comparison(text, text))
        assert (judged.waiver, notes) == (None, ())

    @pytest.mark.parametrize(
        ("path", "line"), [("spark-defaults.conf", "spark.executor.memory 4g"), ("a.toml", "memory = 4")]
    )
    def test_properties_and_toml_have_them_too(self, path: str, line: str) -> None:
        text = f"{COMMENT}\n{line}\n"
        findings = (finding("P1", "prod", line=2, path=path),)
        changed = comparison(text, text.replace("4", "2"), path=path)
        (judged,), notes = apply_waivers(findings, Policy(), changed)
        assert judged.waiver is not None
        assert notes == ()

    def test_many_comments_are_read_in_one_go_and_the_first_ones_count(self) -> None:
        lines = [COMMENT] * 20_000
        text = "\n".join([*lines, "replicas: 2", ""])
        one = finding("P2", "prod", line=len(lines) + 1)
        (judged,), notes = apply_waivers((one,), Policy(), comparison("", text))
        assert judged.waiver is not None
        assert judged.waiver.source == "deploy/web.yaml:1"
        left_out = [note for note in notes if "at most" in note]
        limit = f"a file has at most {MAX_WAIVERS} waivers"
        assert left_out == [f"deploy/web.yaml:{MAX_WAIVERS + 1}: {limit}; those from here on waive nothing"]
        assert len(notes) <= MAX_WAIVERS + 1

    def test_comments_beyond_the_limit_waive_nothing(self) -> None:
        lines = [f"key{number}: 1  {COMMENT}" for number in range(MAX_WAIVERS + 1)]
        text = "\n".join([*lines, ""])
        found = tuple(finding("P2", "prod", line=line) for line in (MAX_WAIVERS, MAX_WAIVERS + 1))
        (kept, left_out), _ = apply_waivers(found, Policy(), comparison("", text))
        assert kept.waiver is not None
        assert left_out.waiver is None

    def test_lines_are_found_in_any_of_many_documents(self) -> None:
        text = "\n---\n".join(f"name: n{number}\n{COMMENT}\nreplicas: {number}" for number in range(150))
        found = list(ignores(DocumentStore(MemoryTree({"a.yaml": text}, "head")).get("a.yaml")))
        assert [(one.governs, one.anchor[:2]) for one in found] == [
            (4 * number + 3, (str(number), "replicas")) for number in range(150)
        ]
