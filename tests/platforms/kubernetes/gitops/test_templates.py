"""Placeholders of ApplicationSets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.platforms.kubernetes.gitops.templates import Parameters, filled, normalised

FLAT: Parameters = {"cluster": "prod-eu", "path.basename": "web", "path[1]": "web", "values.dir": "base"}
NESTED: Parameters = {
    "cluster": "Prod_EU",
    "path": {"path": "apps/web", "basename": "web", "segments": ["apps", "web"]},
    "values": {"dir": ""},
    "metadata": {"labels": {"example.com/env": "prod"}},
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain", "plain"),
        ("{{cluster}}-web", "prod-eu-web"),
        ("{{ path.basename }}", "web"),
        ("{{path[1]}}/{{values.dir}}", "web/base"),
        ("{{ .cluster }}", "prod-eu"),
        ("{{unknown}}", None),
        ("{{cluster}", None),
        ("{{cluster | lower}}", None),
    ],
)
def test_names_are_looked_up(written: str, expected: str | None) -> None:
    assert filled(written, FLAT, go=False) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{ .path.basename }}-{{.cluster}}", "web-Prod_EU"),
        ("{{ index .path.segments 1 }}", "web"),
        ("{{ index .path.segments 7 }}", None),
        ('{{ index .metadata.labels "example.com/env" }}', "prod"),
        ("{{ .cluster | lower }}", "prod_eu"),
        ("{{ .cluster | normalize }}", "prod-eu"),
        ("{{ normalize .cluster }}", "prod-eu"),
        ('{{ .values.dir | default "base" }}', "base"),
        ('{{ default "base" .values.none }}', "base"),
        ('{{ .cluster | trimPrefix "Prod_" | lower }}', "eu"),
        ('{{ .cluster | replace "_" "-" | upper }}', "PROD-EU"),
        ("a {{- .path.basename -}} b", "awebb"),
        ("a {{- .path.basename }} b", "aweb b"),
        ("{{ .path }}", None),
        ("{{ .path.none }}", None),
        ("{{ if .cluster }}x{{ end }}", None),
        ("{{ .cluster | sha256sum }}", None),
        ("{{ (.cluster) }}", None),
        ("{{ $x := .cluster }}", None),
        ("{{ cluster }}", None),
    ],
)
def test_simple_go_templates_are_evaluated_and_others_stay_unknown(
    written: str, expected: str | None
) -> None:
    assert filled(written, NESTED, go=True) == expected


def test_names_are_made_fit_for_objects() -> None:
    assert normalised("My_Cluster.EU-") == "my-cluster.eu"


@given(st.text(alphabet='{}.| "`ab-index01$()', max_size=60), st.booleans())
def test_any_text_is_filled_in_or_unknown(written: str, go: bool) -> None:
    found = filled(written, NESTED if go else FLAT, go)
    assert found is None or isinstance(found, str)
