"""Which units read a path."""

from __future__ import annotations

import pytest

from riskcheck.platforms.kubernetes import PLATFORM, memory
from tests.platforms.kubernetes.trees import Files, units, workspace

OBJECT = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
TREE: Files = {
    "web/base/kustomization.yaml": (
        "resources: [deployment.yaml]\nconfigMapGenerator: [{name: c, files: [k=app.conf]}]\n"
    ),
    "web/base/deployment.yaml": OBJECT,
    "web/base/app.conf": "a\n",
    "web/part/kustomization.yaml": "kind: Component\npatches: [{path: patch.yaml}]\n",
    "web/part/patch.yaml": OBJECT,
    "web/staging/kustomization.yaml": "resources:\n  - ../base\n",
    "web/prod/kustomization.yaml": "resources:\n  - ../base\ncomponents:\n- ../part # with it\n",
    "web/all/kustomization.yaml": "resources: ['../prod', \"../staging/\"]\n",
    "other/Kustomization": "bases: [./sub]\n",
    "other/sub/kustomization.yml": "resources: [x.yaml]\n",
    "other/sub/x.yaml": OBJECT,
    "loose/a.yaml": OBJECT,
    "loose/notes.yaml": "kind: of\n",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("web/base/deployment.yaml", {"web/all"}),
        ("web/base/app.conf", {"web/all"}),
        ("web/base/kustomization.yaml", {"web/all"}),
        ("web/part/patch.yaml", {"web/all"}),
        ("web/staging/kustomization.yaml", {"web/all"}),
        ("other/sub/x.yaml", {"other"}),
        ("other/Kustomization", {"other"}),
        ("loose/a.yaml", {"loose"}),
        ("loose/notes.yaml", set()),
        ("nowhere/absent.yaml", set()),
    ],
)
def test_finds_the_outermost_kustomizations_above_a_path(path: str, expected: set[str]) -> None:
    assert units(TREE, path) == expected


def test_a_base_reaches_every_overlay_that_includes_it() -> None:
    files = {path: text for path, text in TREE.items() if not path.startswith("web/all")}
    assert units(files, "web/base/deployment.yaml") == {"web/staging", "web/prod"}
    assert units(files, "web/part/patch.yaml") == {"web/prod"}


def test_a_file_that_is_gone_still_counts_for_whom_names_it() -> None:
    files = {path: text for path, text in TREE.items() if path != "web/base/deployment.yaml"}
    assert units(files, "web/base/deployment.yaml") == {"web/all"}


def test_a_name_that_only_looks_like_a_path_is_none() -> None:
    files = {
        "app/kustomization.yaml": "namespace: base\nresources: [a.yaml]\nlabels:\n- pairs:\n    x: base\n",
        "app/a.yaml": OBJECT,
        "app/base/kustomization.yaml": "resources: [b.yaml]\n",
        "app/base/b.yaml": OBJECT,
    }
    assert units(files, "app/base/b.yaml") == {"app/base"}


def test_an_unreferenced_component_deploys_nothing() -> None:
    files = {"part/kustomization.yaml": "kind: Component\nresources: [a.yaml]\n", "part/a.yaml": OBJECT}
    assert units(files, "part/a.yaml") == set()


def test_kustomizations_in_a_circle_are_units_themselves() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, x.yaml]\n",
        "b/x.yaml": OBJECT,
    }
    assert units(files, "b/x.yaml") == {"a", "b"}


def test_files_for_tests_and_of_vendors_are_no_manifests() -> None:
    files = {
        "src/testdata/a.yaml": OBJECT,
        "vendor/x/a.yaml": OBJECT,
        "k8s/a.yaml": OBJECT,
        "k8s/a.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}',
        "k8s/catalog-info.yaml": "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}}",
    }
    assert units(files) == {"k8s"}


def test_the_root_directory_is_a_unit_by_name() -> None:
    assert units({"a.yaml": OBJECT}) == {"."}
    assert units({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": OBJECT}) == {"."}


def test_flux_deploys_a_directory_with_all_below_it() -> None:
    files = {
        "clusters/prod/sync.yaml": """\
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {name: sync}
            spec: {path: ./clusters/prod}
            """,
        "clusters/prod/team/a.yaml": OBJECT,
        "clusters/prod/kustomized/kustomization.yaml": "resources: [b.yaml]\n",
        "clusters/prod/kustomized/b.yaml": OBJECT.replace("name: a", "name: b"),
    }
    assert units(files, "clusters/prod/team/a.yaml") == {"clusters/prod"}
    assert units(files, "clusters/prod/kustomized/b.yaml") == {"clusters/prod"}


def test_a_base_that_is_deployed_by_name_is_a_unit_beside_its_overlays() -> None:
    files = {
        **TREE,
        "clusters/dev/web.yaml": """\
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {name: web}
            spec: {path: web/base}
            """,
    }
    assert units(files, "web/base/deployment.yaml") == {"web/all", "web/base"}


def test_templates_of_a_chart_belong_to_the_chart() -> None:
    files = {
        "charts/web/Chart.yaml": "name: web\n",
        "charts/web/templates/a.yaml": "kind: {{ .Values.kind }}\n",
    }
    assert units(files, "charts/web/templates/a.yaml") == {"charts/web"}


def test_without_kustomizations_nothing_is_read_but_the_file_itself() -> None:
    space = workspace({"k8s/a.yaml": OBJECT, "k8s/b.yaml": OBJECT, "docs/c.yaml": "x: 1\n"}, ["k8s/a.yaml"])
    PLATFORM.units(space, ["k8s/a.yaml"])
    assert set(space.tree.reads) == {"k8s/a.yaml"}  # type: ignore[attr-defined]  # a MemoryTree


def test_the_other_side_is_indexed_by_what_differs() -> None:
    base = workspace(TREE, side="base")
    PLATFORM.units(base, ["web/base/app.conf"])
    edited = {**TREE, "web/all/kustomization.yaml": "resources: [../prod]\n"}
    head = workspace(edited)
    assert PLATFORM.units(head, ["web/base/app.conf"]) == {"web/all", "web/staging"}
    read = set(head.tree.reads)  # type: ignore[attr-defined]  # a MemoryTree
    assert "web/all/kustomization.yaml" in read
    assert "other/Kustomization" not in read


def test_what_was_learnt_can_be_kept_between_runs() -> None:
    first = workspace(TREE)
    expected = PLATFORM.units(first, ["web/base/app.conf"])
    kept = memory.snapshot()
    memory.restore(kept)
    again = workspace(TREE)
    assert PLATFORM.units(again, ["web/base/app.conf"]) == expected
    assert "other/Kustomization" not in again.tree.reads  # type: ignore[attr-defined]  # a MemoryTree


@pytest.mark.parametrize(
    "broken", [None, [], {"blobs": 1}, {"blobs": {"a": 1}}, {"marks": {"a": "b", "c": [1]}}]
)
def test_a_broken_memory_is_left_alone(broken: object) -> None:
    memory.restore(broken)
    assert units(TREE, "other/sub/x.yaml") == {"other"}
