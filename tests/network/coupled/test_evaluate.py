"""Sets held against what a change does to their anchors."""

from __future__ import annotations

import pytest

from riskcheck.network.coupled.evaluate import Incomplete
from riskcheck.nodes import Value
from tests.network.coupled.support import evaluated

ANCHOR = 'resource "net_gate" "g" {\n  address = "192.0.2.1"\n  open = false\n}\n'
MOVED = ANCHOR.replace("192.0.2.1", "192.0.2.2")
ROUTE = 'resource "net_route" "r" {\n  gate = net_gate.g.id\n}\n'
LIST = 'resource "net_list" "l" {\n  ranges = ["192.0.2.0/30"]\n}\n'
OTHER = 'resource "net_gate" "h" {\n  address = "198.51.100.1"\n}\n'


def own(**member: Value) -> dict[str, Value]:
    return {
        "id": "own",
        "title": "own",
        "anchor": {"kinds": ["net_gate"], "fields": ["address"], "names": {"self": "self"}},
        "breaks_when": [{"path": "open", "is": [False]}],
        "members": [{"id": "m", "label": "member", "demand": "always", **member}],
    }


def told(found: Incomplete | None) -> tuple[str, str] | None:
    return None if found is None else (found.trigger, found.weight)


POINTS: list[Value] = [{"kinds": ["net_route"], "path": "gate", "to": "anchor"}]
EDITED: list[Value] = [{"kinds": ["net_list"], "changed": True}]
HOLDS: list[Value] = [{"kinds": ["net_list"], "path": "ranges", "covers": "self"}]


@pytest.mark.parametrize(
    ("ways", "base", "head", "expected"),
    [
        (POINTS, "", ANCHOR, ("created", "certain")),
        (POINTS, "", ANCHOR + ROUTE, None),
        (POINTS, "", ANCHOR.replace("false", "true"), ("created", "required")),
        (POINTS, ANCHOR, MOVED, None),  # it had none before
        (POINTS, ANCHOR + ROUTE, MOVED, ("replaced", "certain")),
        (POINTS, ANCHOR + ROUTE, MOVED + ROUTE, None),
        (POINTS, ANCHOR, ANCHOR.replace("false", "true"), None),  # no field of it
        (EDITED, ANCHOR + LIST, MOVED + LIST, ("replaced", "certain")),
        (EDITED, ANCHOR + LIST, MOVED + LIST.replace("/30", "/29"), None),
        (HOLDS, LIST, LIST + ANCHOR, None),
        (HOLDS, LIST, LIST + ANCHOR.replace("192.0.2.1", "192.0.2.9"), ("created", "certain")),
        (HOLDS, LIST, LIST + ANCHOR.replace('"192.0.2.1"', "var.address"), None),  # cannot be told
        (HOLDS, "", ANCHOR, None),  # there is no list
    ],
)
def test_a_member_follows_by_the_change_or_is_there(
    ways: list[Value], base: str, head: str, expected: tuple[str, str] | None
) -> None:
    assert told(evaluated(own(ways=ways), "net_gate.g", base, head)) == expected


def test_what_no_environment_declares_is_not_demanded() -> None:
    assert evaluated(own(ways=POINTS, demand="declared"), "net_gate.g", "", ANCHOR) is None
    found = evaluated(
        own(ways=POINTS, demand="declared"), "net_gate.g", "", ANCHOR + ROUTE.replace("gate.g", "gate.h")
    )
    assert told(found) == ("created", "certain")


def test_what_only_another_state_can_hold_is_told_and_no_more() -> None:
    found = evaluated(own(ways=POINTS, managed_here=["net_route"]), "net_gate.g", "", ANCHOR)
    assert told(found) == ("created", "elsewhere")
    assert found is not None
    assert (found.missing, found.elsewhere) == ((), ("member",))
    assert (
        evaluated(own(ways=POINTS, managed_here=["net_route"]), "net_gate.g", OTHER, OTHER + ANCHOR) is None
    )


def test_advice_alone_is_not_told_and_what_is_only_looked_up_is_never_missed() -> None:
    for requirement in ("advisory", "lookup"):
        assert evaluated(own(ways=POINTS, requirement=requirement), "net_gate.g", "", ANCHOR) is None


def test_a_list_that_names_all_siblings_must_name_the_new_one() -> None:
    one = own(lists={"kinds": ["net_list"], "paths": ["ranges"]})
    by_address = 'resource "net_list" "l" {\n  ranges = ["198.51.100.1"]\n}\n'
    by_name = 'resource "net_list" "l" {\n  ranges = [net_gate.h.address]\n}\n'
    unrelated = 'resource "net_list" "l" {\n  ranges = ["203.0.113.0/24"]\n}\n'
    for text, expected in (
        (by_address, ("created", "certain")),
        (by_name, ("created", "certain")),
        (unrelated, None),
    ):
        assert told(evaluated(one, "net_gate.g", OTHER + text, OTHER + text + ANCHOR)) == expected
    both = by_name.replace("[", "[net_gate.g.address, ")
    assert evaluated(one, "net_gate.g", OTHER + by_name, OTHER + both + ANCHOR) is None


def test_what_all_siblings_have_is_asked_of_the_new_one() -> None:
    one = own(ways=POINTS, demand="siblings")
    pair = OTHER + OTHER.replace('"h"', '"i"')
    routes = "".join(ROUTE.replace('"r"', f'"{name}"').replace("gate.g", f"gate.{name}") for name in "hi")
    assert evaluated(one, "net_gate.g", pair, pair + ANCHOR) is None
    assert told(evaluated(one, "net_gate.g", pair + routes, pair + routes + ANCHOR)) == ("created", "certain")


def test_what_stays_after_a_removal() -> None:
    one = own(ways=POINTS, on=["removed"])
    anchor = one["anchor"]
    assert isinstance(anchor, dict)
    anchor["changes"] = ["removed"]
    assert told(evaluated(one, "net_gate.g", ANCHOR + ROUTE, ROUTE)) == ("removed", "certain")
    assert evaluated(one, "net_gate.g", ANCHOR + ROUTE, LIST) is None


def test_another_text_is_another_value_only_where_both_are_known() -> None:
    one = own(ways=EDITED)
    base, head = ANCHOR + LIST, MOVED + LIST
    assert evaluated(one, "net_gate.g", base, head.replace('"192.0.2.2"', "local.address")) is None
    assert evaluated(one, "net_gate.g", base.replace('"192.0.2.1"', "local.address"), head) is None


def test_an_anchor_that_nothing_uses_does_not_count() -> None:
    one = own(ways=EDITED)
    anchor = one["anchor"]
    assert isinstance(anchor, dict)
    anchor["used_by"] = [{"kinds": ["net_route"], "path": "gate", "to": "anchor"}]
    assert evaluated(one, "net_gate.g", LIST, LIST + ANCHOR) is None
    assert told(evaluated(one, "net_gate.g", LIST, LIST + ROUTE + ANCHOR)) == ("created", "certain")
