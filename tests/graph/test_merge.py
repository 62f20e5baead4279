from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.dependencies import CatalogEntry, Dependency, critical_because, service_id
from riskcheck.graph.merge import merge, policy_entries
from riskcheck.models import Location, Service


def at(path: str, line: int = 1) -> Location:
    return Location(path, "base", line, 1, line, 1)


BACKSTAGE = CatalogEntry(
    "backstage",
    Service("orders", owner="team-shop", criticality="tier-2"),
    at("orders/catalog-info.yaml"),
    (("owner", at("orders/catalog-info.yaml", 9)),),
    (Dependency("ledger", "hard", "dependsOn", at("orders/catalog-info.yaml", 12)),),
    aliases=("order-service",),
)
DATADOG = CatalogEntry(
    "datadog",
    Service("orders", owner="team-orders", criticality="tier-1", scopes=("pii",)),
    at("service.datadog.yaml"),
    (("owner", at("service.datadog.yaml", 4)),),
    (Dependency("mail", "soft", "dependsOn", at("service.datadog.yaml", 7)),),
    lifecycle="production",
)
SHOP = CatalogEntry(
    "compose",
    Service("shop"),
    at("compose.yaml"),
    dependencies=(Dependency("order-service", "soft", "depends_on", at("compose.yaml", 5)),),
)


def test_the_more_believed_source_holds_and_the_contradiction_is_told_with_both_places() -> None:
    merged = merge([DATADOG, BACKSTAGE])
    assert merged.services["orders"].owner == "team-shop"
    (owner, criticality) = merged.conflicts
    assert owner.field == "owner"
    assert [(value, place.path, place.line) for value, place in owner.values] == [
        ("team-shop", "orders/catalog-info.yaml", 9),
        ("team-orders", "service.datadog.yaml", 4),
    ]
    assert criticality.field == "criticality"


def test_the_policy_is_believed_before_all_catalogs() -> None:
    policy = policy_entries([Service("orders", owner="team-data", source="riskcheck.yaml:3")])
    merged = merge([BACKSTAGE, *policy, DATADOG])
    assert merged.services["orders"].owner == "team-data"
    assert merged.services["orders"].criticality == "tier-2"
    assert merged.conflicts[0].values[0][1].path == "riskcheck.yaml"


def test_what_only_one_source_says_is_kept_and_scopes_and_dependencies_add_up() -> None:
    merged = merge([DATADOG, BACKSTAGE])
    assert merged.services["orders"].scopes == ("pii",)
    assert {edge.dependency for edge in merged.edges} == {service_id("ledger"), service_id("mail")}


def test_an_alias_is_the_same_service() -> None:
    (edge,) = merge([SHOP, BACKSTAGE._replace(dependencies=())]).edges
    assert (edge.dependant, edge.dependency) == (service_id("shop"), service_id("orders"))


def test_an_inverse_dependency_points_the_other_way() -> None:
    inverse = Dependency("shop", "hard", "dependencyOf", at("catalog-info.yaml", 3), inverse=True)
    (edge,) = merge(
        [CatalogEntry("backstage", Service("ledger"), at("catalog-info.yaml"), (), (inverse,))]
    ).edges
    assert (edge.dependant, edge.dependency) == (service_id("shop"), service_id("ledger"))


def test_a_service_that_needs_itself_is_no_edge() -> None:
    own = Dependency("orders", "hard", "dependsOn", at("c.yaml"))
    assert merge([CatalogEntry("backstage", Service("orders"), at("c.yaml"), (), (own,))]).edges == ()


def test_promises_make_critical_only_what_declares_no_criticality() -> None:
    slo = CatalogEntry("openslo", Service("orders"), at("slo.yaml"), slo=0.9995)
    assert critical_because(merge([slo]).services["orders"]) == "held to 99.95% availability"
    assert critical_because(merge([slo, BACKSTAGE]).services["orders"]) is None
    assert critical_because(Service("a", rto=1800)) == "to be back within 30 min"
    assert critical_because(Service("a", rto=1801)) is None
    assert critical_because(Service("a", criticality="tier-1")) == "tier-1"


@given(
    st.permutations(
        [BACKSTAGE, DATADOG, SHOP, *policy_entries([Service("orders", source="riskcheck.yaml:3")])]
    )
)
def test_the_order_of_the_sources_does_not_matter(entries: list[CatalogEntry]) -> None:
    assert merge(entries) == merge(sorted(entries, key=lambda one: one.format))
