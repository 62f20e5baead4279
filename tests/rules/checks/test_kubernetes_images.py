"""Tags and names of images: what can be ordered, and what is the same place."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_image_changes import place_of
from riskcheck.rules.checks.kubernetes_image_tags import base_of, version_of


@pytest.mark.parametrize(
    ("tag", "numbers"),
    [
        ("1.4.2", (1, 4, 2)),
        ("v1.4", (1, 4, 0)),
        ("v2.0.0-rc1", (2, 0, 0)),
        ("3.12.4-slim-bookworm", (3, 12, 4)),
        ("release-1.30.1", (1, 30, 1)),
        ("nginx-1.30.1", (1, 30, 1)),
        ("1.2.3_amd64", (1, 2, 3)),
        ("1.2.3-0a1b2c3d", (1, 2, 3)),
        ("1.2.3rc1", (1, 2, 3)),
        ("10.0.0.1", (10, 0, 0)),
    ],
)
def test_a_version_is_read(tag: str, numbers: tuple[int, int, int]) -> None:
    version = version_of(tag)
    assert version is not None
    assert version.numbers == numbers
    assert not version.calendar


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "",
        "latest",
        "main",
        "417",
        "20260314",
        "2026-03-14",
        "2026.03.14",
        "v20260314-0a1b2c3",
        "0a1b2c3d",
        "9f8e7d6c0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "main-0a1b2c3d",
        "1.2-0a1b2c3d",
        "sha-1234567",
        "x" * 100_000,
        "1." * 50_000,
    ],
)
def test_what_has_no_order_is_no_version(tag: str | None) -> None:
    assert version_of(tag) is None


def test_a_year_is_a_calendar_version() -> None:
    version = version_of("2026.1.3")
    assert version is not None
    assert version.calendar


@pytest.mark.parametrize(("tag", "major"), [("16", 16), ("v8", 8), ("15-alpine", 15)])
def test_a_bare_number_is_a_version_of_what_is_known_to_have_them(tag: str, major: int) -> None:
    version = version_of(tag, bare=True)
    assert version is not None
    assert version.major == major
    assert version_of(tag) is None


@pytest.mark.parametrize(
    ("tag", "base"),
    [
        ("3.12-alpine3.20", "Alpine"),
        ("3.12-slim", "Debian"),
        ("8.0-bookworm-slim", "Debian"),
        ("ubi9-1.2", "Red Hat"),
        ("22.04", None),
        (None, None),
    ],
)
def test_the_base_is_what_the_suffix_names(tag: str | None, base: str | None) -> None:
    assert base_of(tag) == base


@pytest.mark.parametrize(
    ("name", "host", "repository"),
    [
        ("nginx", "docker.io", "library/nginx"),
        ("bitnami/nginx", "docker.io", "bitnami/nginx"),
        ("index.docker.io/library/nginx", "docker.io", "library/nginx"),
        ("localhost/web", "localhost", "web"),
        ("registry:5000/team/web", "registry:5000", "team/web"),
        ("k8s.gcr.io/pause", "registry.k8s.io", "pause"),
        ("quay.io/team/web", "quay.io", "team/web"),
    ],
)
def test_names_that_mean_the_same_place(name: str, host: str, repository: str) -> None:
    assert place_of(name) == (host, repository)
