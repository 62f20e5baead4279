"""Where a file ends up when definitions are built, and deploy each other."""

from __future__ import annotations

import pytest

from tests.platforms.kubernetes.trees import by_key, resolved, units

WEB = {"web/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"}


def environments(files: dict[str, str], touched: str = "web/a.yaml") -> set[str]:
    return {key[1] for key in by_key(resolved({**WEB, **files}, [touched]))}


def application(path: str, *, name: str = "web", cluster: str = "in-cluster", more: str = "") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}}}
spec:
  source: {{path: {path}{more}}}
  destination: {{name: {cluster}}}
"""


def flux(path: str, name: str = "web") -> str:
    return f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}}}
spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: fleet}}}}
"""


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  generators:
    - merge:
        mergeKeys: [nameNormalized]
        generators:
          - clusters: {selector: {matchLabels: {member: "true"}}, values: {dir: web, environment: staging}}
          - list: {elements: [{nameNormalized: kflux-prd-01, values.dir: elsewhere}]}
  template:
    metadata: {name: "web-{{nameNormalized}}"}
    spec:
      source: {path: "{{values.dir}}"}
      destination: {server: "{{server}}"}
"""


def test_each_overlay_builds_its_own_sets() -> None:
    files = {
        "argocd/base/kustomization.yaml": "resources: [set.yaml]\n",
        "argocd/base/set.yaml": SET,
        "argocd/overlays/staging/kustomization.yaml": "resources: [../../base]\n",
        "argocd/overlays/production/kustomization.yaml": "resources: [../../base]\npatches: [{path: p.yaml}]\n",
        "argocd/overlays/production/p.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
$patch: delete
""",
    }
    assert environments(files) == {"staging"}


def test_a_patched_path_counts_and_not_the_written_one() -> None:
    files = {
        "argocd/base/kustomization.yaml": "resources: [app.yaml]\n",
        "argocd/base/app.yaml": application("nowhere"),
        "argocd/overlays/prod/kustomization.yaml": """\
resources: [../../base]
patches:
  - target: {kind: Application}
    patch: '[{op: replace, path: /spec/source/path, value: web}]'
""",
    }
    assert environments(files) == {"prod"}


def test_an_overlay_that_another_includes_is_deployed_itself_too() -> None:
    operation = "[{op: replace, path: /spec/source/path, value: PATH}]"
    patched = f"resources: [../base]\npatches: [{{target: {{kind: Application}}, patch: '{operation}'}}]\n"
    files = {
        "argocd/base/kustomization.yaml": "resources: [app.yaml]\n",
        "argocd/base/app.yaml": application("nowhere"),
        "argocd/staging/kustomization.yaml": patched.replace("PATH", "web/staging"),
        "argocd/production/kustomization.yaml": patched.replace("PATH", "web/production"),
        "web/staging/kustomization.yaml": "resources: [a.yaml]\n",
        "web/staging/a.yaml": WEB["web/a.yaml"],
        "web/production/kustomization.yaml": "resources: [../staging]\n",
    }
    assert units(files, "web/staging/a.yaml") == {"web/staging", "web/production"}


def test_clusters_that_the_build_declares() -> None:
    files = {
        "argocd/all/kustomization.yaml": "resources: [set.yaml, cluster.yaml]\n",
        "argocd/all/set.yaml": SET,
        "argocd/all/cluster.yaml": """\
apiVersion: v1
kind: Secret
metadata: {name: c, labels: {argocd.argoproj.io/secret-type: cluster, member: "true"}}
stringData: {name: prod-eu, server: https://eu.example}
---
apiVersion: v1
kind: Secret
metadata: {name: d, labels: {argocd.argoproj.io/secret-type: cluster}}
stringData: {name: staging-eu, server: https://st.example}
""",
    }
    assert environments(files) == {"prod-eu"}


def test_clusters_of_an_external_secret() -> None:
    files = {
        "argocd/set.yaml": SET,
        "argocd/clusters.yaml": """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: prod-us}
spec:
  target:
    template:
      metadata: {labels: {argocd.argoproj.io/secret-type: cluster, member: "true"}}
      data: {name: "{{ .name }}", server: "{{ .server }}"}
""",
    }
    assert environments(files) == {"prod-us"}


def test_a_listed_cluster_counts_in_the_overlay_of_its_stage_only() -> None:
    overlay = "resources: [../../base]\n"
    files = {
        "argocd/base/kustomization.yaml": "resources: [set.yaml]\n",
        "argocd/base/set.yaml": SET.replace("values.dir: elsewhere", "values.dir: own").replace(
            "prd-01", "prod-1"
        ),
        "argocd/overlays/staging/kustomization.yaml": overlay,
        "argocd/overlays/production/kustomization.yaml": overlay,
        "own/a.yaml": WEB["web/a.yaml"],
    }
    assert environments(files, "own/a.yaml") == {"kflux-prod-1"}


def test_an_app_of_apps_hands_its_environment_down() -> None:
    files = {
        "argocd/root.yaml": application("argocd/children", name="root", cluster="prod-eu"),
        "argocd/children/web.yaml": application("web"),
    }
    assert environments(files) == {"prod-eu"}


def test_one_definition_deployed_by_two_clusters_reaches_both() -> None:
    files = {
        "clusters/prod/apps.yaml": flux("./apps", "apps"),
        "clusters/staging/apps.yaml": flux("./apps", "apps"),
        "apps/web-ks.yaml": flux("./web"),
    }
    assert environments(files) == {"prod", "staging"}


