from __future__ import annotations

import pytest

from riskcheck.nodes import KeyPath
from riskcheck.rules.checks.kubernetes_apis import _release
from riskcheck.rules.checks.kubernetes_removed_apis import KUBERNETES, OLDEST, removals
from riskcheck.rules.checks.kubernetes_schemas import field_at

SCHEMA = ("spec", "versions", "[v1]", "schema", "openAPIV3Schema")


def test_what_replaces_a_version_is_itself_served() -> None:
    table = removals()
    for (api, kind), removal in table.items():
        assert (removal.instead, kind) not in table, (api, kind)
        assert api.partition("/")[2].startswith("v")


@pytest.mark.parametrize(
    ("api", "kind", "release", "instead"),
    [
        ("extensions/v1beta1", "Ingress", (1, 22), "networking.k8s.io/v1"),
        ("extensions/v1beta1", "Deployment", (1, 16), "apps/v1"),
        ("policy/v1beta1", "PodSecurityPolicy", (1, 25), ""),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", (1, 26), "autoscaling/v2"),
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", (1, 32), "flowcontrol.apiserver.k8s.io/v1"),
    ],
)
def test_releases_are_those_of_the_guide(api: str, kind: str, release: tuple[int, int], instead: str) -> None:
    removal = removals()[(api, kind)]
    assert (removal.server, removal.release, removal.instead) == (KUBERNETES, release, instead)


def test_some_removals_are_newer_than_the_oldest_release() -> None:
    assert any(one.server == KUBERNETES and one.release > OLDEST for one in removals().values())


@pytest.mark.parametrize(
    ("value", "release"),
    [
        ("1.29", (1, 29)),
        ("v1.31.4", (1, 31)),
        ("1.30.5-gke.1014001", (1, 30)),
        (1.3, (1, 30)),
        (1.29, (1, 29)),
        ("latest", None),
        ("1", None),
        ("1.290000", None),
        (None, None),
        ([], None),
        (float("inf"), None),
        (True, None),
    ],
)
def test_releases_are_read_however_they_are_written(
    value: str | float | list[object] | None, release: tuple[int, int] | None
) -> None:
    assert _release(value) == release  # type: ignore[arg-type]  # what a policy may hold


@pytest.mark.parametrize(
    ("path", "shown", "keyword"),
    [
        (("properties", "spec", "properties", "size"), "spec.size", ()),
        (("properties", "spec", "required", "[0]"), "spec", ("required", "[0]")),
        (("properties", "a", "items", "properties", "type", "type"), "a[].type", ("type",)),
        (("properties", "a", "additionalProperties", "type"), "a.*", ("type",)),
        (("properties",), "the object", ("properties",)),
        ((), "the object", ()),
    ],
)
def test_a_path_of_a_schema_is_about_a_field(path: KeyPath, shown: str, keyword: KeyPath) -> None:
    field = field_at((*SCHEMA, *path))
    assert field is not None
    assert (field.shown, field.keyword) == (shown, keyword)


@pytest.mark.parametrize("path", [("spec", "names", "kind"), ("spec", "versions", "[v1]", "served"), ()])
def test_other_paths_are_about_none(path: KeyPath) -> None:
    assert field_at(path) is None
