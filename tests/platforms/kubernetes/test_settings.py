"""What objects say of the settings that shaped them."""

from __future__ import annotations

from tests.platforms.kubernetes.trees import only, place, resolved, value_at

CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: yes}}\n"
COMPONENT = {
    "extra/kustomization.yaml": "kind: Component\ncommonAnnotations: {extra: 'true'}\n",
    "prod/a.yaml": CONFIG,
}
WITH = {**COMPONENT, "prod/kustomization.yaml": "resources: [a.yaml]\ncomponents:\n- ../extra\n"}
WITHOUT = {**COMPONENT, "prod/kustomization.yaml": "resources: [a.yaml]\n"}


def test_a_component_counts_where_the_other_side_does_not_name_it() -> None:
    (setting,) = (
        one for one in only(resolved(WITH, other=WITHOUT), "ConfigMap.a").shaped_by if one.role == "component"
    )
    assert place(setting.node) == "prod/kustomization.yaml:3"
    same = only(resolved(WITH, other=WITH), "ConfigMap.a")
    assert not [one for one in same.shaped_by if one.role == "component"]
    alone = only(resolved(WITH), "ConfigMap.a")
    assert not [one for one in alone.shaped_by if one.role == "component"]


def test_prefixes_labels_patches_and_hashes_are_told_innermost_first() -> None:
    files = {
        "base/kustomization.yaml": "namePrefix: b-\nconfigMapGenerator: [{name: a, literals: [x=1]}]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n",
        "prod/kustomization.yaml": "resources: [../base]\nnameSuffix: -p\ncommonLabels: {team: shop}\n"
        'patches:\n- target: {kind: ConfigMap}\n  patch: \'[{"op": "add", "path": "/data/y", "value": "2"}]\'\n',
    }
    found = only(resolved(files), "ConfigMap.b-a-p")
    assert [(one.role, place(one.node)) for one in found.shaped_by] == [
        ("unhashed", "base/kustomization.yaml:3"),
        ("prefix", "base/kustomization.yaml:1"),
        ("patch", "prod/kustomization.yaml:5"),
        ("suffix", "prod/kustomization.yaml:2"),
        ("labels", "prod/kustomization.yaml:3"),
    ]


def test_patches_that_select_nothing_are_there_to_be_compared() -> None:
    patch = '- {target: {kind: Pod, name: web}, patch: \'[{"op": "remove", "path": "/x"}]\'}\n'
    files = {
        "prod/kustomization.yaml": f"resources: [a.yaml]\npatches:\n{patch}{patch}",
        "prod/a.yaml": CONFIG,
    }
    names = [one.name for one in resolved(files).resources if one.kind == "KustomizePatch"]
    assert names == ["prod:Pod/web", "prod:Pod/web#2"]


def test_a_touched_patch_that_selects_nothing_is_a_limit() -> None:
    patch = '- {target: {kind: Pod}, patch: \'[{"op": "remove", "path": "/x"}]\'}\n'
    files = {"prod/kustomization.yaml": f"resources: [a.yaml]\npatches:\n{patch}", "prod/a.yaml": CONFIG}
    touched = resolved(files, ["prod/kustomization.yaml"]).limitations
    assert [(one.kind, one.line) for one in touched] == [("patch-unmatched", 3)]
    assert not resolved(files, ["prod/a.yaml"]).limitations


def test_unquoted_words_are_text_in_a_build_and_truth_in_a_manifest() -> None:
    assert value_at(only(resolved(WITHOUT), "ConfigMap.a"), "data", "x") is True, "as trees read it"
    built, plain = (
        only(resolved(WITHOUT), "ConfigMap.a"),
        only(resolved({"prod/a.yaml": CONFIG}), "ConfigMap.a"),
    )
    assert (built.reading, plain.reading) == ("kustomize", "yaml-1.1")
