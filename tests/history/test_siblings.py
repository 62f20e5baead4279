"""Which files are the same thing in different environments, told from their paths."""

from __future__ import annotations

import pytest

from riskcheck.history.siblings import Places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("app/dev/web.yaml", "app/prod/web.yaml"),
        ("env/dev_config.tfvars", "env/production_config.tfvars"),
        ("apps/web/overlays/staging/kustomization.yaml", "apps/web/overlays/prod/kustomization.yaml"),
        ("c/squid/staging/base/x.yaml", "c/squid/development/x.yaml"),
        ("c/x/production/stone-prod-p01/deploy.yaml", "c/x/production/stone-prod-p02/deploy.yaml"),
        ("live/eu-west-1/vpc.tf", "live/us-east-1/vpc.tf"),
        ("clusters/leap/values.yaml", "clusters/pangeo/values.yaml"),
        (".github/workflows/plan_staging.yml", ".github/workflows/plan_production.yml"),
    ],
)
def test_siblings(one: str, other: str) -> None:
    assert Places().are_siblings(one, other)
    assert Places().are_siblings(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("app/dev/web.yaml", "app/dev/web.yaml"),
        ("app/dev/web.yaml", "app/prod/worker.yaml"),
        ("app/web.yaml", "app/product.yaml"),
        ("a/dev/web.yaml", "b/prod/web.yaml"),
    ],
)
def test_others(one: str, other: str) -> None:
    assert not Places().are_siblings(one, other)


def test_a_change_comes_up_from_below() -> None:
    places = Places()
    assert places.comes_first("app/dev/web.yaml", "app/prod/web.yaml")
    assert not places.comes_first("app/prod/web.yaml", "app/dev/web.yaml")
    assert places.comes_first("clusters/one/web.yaml", "clusters/two/web.yaml")
    assert places.in_other_stages("app/prod/web.yaml", "app/dev/other.yaml")
    assert not places.in_other_stages("app/prod/web.yaml", "app/other.yaml")
