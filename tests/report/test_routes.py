"""Which kind of incident a finding would be, and who owns what it reaches."""

from __future__ import annotations

from riskcheck.models import Service
from riskcheck.report.routes import incident_words


def test_teams_are_named_with_what_they_own() -> None:
    reached = [Service("orders", "team-data"), Service("shop", "team-web"), Service("cart", "team-web")]
    assert incident_words("data", reached) == "data: team-data (orders), team-web (shop, cart)"


def test_a_team_with_many_services_has_the_rest_counted() -> None:
    reached = [Service(name, "team-web") for name in ("a", "b", "c", "d")]
    assert incident_words("platform", reached) == "platform: team-web (a, b and 2 more)"


def test_services_without_an_owner_are_told_beside_those_with_one() -> None:
    reached = [Service("orders"), Service("shop", "team-web")]
    assert incident_words("model", reached) == "model: team-web (shop); nobody is declared for orders"


def test_where_no_owner_is_declared_only_the_kind_is_told() -> None:
    assert incident_words("cost", [Service("orders")]) == "cost"
    assert incident_words("cost", []) == "cost"
