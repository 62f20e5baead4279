from __future__ import annotations

import pytest

from riskcheck.catalogs.criticality import tier_of
from tests.catalogs.support import catalog, needs, told


@pytest.mark.parametrize(
    ("written", "tier"),
    [
        ("1", "tier-1"),
        ("0", "tier-1"),
        ("High", "tier-1"),
        ("critical", "tier-1"),
        ("mission_critical", "tier-1"),
        ("Tier 2", "tier-2"),
        ("tier_3", "tier-3"),
        ("t4", "tier-4"),
        ("9", "tier-4"),
        ("LOW", "tier-3"),
        ("gold", None),
        ("backend", None),
        ("", None),
        ("12", None),
        (None, None),
    ],
)
def test_the_words_of_all_formats_become_tiers(written: str | None, tier: str | None) -> None:
    assert tier_of(written) == tier


def test_datadog_v2_and_v3() -> None:
    found = catalog(
        "service.datadog.yaml",
        """\
schema-version: v2.2
dd-service: orders
team: team-orders
tier: "1"
lifecycle: Production
contacts: [{type: email, contact: someone@example.com}]
---
apiVersion: v3
kind: service
metadata: {name: web, owner: web-team, additionalOwners: [{name: sre, type: operator}]}
spec:
  tier: gold
  dependsOn: ["service:orders", "datastore:orders-db", nonsense]
  componentOf: ["system:shop"]
---
apiVersion: v3
kind: system
metadata: {name: shop}
spec: {components: ["service:web", "queue:events"]}
""",
    )
    orders, web, shop = found.entries
    assert (orders.service.name, orders.service.owner, orders.service.criticality, orders.lifecycle) == (
        "orders",
        "team-orders",
        "tier-1",
        "production",
    )
    assert (web.service.owner, web.service.criticality) == ("web-team", None)
    assert needs(found, "web") == [
        "orders hard dependsOn 13",
        "datastore:orders-db hard dependsOn 13",
        "<system:shop soft componentOf 14",
    ]
    assert shop.service.name == "system:shop"
    assert needs(found, "system:shop") == ["web soft components 19", "queue:events soft components 19"]
    assert told(found) == [
        "unknown-tier 12: tier gold is no known one",
        "catalog 13: nonsense is no reference of the form kind:name",
    ]
    assert "someone" not in repr(found)


def test_openslo_gives_the_strictest_target_of_a_service() -> None:
    found = catalog(
        "slo/orders.openslo.yaml",
        """\
apiVersion: openslo/v1
kind: Service
metadata: {name: orders, labels: {team: [team-orders]}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders-availability}
spec:
  service: orders
  objectives:
    - {displayName: ok, target: 0.99}
    - {displayName: good, targetPercent: "99.95"}
    - {displayName: typo, target: 99.9}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: lost}
spec: {}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: page}
""",
    )
    service, slo = found.entries
    assert (service.service.owner, service.slo) == ("team-orders", None)
    assert (slo.service.name, slo.slo) == ("orders", 0.9995)
    assert [(name, place.line) for name, place in slo.fields] == [("slo", 12)]
    assert told(found) == ["catalog 15: an OpenSLO SLO that names no service"]


def test_score_shares_resources_by_type_class_and_id() -> None:
    found = catalog(
        "apps/web/score.yaml",
        """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers: {main: {image: x}}
resources:
  db: {type: postgres, id: orders-db}
  cache: {type: redis, class: large, id: shared}
  own: {type: volume}
  orders: {type: service}
  bad: 7
""",
    )
    assert needs(found, "web") == [
        "postgres.default#orders-db hard uses postgres 5",
        "redis.large#shared hard uses redis 6",
        "orders hard uses service 8",
    ]
    assert told(found) == ["catalog 9: resource bad has no type"]


