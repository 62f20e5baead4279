from __future__ import annotations

from riskcheck.environments import EnvironmentModel
from riskcheck.estate import build_whole
from riskcheck.graph.analysis import waves
from riskcheck.models import Service
from riskcheck.policy.model import Policy
from riskcheck.trees import MemoryTree

LAKE = b"""\
bundle: {name: lake}
targets: {prod: {mode: production}}
resources:
  volumes:
    landing: {catalog_name: main, schema_name: raw, name: landing}
  pipelines:
    gold: {name: gold, catalog: main, configuration: {source: "${resources.volumes.landing.volume_path}"}}
"""


def test_all_units_of_all_platforms_make_one_graph() -> None:
    web = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\n"
    shop = b"""\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {owner: team-shop, dependsOn: ["component:web"]}
"""
    files = {"lake/databricks.yml": LAKE, "clusters/prod/web.yaml": web, "shop/catalog-info.yaml": shop}
    tree = MemoryTree({**files, "CODEOWNERS": b"/clusters/ @acme/team-web\n"}, "head", "test")
    policy = Policy(services=(Service("web", depends_on=("lake",), source="riskcheck.yaml:2"),))
    graph = build_whole(tree, policy, EnvironmentModel(paths=lambda: tree.entries()))
    assert set(graph.services) == {"lake", "web", "shop"}
    assert (graph.services["shop"].owner, graph.services["web"].owner) == ("team-shop", "team-web")
    assert {vertex.label for vertex in graph.parts("lake")} == {"volume landing", "pipeline gold"} | {
        "target prod"
    }
    relations = {(edge.dependant, edge.dependency) for edge in graph.edges}
    assert ("lake/databricks:pipelines.gold", "lake/databricks:volumes.landing") in relations
    assert waves(graph, ["lake", "web", "shop"]) == (("lake",), ("web",), ("shop",))


def test_a_reference_to_a_block_leads_to_its_instances() -> None:
    text = b"""\
resource "aws_eip" "nat" {
  for_each = toset(["a", "b"])
}
resource "aws_nat_gateway" "nat" {
  for_each      = toset(["a", "b"])
  allocation_id = aws_eip.nat[each.key].id
}
resource "aws_route53_record" "all" {
  records = [for one in aws_eip.nat : one.public_ip]
}
"""
    tree = MemoryTree({"live/prod/main.tf": text}, "head", "test")
    graph = build_whole(tree, Policy(), EnvironmentModel(paths=lambda: tree.entries()))
    assert graph.dangling == ()
    found = {
        (edge.dependant.partition(":")[2], edge.dependency.partition(":")[2])
        for edge in graph.edges
        if "aws_eip" in edge.dependency
    }
    assert found == {
        ('aws_nat_gateway.nat["a"]', 'aws_eip.nat["a"]'),
        ('aws_nat_gateway.nat["b"]', 'aws_eip.nat["b"]'),
        ("aws_route53_record.all", 'aws_eip.nat["a"]'),
        ("aws_route53_record.all", 'aws_eip.nat["b"]'),
    }
