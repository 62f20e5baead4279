from __future__ import annotations

from tests.catalogs.support import catalog, needs, told

ENTITIES = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  annotations:
    backstage.io/kubernetes-id: orders-api
    acme.com/criticality: "High"
spec:
  type: service
  lifecycle: production
  owner: group:default/team-orders
  system: checkout
  subcomponentOf: shop
  dependsOn:
    - resource:orders-db
    - component:payments/ledger
  dependencyOf: [component:mailer]
  providesApis: [orders]
  consumesApis:
    - api:payments/ledger
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: orders}
spec: {type: openapi, lifecycle: production, owner: team-orders, system: checkout, definition: x}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger, namespace: Payments, tags: [java, tier-2]}
spec: {owner: user:jane.doe, providesApis: [ledger]}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-orders}
spec: {type: team, children: []}
"""


def test_a_component_says_who_owns_it_how_critical_it_is_and_where_that_stands() -> None:
    entry = catalog("catalog-info.yaml", ENTITIES).entries[0]
    assert entry.service.name == "orders"
    assert (entry.service.owner, entry.service.criticality, entry.lifecycle) == (
        "team-orders",
        "tier-1",
        "production",
    )
    assert entry.service.source == "catalog-info.yaml:4"
    assert {name: place.line for name, place in entry.fields} == {
        "owner": 11,
        "criticality": 7,
        "lifecycle": 10,
    }
    assert entry.aliases == ("orders-api",)


def test_references_take_kind_and_namespace_from_field_and_entity() -> None:
    found = catalog("catalog-info.yaml", ENTITIES)
    assert needs(found, "orders") == [
        "resource:orders-db hard dependsOn 15",
        "payments/ledger hard dependsOn 16",
        "<mailer hard dependencyOf 17",
        "api:payments/ledger hard consumesApi 20",
        "<api:orders hard providesApi 18",
        "<shop soft subcomponentOf 13",
        "<system:checkout soft system 12",
    ]
    assert needs(found, "payments/ledger") == ["<api:payments/ledger hard providesApi 30"]


def test_an_api_is_not_the_component_of_its_name_and_a_group_is_no_service() -> None:
    names = [entry.service.name for entry in catalog("catalog-info.yaml", ENTITIES).entries]
    assert names == ["orders", "api:orders", "payments/ledger"]


def test_a_person_is_never_named() -> None:
    found = catalog("catalog-info.yaml", ENTITIES)
    assert found.entries[2].service.owner == "an individual"
    assert "jane" not in repr(found)


def test_a_tag_tells_the_tier_and_a_layer_does_not() -> None:
    found = catalog("catalog-info.yaml", ENTITIES)
    assert found.entries[2].service.criticality == "tier-2"
    layer = ENTITIES.replace('acme.com/criticality: "High"', "tier: backend")
    assert catalog("catalog-info.yaml", layer).entries[0].service.criticality is None


def test_what_cannot_be_understood_is_said_with_its_line() -> None:
    text = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web}
spec:
  owner: TBD
  dependsOn: [orders-db, "resource:", "group:x", 7, null, [a], {b: c}]
---
apiVersion: backstage.io/v1alpha1
kind: Widget
metadata: {name: w}
---
kind: Component
metadata: {name: nobody}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: [name]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: "${{ values.name }}"}
"""
    found = catalog("apps/web/catalog-info.yaml", text)
    assert [entry.service.name for entry in found.entries] == ["web"]
    assert found.entries[0].service.owner is None
    assert found.entries[0].dependencies == ()
    assert told(found) == [
        "catalog 6: dependsOn: orders-db names no kind, which this field needs",
        "catalog 6: dependsOn: resource: is no reference to a part of a system",
        "catalog 6: dependsOn: group:x is no reference to a part of a system",
        "catalog 6: dependsOn: 7 names no kind, which this field needs",
        "catalog 9: an entity of unknown kind Widget",
        "catalog 12: no document of backstage, as the file's name promises",
        "catalog 15: a Backstage entity without kind or metadata.name",
        "unresolved-template 19: a template of a catalog entry",
    ]


def test_a_broken_document_is_said_and_the_others_stand() -> None:
    found = catalog("catalog-info.yaml", ENTITIES.replace("metadata: {name: orders}\n", "metadata: {name\n"))
    assert [entry.service.name for entry in found.entries] == ["orders", "payments/ledger"]
    (limit,) = found.limitations
    assert (limit.kind, limit.path) == ("parse-error", "catalog-info.yaml")
    assert limit.line is not None and 22 <= limit.line <= 28
