from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.cells import looks_like_cluster, tell
from riskcheck.environments import (
    DeclaredEnvironment,
    EnvironmentModel,
    everywhere,
    is_trial,
    is_unassigned,
    order_of,
    trial,
    unassigned,
)
from riskcheck.models import Environment, Stage


def _of(path: str, *others: str) -> tuple[str, str] | None:
    """Name and cell of `path` in a repository that also has `others`."""
    found = EnvironmentModel(paths=lambda: (path, *others)).of_path(path)
    return (found.name, found.cell) if found is not None else None


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("dev", "dev"),
        ("Development", "dev"),
        ("qa", "dev"),
        ("test2", "dev"),
        ("int", "dev"),
        ("sandbox", "dev"),
        ("stage", "staging"),
        ("stg", "staging"),
        ("uat", "staging"),
        ("pre-prod", "staging"),
        ("preprod", "staging"),
        ("non_prod", "staging"),
        ("nonprod-eu", "staging/eu"),
        ("canary", "canary"),
        ("prod-canary", "canary"),
        ("pilot", "canary"),
        ("prod", "prod"),
        ("PRD", "prod"),
        ("production", "prod"),
        ("live", "prod"),
        ("prod2", "prod"),
        ("prod_eu", "prod/eu"),
        ("us-prod", "prod/us"),
        ("prodEU", "prod/eu"),
        ("prod-eu1", "prod/eu1"),
        ("prod-eu-west-1", "prod/eu-west-1"),
        ("prod_us_gov_west_1", "prod/us-gov-west-1"),
        ("prod-westeurope", "prod/westeurope"),
        ("eastus2-prod", "prod/eastus2"),
        ("prod-germanywestcentral", "prod/germanywestcentral"),
        ("prod-europe-west12", "prod/europe-west12"),
        ("prod-northamerica-northeast1", "prod/northamerica-northeast1"),
        ("prod-premium", "prod:premium"),
        ("enterprise.prod.eastus", "prod:enterprise/eastus"),
        ("prod ring 1", "prod:ring-1"),
        ("ring2-prod", "prod:ring-2"),
        ("shop-prod-p01", "prod"),
        ("shop-prd-rh02", "prod"),
        ("shop-stg-rh01", "staging"),
        ("product", "unknown"),
        ("reproduction", "unknown"),
        ("devices", "unknown"),
        ("default", "unknown"),
        ("stage-1", "unknown"),
        ("premium", "unknown"),
        ("eu", "unknown"),
        ("focus", "unknown"),
        ("eu-west-1", "unknown/eu-west-1"),
        ("", "unknown"),
        ("prod" * 300, "unknown"),
    ],
)
def test_whole_words_of_a_name_tell_its_cell(name: str, cell: str) -> None:
    found = EnvironmentModel().named(name, source="databricks.yml:3")
    assert (found.name, found.cell, found.source) == (name, cell, "databricks.yml:3")


