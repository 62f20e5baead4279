"""What deployments put on top of what they deploy."""

from __future__ import annotations

from textwrap import dedent

from riskcheck.models import Resource
from tests.platforms.kubernetes.trees import by_key, node_at, place, resolved, units, value_at

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${REPLICAS:=1}
  template:
    spec:
      containers: [{name: web, image: "registry.example/web:1"}]
"""
WEB = {"web/kustomization.yaml": "resources: [d.yaml]\n", "web/d.yaml": DEPLOYMENT}


def flux(*lines: str) -> str:
    more = "".join(f"  {line}\n" for line in lines)
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: web}}\nspec:\n  path: ./web\n{more}"
    )


def deployed(files: dict[str, str], environment: str = "prod") -> dict[str, Resource]:
    found = by_key(resolved({**WEB, **files}, ["web/d.yaml"]))
    return {name: one for (name, place_), one in found.items() if place_ == environment}


def test_flux_overrides_come_on_top() -> None:
    files = {
        "clusters/prod/web.yaml": flux(
            "targetNamespace: shop",
            "namePrefix: my-",
            "images: [{name: registry.example/web, newTag: '2'}]",
            "commonMetadata: {labels: {team: a}}",
            "components: [../extra]",
            "patches: [{target: {kind: Deployment}, patch: '[{op: replace, path: /spec/replicas, value: 5}]'}]",
        ),
        "extra/kustomization.yaml": "kind: Component\nresources: [c.yaml]\n",
        "extra/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n",
    }
    found = deployed(files)
    assert set(found) == {"Deployment.shop/my-web", "ConfigMap.shop/my-c"}
    web = found["Deployment.shop/my-web"]
    assert value_at(web, "spec", "replicas") == 5
    assert value_at(web, "metadata", "labels", "team") == "a"
    image = node_at(web, "spec", "template", "spec", "containers", 0, "image")
    assert value_at(web, "spec", "template", "spec", "containers", 0, "image") == "registry.example/web:2"
    assert place(image) == "clusters/prod/web.yaml:8"


def test_argo_overrides_come_on_top() -> None:
    text = dedent("""\
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec:
          destination: {name: prod-1, namespace: fallback}
          source:
            path: web
            kustomize:
              namePrefix: my-
              images: [registry.example/web=other.example/web:3]
              replicas: [{name: web, count: 4}]
        """)
    found = deployed({"argocd/web.yaml": text}, "prod-1")
    assert set(found) == {"Deployment.fallback/my-web"}
    web = found["Deployment.fallback/my-web"]
    assert value_at(web, "spec", "replicas") == 4
    assert value_at(web, "spec", "template", "spec", "containers", 0, "image") == "other.example/web:3"


def test_the_namespace_of_an_application_is_for_those_that_name_none() -> None:
    objects = "\n---\n".join(
        [
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: own}}",
            "{apiVersion: v1, kind: Namespace, metadata: {name: b}}",
            "{apiVersion: example.com/v1, kind: Thing, metadata: {name: c}}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}",
        ]
    )
    text = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: x}
spec: {source: {path: plain}, destination: {name: prod-1, namespace: shop}}
"""
    found = by_key(resolved({"plain/a.yaml": objects + "\n", "argocd/x.yaml": text}, ["plain/a.yaml"]))
    assert {name for name, _ in found} == {"ConfigMap.own/a", "Namespace.b", "Thing.c", "ConfigMap.shop/d"}


VARS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster-vars}\ndata:\n  REPLICAS: '3'\n"
FROM = "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-vars}]}"


def test_variables_come_from_the_config_map_of_the_cluster() -> None:
    files = {
        **WEB,
        "clusters/prod/web.yaml": flux(FROM),
        "clusters/prod/vars.yaml": VARS,
        "clusters/staging/web.yaml": flux(FROM),
        "clusters/staging/vars.yaml": VARS.replace("'3'", "'2'"),
    }
    found = by_key(resolved(files, ["web/d.yaml"]))
    assert value_at(found["Deployment.web", "prod"], "spec", "replicas") == 3
    assert value_at(found["Deployment.web", "staging"], "spec", "replicas") == 2
    node = node_at(found["Deployment.web", "prod"], "spec", "replicas")
    assert place(node) == "clusters/prod/vars.yaml:5"
    assert [place(via) for via in node.via] == ["web/d.yaml:5"]
    assert resolved(files, ["web/d.yaml"]).placed_by >= {"clusters/prod/web.yaml", "clusters/prod/vars.yaml"}


