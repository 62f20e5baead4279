"""The place that somebody typed at, whatever way the value took from there."""

from __future__ import annotations

from riskcheck.causes import edited_node
from riskcheck.in_memory import analyze_trees
from riskcheck.models import Change, Environment, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Source
from riskcheck.rules.load import load_rules

BASE, HEAD = Source("databricks.yml", "base"), Source("databricks.yml", "head")


def scalar(raw: str, source: Source, line: int, via: tuple[Node, ...] = ()) -> Scalar:
    return Scalar(raw, source, line, 0, line, len(raw), via=via)


def edit(before: Scalar, after: Scalar) -> Change:
    def resource(value: Scalar) -> Resource:
        body = Mapping([(scalar("name", value.source, 0), value)], value.source, 0, 0, 0, 0)
        return Resource("databricks", "jobs", "a", Environment("prod"), ".", body, body, "databricks")

    return Change(
        Environment("prod"),
        ("name",),
        "modified",
        before.raw,
        after.raw,
        resource(before),
        resource(after),
        before,
        after,
    )


def test_a_value_that_was_typed_over_is_the_edit() -> None:
    after = scalar("b", HEAD, 3)
    assert edited_node(edit(scalar("a", BASE, 3), after)) is after


def test_a_variable_put_into_a_text_is_the_edit_and_not_the_text() -> None:
    old, new = scalar("dev", BASE, 1), scalar("prod", HEAD, 1)
    before, after = scalar("orders-dev", BASE, 7, (old,)), scalar("orders-prod", HEAD, 7, (new,))
    assert edited_node(edit(before, after)) is new


def test_the_text_around_an_unchanged_variable_is_the_edit() -> None:
    before = scalar("orders-dev", BASE, 7, (scalar("dev", BASE, 1),))
    after = scalar("sales-dev", HEAD, 7, (scalar("dev", HEAD, 1),))
    assert edited_node(edit(before, after)) is after


def test_the_value_of_a_variable_is_the_edit_where_the_reference_stayed() -> None:
    before = scalar("2", BASE, 1, (scalar("${var.workers}", BASE, 7),))
    after = scalar("6", HEAD, 1, (scalar("${var.workers}", HEAD, 7),))
    assert edited_node(edit(before, after)) is after


def test_a_reference_to_another_variable_is_the_edit() -> None:
    reference = scalar("${var.large}", HEAD, 7)
    before = scalar("2", BASE, 1, (scalar("${var.small}", BASE, 7),))
    assert edited_node(edit(before, scalar("6", HEAD, 2, (reference,)))) is reference


def test_a_reference_in_the_place_of_a_value_is_the_edit() -> None:
    reference = scalar("${var.workers}", HEAD, 7)
    after = scalar("6", HEAD, 1, (reference,))
    assert edited_node(edit(scalar("2", BASE, 7), after)) is reference


OVERLAY, OVERLAID = Source("prod/kustomization.yaml", "base"), Source("prod/kustomization.yaml", "head")


def made_of(original: Scalar, raw: str, source: Source) -> Scalar:
    result = scalar(raw, source, 3, (original,))
    result.synthetic = True
    return result


def test_a_tag_that_an_overlay_puts_in_the_place_of_another_is_the_edit() -> None:
    after = made_of(scalar("web:1", HEAD, 9), "web:2", OVERLAID)
    assert edited_node(edit(scalar("web:1", BASE, 9), after)) is after


def test_a_tag_that_an_overlay_no_longer_replaces_is_the_edit() -> None:
    before = made_of(scalar("web:1", BASE, 9), "web:2", OVERLAY)
    assert edited_node(edit(before, scalar("web:1", HEAD, 9))) is before


def test_an_image_that_was_typed_over_below_an_overlay_is_the_edit() -> None:
    before = made_of(scalar("web:1", BASE, 9), "web:2", OVERLAY)
    after = scalar("web:3", HEAD, 9)
    assert edited_node(edit(before, after)) is after


def test_a_prefix_that_is_new_is_the_edit_and_not_the_name_behind_it() -> None:
    prefix = scalar("eu_", HEAD, 30)
    assert edited_node(edit(scalar("orders", BASE, 7), scalar("euorders", HEAD, 7, (prefix,)))) is prefix
    gone = scalar("eu_", BASE, 30)
    assert edited_node(edit(scalar("euorders", BASE, 7, (gone,)), scalar("orders", HEAD, 7))) is gone


def test_a_name_that_was_typed_over_under_a_new_prefix_is_the_edit() -> None:
    after = scalar("eu_sales", HEAD, 7, (scalar("eu_", HEAD, 30),))
    assert edited_node(edit(scalar("orders", BASE, 7), after)) is after


BUNDLE = """\
bundle: {name: orders}
resources:
  schemas:
    raw:
      name: raw
      catalog_name: main
      lifecycle: {prevent_destroy: true}
  registered_models:
    churn: {name: churn, catalog_name: main, schema_name: ml}
targets:
  prod:
    mode: production
"""


def causes(head: str) -> dict[str, set[str]]:
    """Causes by code."""
    rules = load_rules(use_cache=False).rules
    report = analyze_trees({"databricks.yml": BUNDLE.encode()}, {"databricks.yml": head.encode()}, rules)
    found: dict[str, set[str]] = {}
    for one in report.findings:
        found.setdefault(one.code, set()).add(one.cause)
    return found


def test_a_guard_and_what_it_guarded_against_are_one_cause() -> None:
    head = BUNDLE.replace("name: raw\n", "name: raw_v2\n").replace("true}", "false}")
    found = causes(head)
    assert found["DAB-003"] == found["DAB-009"] == {"databricks.yml:5"}


def test_a_new_prefix_is_one_cause_with_all_that_it_renames() -> None:
    found = causes(BUNDLE + "    presets: {name_prefix: eu_}\n")
    assert found["DAB-003"] == found["DAB-039"] == found["DAB-020"] == {"databricks.yml:13"}