def test_the_parent_patches_its_children() -> None:
    patch = "[{op: add, path: /spec/targetNamespace, value: shop}]"
    patches = f"patches: [{{target: {{kind: Kustomization}}, patch: '{patch}'}}]"
    patch = "[{op: add, path: /spec/targetNamespace, value: shop}]"
    patches = f"patches: [{{target: {{kind: Kustomization}}, patch: '{patch}'}}]"
    parent = flux("./apps", "apps").replace("fleet}}", f"fleet}}, {patches}}}")
    files = {**WEB, "clusters/prod/apps.yaml": parent, "apps/web-ks.yaml": flux("./web")}
    assert set(by_key(resolved(files, ["web/a.yaml"]))) == {("ConfigMap.shop/a", "prod")}


def test_applications_that_deploy_each_other_end() -> None:
    files = {
        "apps/one/a.yaml": application("apps/two", name="one"),
        "apps/two/a.yaml": application("apps/one", name="two", more="") + "---\n" + application("web"),
    }
    assert environments(files) == {"default"}


def test_a_definition_that_deploys_itself_ends() -> None:
    files = {
        "apps/all/kustomization.yaml": "resources: [ks.yaml]\n",
        "apps/all/ks.yaml": flux("./apps/all", "all"),
    }
    patched = files["apps/all/ks.yaml"].replace("fleet}}", "fleet}, namePrefix: a-}")
    assert by_key(resolved({**files, "apps/all/ks.yaml": patched}, ["apps/all/ks.yaml"]))


def test_included_and_excluded_files_of_a_directory() -> None:
    one = "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}}\n"
    files = {
        "web/a.yaml": one.replace("NAME", "a"),
        "web/deep/b.yaml": one.replace("NAME", "b"),
        "web/deep/c.yaml": one.replace("NAME", "c"),
        "argocd/web.yaml": application(
            "web", cluster="prod-1", more=", directory: {recurse: true, exclude: '{deep/c.yaml,x.yaml}'}"
        ),
    }
    assert set(by_key(resolved(files, ["web/a.yaml"]))) == {
        ("ConfigMap.a", "prod-1"),
        ("ConfigMap.b", "prod-1"),
    }


def test_a_template_of_a_generator_goes_over_that_of_the_set() -> None:
    files = {
        "argocd/set.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  goTemplate: true
  generators:
    - list:
        elements: [{cluster: prod-eu}]
        template: {metadata: {}, spec: {project: '', source: {path: web, repoURL: ''}, destination: {}}}
    - list: {elements: [{cluster: prod-us}]}
  template:
    metadata: {name: 'web-{{ .cluster }}'}
    spec:
      source: {path: 'nowhere/{{ .cluster }}'}
      destination: {name: '{{ .cluster }}'}
""",
    }
    assert environments(files) == {"prod-eu"}


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("  templatePatch: x\n", "templatePatch is not evaluated"),
        ("  ignored: x\n", "which clusters have which labels is not in the repository"),
    ],
)
def test_what_is_not_known_is_said_where_the_set_changed(edit: str, problem: str) -> None:
    messages = [one.message for one in resolved({"argocd/set.yaml": SET + edit}).limitations]
    assert f"where ApplicationSet web deploys to is not known in full: {problem}" in messages


def test_a_path_that_cannot_be_filled_in_is_said() -> None:
    text = SET.replace('"{{values.dir}}"', '"{{values.none}}"')
    (one, *_) = [
        one.message for one in resolved({"argocd/set.yaml": text}).limitations if "path" in one.message
    ]
    assert one.endswith("the path of its template cannot be filled in")


def test_a_definition_that_puts_something_on_top_is_read_with_what_it_deploys() -> None:
    over = flux("./web").replace("fleet}}", "fleet}, targetNamespace: shop}")
    files = {
        **WEB,
        "clusters/prod/web.yaml": over,
        "clusters/prod/plain.yaml": flux("./other"),
        "other/a.yaml": "x: y",
    }
    assert units(files, "clusters/prod/web.yaml") == {"clusters/prod", "web"}
    assert units(files, "clusters/prod/plain.yaml") == {"clusters/prod"}


WRONG = ["[]", "x", "3", "null", "{a: b}", "[[]]", "[{a: [b]}]", "'{{'", "../../..", "/"]


FIELDS = (
    *(
        "path",
        "targetNamespace",
        "postBuild",
        "patches",
        "images",
        "components",
        "sourceRef",
        "commonMetadata",
    ),
    *("source", "sources", "destination", "generators", "template", "kubeConfig", "namePrefix"),
)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("field", FIELDS)
def test_wrong_types_are_no_error(field: str, wrong: str) -> None:
    for kind, group in (
        ("Kustomization", "kustomize.toolkit.fluxcd.io/v1"),
        ("Application", "argoproj.io/v1alpha1"),
        ("ApplicationSet", "argoproj.io/v1alpha1"),
    ):
        spec = {"path": "web", "source": "{path: web}", "template": "{spec: {source: {path: web}}}"} | {
            field: wrong
        }
        lines = "".join(f"  {key}: {value}\n" for key, value in spec.items())
        text = f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n{lines}"
        resolved({**WEB, "argocd/web.yaml": text})