@pytest.mark.parametrize(
    ("name", "mode", "hints", "cell"),
    [
        ("main", "production", (), "prod"),
        ("main", "development", (), "dev"),
        ("dev", "production", (), "dev"),
        ("main", None, ("https://acme-prod.cloud.databricks.com",), "prod"),
        ("main", "development", ("https://acme-prod.cloud.databricks.com",), "dev"),
        ("prod", None, ("https://adb-westeurope.example.net", "/premium-staging"), "prod:premium/westeurope"),
        ("main", None, ("https://int.example.com/test/ci",), "unknown"),
        ("main", "other", (), "unknown"),
    ],
)
def test_what_a_name_does_not_tell_its_mode_and_hints_may(
    name: str, mode: str | None, hints: tuple[str, ...], cell: str
) -> None:
    assert EnvironmentModel().named(name, source="x:1", hints=hints, mode=mode).cell == cell


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # below a directory that holds environments
        ("envs/qa/app.yaml", ("qa", "dev")),
        ("k8s/overlays/rd-staging/kustomization.yaml", ("rd-staging", "staging")),
        ("apps/web/overlays/prod-eu/patches/hpa.yaml", ("prod-eu", "prod/eu")),
        ("clusters/shop-prod-p01/apps.yaml", ("shop-prod-p01", "prod")),
        ("clusters/production/flux-system/sync.yaml", ("production", "prod")),
        ("live/prod/eu-west-1/db/terragrunt.hcl", ("prod/eu-west-1", "prod/eu-west-1")),
        ("live/non-prod/us-east-1/qa/db/terragrunt.hcl", ("non-prod/us-east-1/qa", "dev/us-east-1")),
        ("environments/prod.yaml", ("prod", "prod")),
        ("environments/test.yaml", ("test", "dev")),
        ("overlays/live/app.yaml", ("live", "prod")),
        ("targets/canary/app.yaml", ("canary", "canary")),
        # names that only a holder makes environments
        ("clusters/athens/apps.yaml", ("athens", "unknown")),
        ("envs/team-a/prod/app.yaml", ("team-a/prod", "prod")),
        ("overlays/with-tracing/kustomization.yaml", None),
        ("stages/01-build/pipeline.yaml", None),
        # a plain stage word anywhere
        ("apps/production/web-values.yaml", ("production", "prod")),
        ("components/search/staging/deploy.yaml", ("staging", "staging")),
        ("dev/docker-compose.yaml", ("dev", "dev")),
        ("regions/eu-west-1/prod/vpc.yaml", ("eu-west-1/prod", "prod/eu-west-1")),
        # cells below a stage
        ("web/production/shop-prod-p01/route.yaml", ("production/shop-prod-p01", "prod")),
        ("web/production/fedora-01/route.yaml", ("production/fedora-01", "prod")),
        ("web/staging/lab-dev/route.yaml", ("staging/lab-dev", "staging")),
        ("web/production/base/route.yaml", ("production", "prod")),
        ("web/production/monitoring/rules.yaml", ("production", "prod")),
        ("web/production/postgres-16/sts.yaml", ("production", "prod")),
        ("web/production/cluster-issuers/ca.yaml", ("production", "prod")),
        ("web/production/integration/job.yaml", ("production", "prod")),
        ("web/production/eu/route.yaml", ("production/eu", "prod/eu")),
        ("web/prod/premium/eastus/app.yaml", ("prod/premium/eastus", "prod:premium/eastus")),
        ("web/production/rings/ring-2/app.yaml", ("production/ring-2", "prod:ring-2")),
        ("web/rings/ring-1/shop-stg-01/app.yaml", ("ring-1/shop-stg-01", "staging:ring-1")),
        ("web/rings/ring-3/base/app.yaml", ("ring-3", "unknown:ring-3")),
        ("web/prod/canary.yaml", ("prod", "prod")),
        # settings files
        ("chart/values-prod.yaml", ("prod", "prod")),
        ("chart/values-prod-eu.yaml", ("prod-eu", "prod/eu")),
        ("chart/values.test.yaml", ("test", "dev")),
        ("chart/prod-values.yaml", ("prod", "prod")),
        ("chart/values-premium.yaml", ("premium", "unknown:premium")),
        ("src/main/resources/application-int.yml", ("int", "dev")),
        ("appsettings.Production.json", ("Production", "prod")),
        ("infra/qa.tfvars", ("qa", "dev")),
        ("infra/prod.auto.tfvars", ("prod", "prod")),
        ("infra/terraform.stg.tfvars", ("stg", "staging")),
        (".env.production", ("env.production", "prod")),
        ("docker-compose.prod.yml", ("prod", "prod")),
        ("config/prod.toml", ("prod", "prod")),
        ("web/production/values-eu-west-1.yaml", ("production/eu-west-1", "prod/eu-west-1")),
        # nothing tells
        ("chart/values.yaml", None),
        ("chart/values-small.yaml", None),
        ("product/catalog.yaml", None),
        ("bundles/development_cluster/databricks.yml", None),
        ("prod-alerts/rules.yaml", None),
        ("docs/production.md", None),
        ("README", None),
        ("", None),
    ],
)
def test_a_path_tells_its_environment(path: str, expected: tuple[str, str] | None) -> None:
    if expected is not None and expected[0] == "env.production":
        expected = ("production", expected[1])
    assert _of(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "tests/prod/values.yaml",
        "pkg/testdata/overlays/production/app.yaml",
        "examples/envs/prod/app.yaml",
        "api/fixtures/staging/app.yaml",
        ".github/workflows/production.yaml",
        "policies/production/.chainsaw-test/app.yaml",
        "test/app.yaml",
        "test/e2e/app.yaml",
        "components/integration/deploy.yaml",
        "operators/canary/deploy.yaml",
        "src/live/feed.yaml",
    ],
)
def test_folders_of_code_and_components_are_no_environments(path: str) -> None:
    assert _of(path) is None


