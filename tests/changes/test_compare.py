from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare, pairs
from riskcheck.nodes import MISSING, render_path
from tests.build import PROD, STAGING, changes, no_keys, resource


def said(found: object) -> list[tuple[str, str, object, object]]:
    return [(c.kind, render_path(c.path), c.before, c.after) for c in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2\n", "b: 2\na: 1\n"),
        ("a: x\n", "a: 'x'\n"),
        ("a: x # why\n", "# another reason\na:   x\n"),
        ("a: {b: [1, 2]}\n", "a:\n  b:\n    - 1\n    - 2\n"),
        ("a: |\n  text\n", 'a: "text\\n"\n'),
        ("a: [x, y]\n", "a: [y, x]\n"),
        ("a: 0x10\n", "a: 16\n"),
        ("l: [{name: a, v: 1}, {name: b, v: 2}]\n", "l: [{name: b, v: 2}, {name: a, v: 1}]\n"),
        ("base: &x {a: 1}\nuse: *x\n", "base: {a: 1}\nuse: {a: 1}\n"),
    ],
)
def test_what_only_looks_different_is_no_change(before: str, after: str) -> None:
    assert changes(before, after) == ()


def test_the_same_amount_written_differently_is_no_change() -> None:
    before = "resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 1}}\n"
    after = "resources: {requests: {cpu: 0.5, memory: 1024Mi}, limits: {cpu: 1000m}}\n"
    assert changes(before, after) == ()
    assert len(changes(before, after.replace("1024Mi", "1025Mi"))) == 1
    assert len(changes("args: {size: 1Gi}\n", "args: {size: 1024Mi}\n")) == 1


def test_a_modified_value_knows_both_places() -> None:
    (change,) = changes("spec:\n  replicas: 3\n", "# new\nspec:\n  replicas: 2\n")
    assert said([change]) == [("modified", "spec.replicas", 3, 2)]
    assert change.node_before is not None
    assert change.node_after is not None
    assert (change.node_before.line, change.node_after.line) == (1, 2)


def test_null_and_absent_are_different_things() -> None:
    assert said(changes("a: 1\n", "a:\n")) == [("modified", "a", 1, None)]
    assert said(changes("a: 1\nb: 2\n", "b: 2\n")) == [("removed", "a", 1, MISSING)]


def test_a_number_that_becomes_text_is_a_change_for_kubernetes_but_not_for_a_bundle() -> None:
    assert said(changes("a: 8\n", 'a: "8"\n')) == [("modified", "a", 8, "8")]
    assert changes("a: 8\n", 'a: "8"\n', reading="databricks") == ()


def test_dropping_the_first_of_three_named_items_is_one_removal() -> None:
    before = "l: [{name: a, v: 1}, {name: b, v: 2}, {name: c, v: 3}]\n"
    after = "l: [{name: b, v: 2}, {name: c, v: 3}]\n"
    assert said(changes(before, after)) == [("removed", "l[a]", {"name": "a", "v": 1}, MISSING)]


def test_the_first_key_an_item_has_names_it() -> None:
    before = "p: [{user_name: u, level: CAN_RUN}, {group_name: g, level: CAN_RUN}]\n"
    after = "p: [{group_name: g, level: CAN_MANAGE}, {user_name: u, level: CAN_RUN}]\n"
    found = changes(before, after, keys=("user_name", "group_name"))
    assert said(found) == [("modified", "p[g].level", "CAN_RUN", "CAN_MANAGE")]


def test_items_that_share_a_name_are_told_apart_by_all_their_keys() -> None:
    before = "ports: [{port: 53, protocol: TCP, x: 1}, {port: 53, protocol: UDP, x: 1}]\n"
    after = "ports: [{port: 53, protocol: UDP, x: 1}, {port: 53, protocol: TCP, x: 2}]\n"
    found = changes(before, after, keys=("port", "protocol"))
    assert said(found) == [("modified", "ports[53/TCP].x", 1, 2)]


def test_an_edited_word_of_a_list_is_one_change_and_a_new_one_an_addition() -> None:
    assert said(changes("a: [x, v]\n", "a: [x, w]\n")) == [("modified", "a[1]", "v", "w")]
    assert said(changes("a: [x]\n", "a: [w, x]\n")) == [("added", "a[w]", MISSING, "w")]
    assert said(changes("a: [x, x]\n", "a: [x]\n")) == [("removed", "a[x]", "x", MISSING)]


