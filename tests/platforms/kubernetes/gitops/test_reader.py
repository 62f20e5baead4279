"""Where Flux and Argo CD deploy what."""

from __future__ import annotations

import pytest

from riskcheck.platforms.kubernetes.gitops.files import likely_among, marks_of
from tests.platforms.kubernetes.trees import by_key, resolved

WEB = {
    "web/kustomization.yaml": "resources: [a.yaml]\n",
    "web/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
}


def flux(path: str, **spec: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in spec.items())
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: web}}\nspec:\n  path: {path}\n{lines}"
    )


def environments(files: dict[str, str]) -> set[str]:
    return {key[1] for key in by_key(resolved(files, ["web/a.yaml"]))}


def test_one_overlay_of_two_clusters_is_a_resource_in_each() -> None:
    files = {**WEB, "clusters/prod-eu/web.yaml": flux("./web"), "clusters/prod-us/web.yaml": flux("/web")}
    assert environments(files) == {"prod-eu", "prod-us"}


def test_an_overlay_that_nothing_assigns_is_said_to_be_unassigned() -> None:
    ((key, resource),) = by_key(resolved(WEB)).items()
    assert key == ("ConfigMap.a", "default")
    assert resource.environment.stage == "unknown"
    assert resource.environment.source == "nothing assigns web to an environment"


def test_an_application_says_its_cluster() -> None:
    files = {
        **WEB,
        "argocd/web.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: web}
            spec:
              source: {path: web}
              destination: {name: prod-eu-1}
            """,
    }
    assert environments(files) == {"prod-eu-1"}


def test_the_path_of_an_overlay_says_more_than_a_cluster_without_stage() -> None:
    files = {
        "web/prod/kustomization.yaml": "resources: [a.yaml]\n",
        "web/prod/a.yaml": WEB["web/a.yaml"],
        "argocd/web.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: web}
            spec: {sources: [{chart: x}, {path: web/prod}], destination: {name: in-cluster}}
            """,
    }
    assert {key[1] for key in by_key(resolved(files, ["web/prod/a.yaml"]))} == {"prod"}


def test_a_set_of_applications_from_a_list() -> None:
    files = {
        **WEB,
        "argocd/set.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: web}
            spec:
              generators:
                - list: {elements: [{cluster: staging-1, dir: web}, {cluster: prod-1, dir: web}, {dir: x}]}
                - clusters: {}
              template:
                metadata: {name: "{{cluster}}-web"}
                spec:
                  source: {path: "{{ .dir }}"}
                  destination: {name: "{{cluster}}"}
            """,
    }
    assert environments(files) == {"staging-1", "prod-1"}


def test_a_set_of_applications_from_directories() -> None:
    files = {
        "apps/web/a.yaml": WEB["web/a.yaml"],
        "apps/left/a.yaml": WEB["web/a.yaml"],
        "argocd/prod.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: web}
            spec:
              generators:
                - git: {directories: [{path: "apps/*"}, {path: apps/left, exclude: true}]}
              template: {spec: {source: {path: "{{path}}"}, destination: {name: prod-1}}}
            """,
    }
    found = by_key(resolved(files, ["apps/web/a.yaml", "apps/left/a.yaml"]))
    assert set(found) == {("ConfigMap.a", "prod"), ("ConfigMap.a", "default")}


def test_generators_that_ask_a_cluster_are_said_where_the_set_changed() -> None:
    text = """\
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: {name: web}
        spec:
          generators: [{clusters: {}}]
          template: {spec: {source: {path: web}}}
        """
    files = {"argocd/set.yaml": text, "argocd/other.yaml": text.replace("name: web", "name: other")}
    limitations = resolved(files, ["argocd/set.yaml"]).limitations
    assert [(one.path, one.kind, one.line) for one in limitations] == [("argocd/set.yaml", "unsupported", 1)]


def test_paths_in_an_artifact_are_those_it_was_copied_from() -> None:
    generator = """\
        apiVersion: source.extensions.fluxcd.io/v1beta1
        kind: ArtifactGenerator
        metadata: {name: repo}
        spec:
          artifacts:
            - name: apps
              copy:
                - {from: "@repo/web/**", to: "@artifact/"}
                - {from: "@repo/elsewhere/**", to: "@artifact/deep/"}
        """
    files = {
        **WEB,
        "clusters/prod/artifacts.yaml": generator,
        "clusters/prod/web.yaml": flux("./", sourceRef="{kind: ExternalArtifact, name: apps}"),
        "clusters/dev/web.yaml": flux("./", sourceRef="{kind: ExternalArtifact, name: apps}"),
    }
    assert environments(files) == {"prod"}


@pytest.mark.parametrize(
    "path",
    [
        "clusters/a/x.yaml",
        "argocd/x.yaml",
        "k8s/apps/web/ks.yaml",
        "applications/x.yml",
        "a/bootstrap/x.yaml",
    ],
)
def test_knows_where_definitions_are_kept(path: str) -> None:
    assert likely_among([path]) == [path]


@pytest.mark.parametrize("path", ["src/happy/x.yaml", "clusters/a/kustomization.yaml", "web/prod/x.yaml"])
def test_knows_where_they_are_not(path: str) -> None:
    assert not likely_among([path])


def test_marks_are_by_kind_not_by_word() -> None:
    assert marks_of(b"kind: Application\n") == ("plain",)
    assert marks_of(b"kind: ApplicationSet\n") == ("set",)
    assert marks_of(b"# kind: Application\nname: Application\n") == ()
