"""What is told of waivers: those that waive nothing, lapse soon, are not needed, or come with the change."""

from __future__ import annotations

import pytest

from riskcheck.judged import Waiver
from riskcheck.policy.model import Gate, Policy
from riskcheck.policy.unneeded import unneeded
from riskcheck.policy.waivers import apply_waivers
from riskcheck.records import replace
from riskcheck.rules.known import KnownNames
from riskcheck.rules.load import load_rules
from riskcheck.trees import Comparison, PathChange
from tests.policy.findings import finding
from tests.policy.test_waivers import COMMENT, NOW, PLAIN, WAIVER, above, comparison, lower
from tests.support import MemoryTree

DEFAULT = Gate()
WIDE = "is too wide: name a resource, a file or a folder"
EMPTY = "is about line 5, which is empty"
RULES = [rule for rule in load_rules(()).rules if rule.code in ("LNT-003", "K8S-001")]


def notes(*waivers: Waiver, gate: Gate = DEFAULT) -> tuple[str, ...]:
    one = finding("P1", "prod")
    return apply_waivers((one,), Policy(waivers=waivers, gate=gate), comparison())[1]


class TestSoon:
    @pytest.mark.parametrize(
        ("until", "told"), [("2027-01-15", True), ("2027-01-28", True), ("2027-01-29", False)]
    )
    def test_one_in_use_that_lapses_within_two_weeks(self, until: str, told: bool) -> None:
        expected = f"1 waiver in use lapses within 14 days: riskcheck.yaml:20 ({until})"
        assert notes(replace(WAIVER, until=until)) == ((expected,) if told else ())

    def test_several_are_one_line_the_first_to_lapse_first(self) -> None:
        found = tuple(
            finding("P1", "prod", resource=f"kubernetes:Deployment.shop/{name}", line=number)
            for number, name in enumerate("abcde", 1)
        )
        waivers = tuple(
            replace(
                WAIVER, where=one.resource, until=f"2027-01-2{5 - number}", source=f"riskcheck.yaml:{number}"
            )
            for number, one in enumerate(found)
        )
        (note,) = apply_waivers(found, Policy(waivers=waivers), comparison())[1]
        assert note == (
            "5 waivers in use lapse within 14 days: riskcheck.yaml:4 (2027-01-21), riskcheck.yaml:3 (2027-01-22), "
            "riskcheck.yaml:2 (2027-01-23) and 2 more"
        )

    def test_one_that_nothing_uses_is_not_told(self) -> None:
        assert notes(replace(WAIVER, where="kubernetes:Deployment.shop/api", until="2027-01-16")) == ()


class TestTooWide:
    @pytest.mark.parametrize("where", ["**", "*", "kubernetes:*", "kubernetes:Deployment.*", "**/*.yaml"])
    def test_it_waives_nothing_and_is_told(self, where: str) -> None:
        (judged,), told = apply_waivers(
            (finding("P1", "prod"),), Policy(waivers=(replace(WAIVER, where=where),)), comparison()
        )
        assert judged.waiver is None
        assert told == (f"riskcheck.yaml:20: the waiver of K8S-001 {WIDE}, and waives nothing",)

    def test_the_policy_says_how_long_one_may_last(self) -> None:
        assert notes(replace(WAIVER, until="2027-03-31")) == ()
        (told,) = notes(replace(WAIVER, until="2027-03-31"), gate=Gate(max_waiver=30 * 86_400))
        assert "lasts until 2027-03-31, longer than the 30d that are allowed, and waives nothing" in told


class TestExact:
    def test_it_covers_the_finding_that_it_lists(self) -> None:
        assert notes(replace(WAIVER, fingerprints=("0123456789abcdef", "a" * 16), until="2027-03-31")) == ()

    def test_it_covers_no_other(self) -> None:
        (told,) = notes(replace(WAIVER, fingerprints=("a" * 16,)))
        assert told == (
            "riskcheck.yaml:20: the waiver of K8S-001 acknowledges another change than this one, whose fingerprint "
            "is 0123456789abcdef (kubernetes:Deployment.shop/web)"
        )