def test_the_order_of_arguments_is_their_meaning() -> None:
    found = changes("args: [--a, --b]\n", "args: [--b, --a]\n")
    assert [c.path for c in found] == [("args", "[0]"), ("args", "[1]")]


def test_steps_that_are_gone_through_in_turn_are_a_change_in_another_order() -> None:
    before = "steps: [{setWeight: 5}, {pause: {}}, {setWeight: 60}, {pause: {}}]\n"
    after = "steps: [{setWeight: 60}, {pause: {}}, {setWeight: 5}, {pause: {}}]\n"
    assert said(changes(before, after)) == [
        ("modified", "steps[0].setWeight", 5, 60),
        ("modified", "steps[2].setWeight", 60, 5),
    ]
    assert said(changes("stepWeights: [1, 50]\n", "stepWeights: [50, 1]\n")) == [
        ("modified", "stepWeights[0]", 1, 50),
        ("modified", "stepWeights[1]", 50, 1),
    ]
    assert changes("l: [{a: 1}, {b: 2}]\n", "l: [{b: 2}, {a: 1}]\n") == ()


def test_unnamed_items_are_matched_by_likeness() -> None:
    before = "rules: [{from: a, ports: [1, 2], why: x}, {from: b, ports: [3, 4], why: y}]\n"
    after = "rules: [{from: b, ports: [3, 5], why: y}, {from: a, ports: [1, 2], why: z}]\n"
    assert said(changes(before, after)) == [
        ("modified", "rules[1].why", "x", "z"),
        ("modified", "rules[0].ports[1]", 4, 5),
    ]


def test_many_unnamed_items_are_still_compared_in_bounded_time() -> None:
    before = "rules: [" + ", ".join(f"{{v: {n}, w: [{n}]}}" for n in range(400)) + "]\n"
    after = "rules: [" + ", ".join(f"{{v: {n}, w: [{n + 1}]}}" for n in range(400)) + "]\n"
    assert len(changes(before, after)) == 400


def test_an_added_block_is_one_change() -> None:
    (change,) = changes("a: 1\n", "a: 1\nb: {c: {d: 1}}\n")
    assert said([change]) == [("added", "b", MISSING, {"c": {"d": 1}})]


def test_secrets_do_not_enter_a_change() -> None:
    (change,) = changes("password: hunter2-old\n", "password: hunter2-new\n")
    assert "hunter2" not in repr((change.before, change.after))


def test_a_resource_that_moves_to_another_unit_is_compared_with_itself() -> None:
    before = resource("a: 1\n", "base", unit="one")
    after = resource("a: 2\n", "head", unit="two")
    found = compare([before], [after], lambda _: no_keys)
    assert said(found) == [("modified", "a", 1, 2)]


def test_a_resource_in_another_namespace_has_moved() -> None:
    before = resource("a: 1\n", "base", name="old/web", identity="web")
    after = resource("a: 1\n", "head", name="new/web", identity="web")
    (change,) = compare([before], [after], lambda _: no_keys)
    assert change.kind == "moved"
    assert (change.before, change.after) == ("kubernetes:Deployment.old/web", "kubernetes:Deployment.new/web")


def test_environments_are_compared_one_by_one() -> None:
    base = [resource("a: 1\n", "base", PROD), resource("a: 1\n", "base", STAGING)]
    head = [resource("a: 1\n", "head", PROD), resource("a: 2\n", "head", STAGING)]
    (change,) = compare(base, head, lambda _: no_keys)
    assert change.environment == STAGING


def test_two_candidates_of_one_name_are_not_paired_by_guess() -> None:
    base = [resource("a: 1\n", "base", unit="one"), resource("a: 2\n", "base", unit="two")]
    head = [resource("a: 1\n", "head", unit="three")]
    assert [(one and one.unit, other and other.unit) for one, other in pairs(base, head)] == [
        ("one", None),
        (None, "three"),
        ("two", None),
    ]


def test_an_inverted_change_swaps_everything() -> None:
    (change,) = changes("a: 1\n", "a: 1\nb: 2\n")
    back = change.inverted()
    assert (back.kind, back.before, back.after) == ("removed", 2, MISSING)
    assert back.resource_after is change.resource_before
    assert back.inverted().kind == "added"


def test_the_order_of_keys_decides_nothing() -> None:
    before, after = "a: 1\nb: 1\nc: 1\n", ("b: 2\na: 2\nd: 2\n", "d: 2\na: 2\nb: 2\n")
    one, other = (said(changes(before, text)) for text in after)
    assert one == other
    assert [path for _, path, *_ in one] == ["a", "b", "d", "c"]
