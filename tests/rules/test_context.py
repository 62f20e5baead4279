"""What rules see beside the change: both sides, changes of one resource, siblings, service, options, facts."""

from __future__ import annotations

from riskcheck.models import Environment, Service
from riskcheck.rules.context import Contexts, Resources
from tests.rules.samples import changes_of, contexts, natural_keys, resource, rule

STAGING = Environment("staging", "staging")
TEXT = "spec: {replicas: 3, containers: [{name: web, image: web:1}]}\n"


def test_resources_are_found_by_key_and_by_what_is_asked() -> None:
    web, staging = resource(TEXT), resource(TEXT, environment=STAGING, unit="clusters/staging")
    service = resource(TEXT, kind="Service")
    view = Resources([web, staging, service])
    assert view.get("clusters/prod", "kubernetes:Deployment.shop/web", "prod") is web
    assert view.get("clusters/prod", "kubernetes:Deployment.shop/web", "staging") is None
    assert list(view.find()) == [web, staging, service]
    assert list(view.find(platform="kubernetes", kind="Deployment")) == [web, staging]
    assert list(view.find(kind="Service")) == [service]
    assert list(view.find(environment="staging")) == [staging]
    assert list(view.find(unit="clusters/prod", kind="Deployment")) == [web]
    assert list(view.find(platform="databricks")) == []


def test_changes_of_one_resource_are_found_under_both_its_names() -> None:
    changes = changes_of(TEXT, TEXT.replace("3", "2").replace("web:1", "web:2"))
    run = contexts(changes)
    assert run.changes_of(changes[0].resource) == list(changes)
    assert run.changes_of(resource(TEXT, name="shop/other")) == ()


def test_nodes_are_found_by_the_names_that_changes_give() -> None:
    changes = changes_of(TEXT, TEXT.replace("web:1", "web:2"))
    context = contexts(changes)(rule(), changes[0])
    assert context.node(changes[0].resource_after, changes[0].path) is changes[0].node_after
    assert context.node(changes[0].resource_after, ("spec", "nothing")) is None
    assert context.node(None, ("spec",)) is None


def test_siblings_leave_out_the_own_environment_and_hide_secrets() -> None:
    text = "password: hunter2\n"
    changes = changes_of(text, "password: changed\n")
    staging = resource(text, environment=STAGING, unit="clusters/staging")
    other = resource(text, environment=STAGING, name="shop/other")
    without = resource("a: 1\n", environment=Environment("dev", "dev"), unit="clusters/dev")
    run = contexts(changes, others=[staging, other, without])
    assert run(rule(), changes[0]).siblings(changes[0]) == {"staging": "<redacted>"}


def test_services_are_looked_up_by_name_and_default_to_the_unit() -> None:
    changes = changes_of(TEXT, TEXT.replace("3", "2"), service="shop")
    shop = Service("shop", criticality="tier-1")
    assert contexts(changes, services={"shop": shop})(rule(), changes[0]).service is shop
    assert contexts(changes)(rule(), changes[0]).service == Service("shop")
    unnamed = changes_of(TEXT, TEXT.replace("3", "2"))
    assert contexts(unnamed)(rule(), unnamed[0]).service == Service("clusters/prod")


def test_options_of_the_policy_win_under_both_names() -> None:
    changes = changes_of(TEXT, TEXT.replace("3", "2"))
    one = rule(options={"a": 1, "b": 1, "c": 1})
    run = contexts(changes, options={"TST-001": {"a": 2}, "size-reduced": {"b": 3}, "OTH-001": {"c": 4}})
    assert run(one, changes[0]).options == {"a": 2, "b": 3, "c": 1}


def test_facts_belong_to_one_resource_in_one_environment() -> None:
    changes = changes_of(TEXT, TEXT.replace("3", "2"))
    facts = {changes[0].resource.key: {"action": "delete"}}
    run = Contexts([], [], changes, natural_keys, facts=facts)
    assert run(rule(), changes[0]).facts == {"action": "delete"}
    assert contexts(changes)(rule(), changes[0]).facts == {}


def test_a_rule_about_the_run_has_options_and_views_only() -> None:
    context = contexts([]).bare(rule(options={"a": 1}))
    assert (context.options, context.service, context.facts) == ({"a": 1}, Service(""), {})
    assert list(context.head.find()) == []
