from __future__ import annotations

from riskcheck.models import Environment, Resource
from riskcheck.records import replace
from riskcheck.rollout.ring import lower, relatives
from tests.build import resource


def at(name: str, stage: str, tier: str | None = None, unit: str = "unit") -> Resource:
    environment = Environment(name, stage, tier=tier)  # type: ignore[arg-type]  # stages in data
    return resource("a: 1\n", environment=environment, unit=unit)


PROD = at("prod", "prod")


def names(resources: tuple[Resource, ...]) -> list[str]:
    return [one.environment.name for one in resources]


def test_lower_stages_come_lowest_first() -> None:
    known = [at("canary", "canary"), PROD, at("staging", "staging")]
    assert names(lower(PROD, known, declared=True)) == ["staging", "canary"]


def test_a_cell_of_unknown_stage_proves_nothing() -> None:
    assert lower(PROD, [at("default", "unknown")], declared=True) == ()


def test_a_tiered_canary_stands_for_its_own_tier_only() -> None:
    premium = at("prod-premium", "prod", "premium")
    known = [at("canary-standard", "canary", "standard"), at("canary-premium", "canary", "premium")]
    assert names(lower(premium, known, declared=True)) == ["canary-premium"]
    assert lower(premium, known[:1], declared=True) == ()


def test_a_lower_environment_without_tier_stands_for_all() -> None:
    premium = at("prod-premium", "prod", "premium")
    assert names(lower(premium, [at("staging", "staging")], declared=True)) == ["staging"]


def test_development_counts_where_it_is_declared_or_alone() -> None:
    known = [at("dev", "dev"), at("staging", "staging")]
    ordered = replace(known[0], environment=known[0].environment._replace(order=0))
    assert names(lower(PROD, [ordered, known[1]], declared=True)) == ["dev", "staging"]
    assert names(lower(PROD, known, declared=True)) == ["staging"]
    assert names(lower(PROD, known, declared=False)) == ["staging"]
    assert names(lower(PROD, known[:1], declared=False)) == ["dev"]


def test_the_nearest_family_is_meant() -> None:
    production = at("prod", "prod", unit="components/web/production")
    near = at("staging", "staging", unit="components/web/staging")
    far = at("staging", "staging", unit="components/api/staging")
    assert relatives(production, [far, near]) == (near,)


def test_of_components_below_environments_the_same_component_is_meant() -> None:
    production = at("production", "prod", unit="env/production/eks")
    near = at("staging", "staging", unit="env/staging/eks")
    far = at("staging", "staging", unit="env/staging/rds")
    assert relatives(production, [far, near]) == (near,)


def test_a_lower_ring_stands_for_a_higher_one_and_not_the_other_way_round() -> None:
    second = at("ring-2/a", "prod", "ring-2")
    assert names(lower(second, [at("ring-1/s", "staging", "ring-1")], declared=True)) == ["ring-1/s"]
    assert lower(second, [at("ring-3/s", "staging", "ring-3")], declared=True) == ()
    assert lower(second, [at("premium", "staging", "premium")], declared=True) == ()