def test_a_config_map_is_read_with_all_that_its_variables_are_put_into() -> None:
    files = {**WEB, "clusters/prod/web.yaml": flux(FROM), "clusters/prod/vars.yaml": VARS}
    assert units(files, "clusters/prod/vars.yaml") == {"clusters/prod", "web"}
    assert units(
        files | {"clusters/prod/other.yaml": VARS.replace("cluster-vars", "x")}, "clusters/prod/other.yaml"
    ) == {"clusters/prod"}


def test_a_generated_config_map_has_variables_too() -> None:
    files = {
        "clusters/prod/web.yaml": flux(FROM),
        "clusters/prod/vars/kustomization.yaml": """\
configMapGenerator: [{name: cluster-vars, literals: [REPLICAS=7], options: {disableNameSuffixHash: true}}]
""",
    }
    (web,) = deployed(files).values()
    assert value_at(web, "spec", "replicas") == 7


def test_what_is_stated_in_the_definition_wins() -> None:
    post = "postBuild: {substitute: {REPLICAS: '9'}, substituteFrom: [{kind: ConfigMap, name: cluster-vars}]}"
    (web,) = deployed({"clusters/prod/web.yaml": flux(post), "clusters/prod/vars.yaml": VARS}).values()
    assert value_at(web, "spec", "replicas") == 9


def test_what_a_secret_may_set_stays_symbolic() -> None:
    sources = "{kind: Secret, name: s}, {kind: ConfigMap, name: missing, optional: true}"
    post = f"postBuild: {{substituteFrom: [{sources}]}}"
    (web,) = deployed({"clusters/prod/web.yaml": flux(post)}).values()
    assert value_at(web, "spec", "replicas") == "${REPLICAS:=1}"


def test_without_variables_nothing_is_put_in() -> None:
    (web,) = deployed({"clusters/prod/web.yaml": flux("postBuild: {substitute: {}}")}).values()
    assert value_at(web, "spec", "replicas") == "${REPLICAS:=1}"


def test_two_config_maps_that_could_be_meant_are_neither() -> None:
    files = {
        "flux/web.yaml": flux(FROM),
        "flux/vars-a.yaml": VARS,
        "flux/vars-b.yaml": VARS.replace("'3'", "'2'"),
    }
    (web,) = deployed(files, "default").values()
    assert value_at(web, "spec", "replicas") == "${REPLICAS:=1}"


def test_overlays_below_a_deployed_directory_get_it_too() -> None:
    files = {
        "clusters/prod/all.yaml": flux("targetNamespace: shop").replace("./web", "./all"),
        "all/one/kustomization.yaml": "resources: [c.yaml]\nconfigMapGenerator: [{name: g, literals: [a=b]}]\n",
        "all/one/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n",
        "all/plain.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: p}}\n",
    }
    found = by_key(resolved(files, ["all/one/c.yaml"]))
    assert {key[0] for key in found} == {"ConfigMap.shop/c", "ConfigMap.shop/g", "ConfigMap.shop/p"}
    generated = found["ConfigMap.shop/g", "prod"]
    assert value_at(generated, "metadata", "name") is not None
    assert str(value_at(generated, "metadata", "name")).count("-") == 1


def test_overlays_below_a_deployed_directory_count_where_nothing_tells_an_environment() -> None:
    files = {
        "flux/all.yaml": flux().replace("./web", "./all"),
        "all/one/kustomization.yaml": "resources: [c.yaml]\n",
        "all/one/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n",
        "all/prod/kustomization.yaml": "resources: [c.yaml]\n",
        "all/prod/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n",
    }
    found = by_key(resolved(files, ["all/one/c.yaml"]))
    assert set(found) == {("ConfigMap.c", "default"), ("ConfigMap.c", "prod")}