def test_cortex_reads_owners_groups_and_dependencies() -> None:
    found = catalog(
        ".cortex/catalog/orders.yaml",
        """\
openapi: 3.0.1
info:
  title: Orders
  x-cortex-tag: orders
  x-cortex-type: service
  x-cortex-owners:
    - {type: email, email: jane@example.com}
    - {type: group, name: team-orders, provider: CORTEX}
  x-cortex-groups: [java, tier-2]
  x-cortex-dependency:
    - {tag: ledger, method: GET, path: /v1}
    - {method: GET}
  x-cortex-parents: [{tag: checkout}]
""",
    )
    (entry,) = found.entries
    assert (entry.service.name, entry.service.owner, entry.service.criticality) == (
        "orders",
        "team-orders",
        "tier-2",
    )
    assert needs(found, "orders") == ["ledger hard depends on 11", "<checkout soft parent 13"]
    assert told(found) == ["catalog 12: x-cortex-dependency without a tag"]
    assert "jane" not in repr(found)


def test_a_cortex_file_with_persons_only_counts_one() -> None:
    text = "openapi: 3.0.1\ninfo:\n  x-cortex-tag: a\n  x-cortex-owners: [{type: email, email: jane@example.com}]\n"
    (entry,) = catalog("cortex.yaml", text).entries
    assert entry.service.owner == "an individual"


def test_other_documents_in_a_cortex_folder_are_none_of_ours() -> None:
    found = catalog(".cortex/scorecards/ready.yaml", "tag: ready\nrules: []\n")
    assert found.entries == () and found.limitations == ()


def test_opslevel() -> None:
    found = catalog(
        "opslevel.yml",
        """\
version: 1
component:
  name: Order Processor
  owner: orders_team
  tier: mission-critical
  lifecycle: generally_available
  system: checkout
  aliases: [orders]
  dependencies:
    - {alias: ledger, notes: x}
    - mailer
    - {notes: y}
""",
    )
    (entry,) = found.entries
    assert (entry.service.owner, entry.service.criticality) == ("orders_team", "tier-1")
    assert entry.aliases == ("orders", "order_processor")
    assert needs(found, "Order Processor") == [
        "ledger hard depends on 10",
        "mailer hard depends on 11",
        "<system:checkout soft system 7",
    ]
    assert told(found) == ["catalog 12: a dependency without an alias"]


def test_an_opslevel_repository_is_no_service() -> None:
    found = catalog("opslevel.yml", "version: 1\nrepository: {owner: x, tier: tier_1}\n")
    assert found.entries == ()


COMPOSE = """\
services:
  web:
    build: .
    depends_on:
      db: {condition: service_healthy}
      mail: {condition: service_started, required: false}
      gone: {condition: service_started}
    links: ["cache:redis"]
    volumes: ["shared:/data", "./src:/src"]
  worker:
    depends_on: [db]
    network_mode: service:web
    volumes: [{type: volume, source: shared, target: /data}]
  db: {image: postgres}
  mail: {image: mail}
  cache: {image: redis}
volumes: {shared: {}}
"""


def test_compose_knows_every_way_in_which_services_need_each_other() -> None:
    found = catalog("docker-compose.yml", COMPOSE)
    assert needs(found, "web") == [
        "db hard depends_on 5",
        "mail soft depends_on 6",
        "cache hard links 8",
        "worker soft shares volume shared 9",
    ]
    assert needs(found, "worker") == [
        "db hard depends_on 11",
        "web hard network_mode 12",
        "web soft shares volume shared 13",
    ]
    assert told(found) == ["catalog 7: service web needs gone, which this file does not have"]


def test_compose_services_below_the_root_belong_to_their_project() -> None:
    names = [entry.service.name for entry in catalog("shop/web/compose.yaml", COMPOSE).entries]
    assert names == ["web", "web/worker", "web/db", "web/mail", "web/cache"]
    named = [entry.service.name for entry in catalog("compose.yaml", f"name: shop\n{COMPOSE}").entries]
    assert named[0] == "shop/web"


def test_helm_builds_on_its_dependencies() -> None:
    found = catalog(
        "charts/web/Chart.yaml",
        """\
apiVersion: v2
name: web
version: 1.0.0
dependencies:
  - {name: common, version: 1.x, repository: "file://../common"}
  - {name: postgresql, version: ~15, repository: "https://charts.example.com"}
  - {version: 1}
""",
    )
    assert needs(found, "web") == [
        "common build chart dependency 5",
        "chart:postgresql build chart dependency 6",
    ]
    assert told(found) == ["catalog 7: a chart dependency without a name"]