@pytest.mark.parametrize(
    ("path", "sibling", "expected"),
    [
        ("apps/test/web.yaml", "apps/prod/web.yaml", ("test", "dev")),
        ("apps/canary/web.yaml", "apps/staging/web.yaml", ("canary", "canary")),
        ("config/qa.yaml", "config/prod.yaml", ("qa", "dev")),
        ("web/production-public/app.yaml", "web/production/app.yaml", ("production-public", "prod")),
        ("web/integration/app.yaml", "web/search/app.yaml", None),
        ("web/integration/app.yaml", "web/search/production/app.yaml", None),
    ],
)
def test_words_in_doubt_count_beside_a_plain_stage(
    path: str, sibling: str, expected: tuple[str, str] | None
) -> None:
    assert _of(path, sibling) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("apps/cron-start-live-events/web.yaml", None),
        ("apps/frontend-test-harness/web.yaml", None),
        ("apps/start-live-events.yaml", None),
        ("apps/test-downstream/web.yaml", ("test-downstream", "dev")),
        ("apps/shop-test-01/web.yaml", ("shop-test-01", "dev")),
        ("apps/shop-live-eu-west-1/web.yaml", ("shop-live-eu-west-1", "prod/eu-west-1")),
        ("apps/shop-prod-downstream/web.yaml", ("shop-prod-downstream", "prod")),
        ("overlays/cron-start-live-events/web.yaml", ("cron-start-live-events", "prod")),
    ],
)
def test_a_word_in_doubt_amid_others_counts_where_environments_are_only(
    path: str, expected: tuple[str, str] | None
) -> None:
    assert _of(path, "apps/prod/web.yaml", "apps/staging/web.yaml") == expected


def test_what_stands_for_no_environment_is_told_from_one_that_does() -> None:
    assert is_unassigned(unassigned("default", "web.yaml"))
    assert is_unassigned(everywhere("flags.json"))
    assert is_trial(trial("examples/small", "examples"))
    assert not is_unassigned(Environment("prod", "prod", source="inferred from prod"))
    assert not is_trial(Environment("prod", "prod", source="clusters/prod.yaml:1"))


def test_a_cluster_is_in_the_stage_that_the_repository_keeps_it_in_elsewhere() -> None:
    elsewhere = ("web/production/fedora-01/app.yaml", "api/production/fedora-01/app.yaml")
    assert _of("db/rings/ring-2/fedora-01/app.yaml", *elsewhere) == ("ring-2/fedora-01", "prod:ring-2")
    assert _of("db/rings/ring-2/fedora-01/app.yaml", *elsewhere, "x/staging/fedora-01/app.yaml") == (
        "ring-2/fedora-01",
        "unknown:ring-2",
    )
    assert _of("clusters/fedora-01/app.yaml", *elsewhere) == ("fedora-01", "prod")


def test_the_paths_of_the_repository_are_asked_for_once_and_only_in_doubt() -> None:
    asked: list[int] = []

    def paths() -> Iterator[str]:
        asked.append(1)
        yield "apps/prod/x.yaml"

    model = EnvironmentModel(paths=paths)
    model.of_path("apps/production/x.yaml")
    model.of_path("chart/values-prod.yaml")
    assert asked == []
    model.of_path("apps/test/x.yaml")
    model.of_path("other/test/x.yaml")
    assert asked == [1]


def test_a_file_beside_a_word_in_doubt_tells_as_well_as_a_folder() -> None:
    assert _of("apps/test/x.yaml", "apps/production.yaml") == ("test", "dev")
    assert _of("apps/test/x.yaml", "apps/products.yaml") is None
    assert _of("apps/test/x.yaml", "other/production.yaml") is None