class TestSameChange:
    def test_a_copy_at_another_key_is_a_new_one(self) -> None:
        base = above(PLAIN)
        head = above(base, key="paused").replace("paused: false", "paused: true")
        (judged,), told = apply_waivers((finding("P1", "prod", line=7),), Policy(), comparison(base, head))
        assert judged.waiver is None
        assert any(one.startswith("deploy/web.yaml:6: a waiver of K8S-001 is added") for one in told)

    def test_one_about_an_empty_line_is_told_to_be_about_nothing(self) -> None:
        head = PLAIN.replace("  replicas", f"  {COMMENT}\n\n  replicas")
        told = apply_waivers((), Policy(), comparison(PLAIN, head))[1]
        assert told == (
            f"deploy/web.yaml:4: a waiver of K8S-001 is added in this change; it {EMPTY}, and waives nothing",
        )

    def test_a_wildcard_is_no_rule(self) -> None:
        head = lower(above(PLAIN, COMMENT.replace("K8S-001", "*")))
        (judged,), told = apply_waivers((finding("P2", "prod", line=5),), Policy(), comparison(PLAIN, head))
        assert judged.waiver is None
        assert "names no single rule, and waives nothing" in told[0]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("K8S001", "it names no rule that there is (did you mean K8S-001?), and waives nothing"),
            ("replica-reduced", "it names no rule that there is (did you mean replicas-reduced?), and"),
            ("K8S-0O1", "it names no rule that there is, and waives nothing"),
            ("xxxxxxxxxxxxxxx", "it names no rule that there is, and waives nothing"),
        ],
    )
    def test_a_name_that_no_rule_has_is_told(self, name: str, said: str) -> None:
        head = above(PLAIN, COMMENT.replace("K8S-001", name))
        held = comparison(PLAIN, head)
        names = KnownNames((), (), held.deciding)
        (told,) = apply_waivers((), Policy(), held, unknown=names.unknown)[1]
        assert said in told

    @pytest.mark.parametrize("name", ["K8S-001", "k8s-001", "replicas-reduced"])
    def test_a_rule_that_is_not_run_is_one(self, name: str) -> None:
        held = comparison(PLAIN, above(PLAIN, COMMENT.replace("K8S-001", name)))
        (told,) = apply_waivers((), Policy(), held, unknown=KnownNames((), (), held.deciding).unknown)[1]
        assert "covers P2 and below until it is merged" in told

    def test_in_sql_one_of_before_counts_in_full(self) -> None:
        text = f"-- {COMMENT[2:]}\nDROP TABLE sales.orders;\n"
        found = (finding("P1", "prod", line=3, path="a.sql"),)
        (judged,), told = apply_waivers(found, Policy(), comparison(text, f"SELECT 1;\n{text}", path="a.sql"))
        assert judged.waiver is not None
        assert not judged.waiver.same_change
        assert told == ()
        (judged,), told = apply_waivers(
            found, Policy(), comparison("SELECT 1;\n", f"SELECT 1;\n{text}", path="a.sql")
        )
        assert judged.waiver is None
        assert any("is added in this change" in one for one in told)

    def test_files_that_are_left_out_are_not_told(self) -> None:
        held = comparison(PLAIN, above(PLAIN))
        assert apply_waivers((), Policy(exclude=("deploy/**",)), held)[1] == ()


class TestState:
    def told(self, text: str, path: str = "deploy/web.yaml", **policy: object) -> tuple[str, ...]:
        tree = MemoryTree({path: text}, "head")
        change = PathChange(path, "added", path, None, tree.entry(path))
        state = Comparison(MemoryTree({}, "base"), tree, tree, (change,), NOW)
        return apply_waivers((), Policy(**policy), state, of="state")[1]  # type: ignore[arg-type]  # by name

    def test_a_sound_comment_is_not_told(self) -> None:
        assert self.told(above(PLAIN)) == ()

    @pytest.mark.parametrize(
        ("comment", "told"),
        [
            (COMMENT.replace("2027-01-31", "2027-01-01"), "the waiver of K8S-001 lapsed after 2027-01-01"),
            (COMMENT.replace("until=2027-01-31 ", ""), "the waiver of K8S-001 has no date"),
            (COMMENT.replace("owner=team-web ", ""), "the waiver of K8S-001 has no owner"),
            (COMMENT.replace("until", "until=2027-01-31 until"), "the waiver of K8S-001 says until= twice"),
            ("# riskcheck: ignore K8S-001", "this comment cannot be read"),
        ],
    )
    def test_one_that_waives_nothing_is_told_although_nothing_is_found(self, comment: str, told: str) -> None:
        (note,) = self.told(above(PLAIN, comment))
        assert note.startswith("deploy/web.yaml:4: ")
        assert told in note

    def test_documents_are_not_searched(self) -> None:
        assert self.told(f"{COMMENT.replace('2027', '2020')}\n", "README.md") == ()

    def test_excluded_files_are_not_searched(self) -> None:
        assert self.told(above(PLAIN, "# riskcheck: ignore"), exclude=("deploy/**",)) == ()


class TestUnneeded:
    def test_a_rule_about_the_tree_that_finds_nothing_there(self) -> None:
        of_tree = replace(WAIVER, rule="LNT-003", where="service:orders")
        assert {rule.match.subject for rule in RULES} == {"state", "change"}
        told = list(unneeded(Policy(waivers=(of_tree, WAIVER)), (), RULES, NOW))
        assert told == ["riskcheck.yaml:20: the waiver of LNT-003 has nothing to waive any more; remove it"]
        used = finding("P3", "prod", code="LNT-003", waiver=of_tree)
        assert list(unneeded(Policy(waivers=(of_tree,)), (used,), RULES, NOW)) == []

    def test_rules_that_did_not_run_say_nothing(self) -> None:
        of_tree = replace(WAIVER, rule="LNT-003", where="service:orders")
        assert list(unneeded(Policy(waivers=(of_tree,)), (), (), NOW)) == []

    def test_lapsed_ones_are_told_elsewhere(self) -> None:
        of_tree = replace(WAIVER, rule="LNT-003", until="2020-01-01")
        assert list(unneeded(Policy(waivers=(of_tree,)), (), RULES, NOW)) == []

    def test_those_of_one_change(self) -> None:
        exact = [
            replace(WAIVER, fingerprints=("a" * 16,), source=f"riskcheck.yaml:{line}") for line in (3, 9)
        ]
        told = list(unneeded(Policy(waivers=tuple(exact)), (), RULES, NOW))
        assert told == [
            "2 waivers acknowledge a single change each; remove what is merged: riskcheck.yaml:3, riskcheck.yaml:9"
        ]