@pytest.mark.parametrize(
    ("path", "shared"),
    [
        ("web/base/deploy.yaml", True),
        ("web/overlays/common/patch.yaml", True),
        ("_shared/vars.yaml", True),
        ("group_vars/all.yml", True),
        ("config/defaults.toml", True),
        ("chart/values-common.yaml", True),
        ("web/production/base/deploy.yaml", False),
        ("envs/prod/default/app.yaml", False),
        ("web/database/app.yaml", False),
        ("web/base-snapshot/app.yaml", False),
        ("web/deploy.yaml", False),
    ],
)
def test_shared_layers_are_those_that_no_environment_owns(path: str, shared: bool) -> None:
    assert EnvironmentModel().is_shared(path) is shared


def test_equal_cells_of_different_folders_are_one_environment() -> None:
    model = EnvironmentModel()
    assert model.of_path("web/production/a.yaml") == model.of_path("api/production/deep/b.yaml")


_DECLARED = (
    DeclaredEnvironment("staging", "staging", soak_seconds=3600, paths=("deploy/green/**",), source="p:2"),
    DeclaredEnvironment(
        "prod-standard", "prod", tier="standard", region="eastus", share=0.2, order=1, source="p:3"
    ),
    DeclaredEnvironment("prod", "prod", order=2, source="p:4", paths=("deploy/**",)),
)


def test_declared_globs_come_before_words_and_the_first_that_matches_wins() -> None:
    model = EnvironmentModel(_DECLARED)
    green, other = model.of_path("deploy/green/production/x.yaml"), model.of_path("deploy/dev/x.yaml")
    assert green == Environment("staging", "staging", source="p:2", soak_seconds=3600)
    assert other == Environment("prod", "prod", source="p:4", order=2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod-standard", "prod-standard"),
        ("standard-prod-eastus", "prod-standard"),
        ("production", "prod"),
        ("PRD", "prod"),
        ("stg", "staging"),
        ("uat", "uat"),
        ("prod-premium", "prod-premium"),
    ],
)
def test_a_name_or_cell_that_is_declared_gets_the_declared_environment(name: str, expected: str) -> None:
    assert EnvironmentModel(_DECLARED).named(name, source="x:9").name == expected


def test_a_declared_environment_keeps_what_the_policy_says_and_where_it_was_named() -> None:
    found = EnvironmentModel(_DECLARED).of_path("envs/prod/standard/eastus/x.yaml")
    assert found is not None
    assert (found.name, found.share, found.order) == ("prod-standard", 0.2, 1)
    named = EnvironmentModel(_DECLARED).named("prod-standard", source="databricks.yml:7")
    assert named.source == "databricks.yml:7"


@pytest.mark.parametrize(
    ("declared", "promotion", "expected"),
    [
        ((), None, False),
        ((), "git", False),
        (_DECLARED[:1], None, False),
        (_DECLARED[:1], "git", True),
        (_DECLARED[1:], None, True),
    ],
)
def test_an_order_is_declared_by_a_promotion_or_by_numbers(
    declared: tuple[DeclaredEnvironment, ...], promotion: str | None, expected: bool
) -> None:
    assert EnvironmentModel(declared, promotion).has_declared_order is expected


def test_stages_are_ordered_as_a_change_is_promoted() -> None:
    stages: list[Stage] = ["unknown", "prod", "canary", "dev", "staging"]
    assert sorted(stages, key=order_of) == ["dev", "staging", "canary", "prod", "unknown"]


@pytest.mark.parametrize(
    "name", ["shop-prod-p1", "fedora-01", "ocp-p01", "lab-dev", "eks-2", "cluster1", "eastus2"]
)
def test_clusters_are_told_by_their_numbers_stages_and_regions(name: str) -> None:
    assert looks_like_cluster(name)


@pytest.mark.parametrize(
    "name", ["monitoring", "postgres-16", "backup-s3", "v2", "api-v01", "dev-tools", "base", "k8s", "", "-"]
)
def test_components_and_versions_are_no_clusters(name: str) -> None:
    assert not looks_like_cluster(name)


@given(
    st.lists(
        st.sampled_from(["prod", "eu", "-", "_", "/", ".", "ring", "1", "base", "envs", "x", "staging", "é"])
    )
)
@settings(max_examples=400, deadline=None)
def test_any_path_has_one_answer_and_a_name_that_is_its_own(parts: list[str]) -> None:
    path = "".join(parts)
    model = EnvironmentModel(paths=lambda: [path])
    found = model.of_path(path)
    assert found == model.of_path(path)
    assert tell(path) == tell(path)
    if found is not None:
        assert found.name
        assert not model.is_shared(path)
