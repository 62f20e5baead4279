"""Files of no platform, by the environment in their path."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import DeclaredEnvironment, EnvironmentModel
from riskcheck.generated import is_marked
from riskcheck.models import Resolution, Side
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.plain import PLATFORM
from riskcheck.platforms.plain.files import is_configuration
from tests.build import changes
from tests.support import MemoryTree

CONFIG = {
    "config/prod/app.yaml": "workers: 4\n",
    "config/staging/app.yaml": "workers: 2\n",
    "config/common/app.yaml": "timeout: 30\n",
    "docs/app.yaml": "a: 1\n",
}


def workspace(
    files: Mapping[str, str],
    *,
    included: Collection[str] = (),
    declared: tuple[DeclaredEnvironment, ...] = (),
    other: Mapping[str, str] | None = None,
    side: Side = "head",
) -> Workspace:
    tree = MemoryTree(files, side=side)
    across = None if other is None else DocumentStore(MemoryTree(other, side="base"))
    environments = EnvironmentModel(declared, paths=lambda: tree.entries())
    touched = frozenset(tree.entries())
    return Workspace(tree, DocumentStore(tree), environments, touched, across, frozenset(included))


def resolved(space: Workspace, *paths: str) -> Resolution:
    return PLATFORM.resolve(space, PLATFORM.units(space, paths or list(space.tree.entries())))


def keys(resolution: Resolution) -> set[tuple[str, str]]:
    return {(resource.name, resource.environment.name) for resource in resolution.resources}


def test_a_file_belongs_to_the_environment_of_its_path() -> None:
    found = resolved(workspace(CONFIG), "config/prod/app.yaml", "docs/app.yaml")
    assert keys(found) == {("config/*/app.yaml", "prod")}
    assert found.read == {"config/prod/app.yaml"}


def test_the_same_file_has_one_identity_in_all_environments() -> None:
    found = resolved(workspace(CONFIG), "config/prod/app.yaml", "config/staging/app.yaml")
    assert {resource.identity for resource in found.resources} == {"plain:file.config/*/app.yaml"}


def test_a_shared_layer_is_for_all_environments_beside_it() -> None:
    files = {**CONFIG, "elsewhere/dev/x.yaml": "a: 1\n"}
    found = resolved(workspace(files), "config/common/app.yaml")
    assert keys(found) == {("config/common/app.yaml", "prod"), ("config/common/app.yaml", "staging")}


def test_settings_without_an_environment_are_for_all_that_have_one() -> None:
    files = {
        "app/values.yaml": "a: 1\n",
        "app/values-prod.yaml": "a: 2\n",
        "app/values-staging.yaml": "a: 3\n",
    }
    assert keys(resolved(workspace(files))) == {
        ("app/values.yaml", "prod"),
        ("app/values.yaml", "staging"),
        ("app/values-*.yaml", "prod"),
        ("app/values-*.yaml", "staging"),
    }


def test_a_shared_file_with_nothing_beside_it_is_for_nobody() -> None:
    assert keys(resolved(workspace({"lib/common/app.yaml": "a: 1\n"}))) == set()


def test_the_policy_may_name_further_files() -> None:
    found = resolved(workspace(CONFIG, included=["docs/app.yaml"]), "docs/app.yaml")
    assert keys(found) == {("docs/app.yaml", "default")}
    assert found.environments[0].stage == "unknown"


def test_declared_environments_count_first() -> None:
    declared = (DeclaredEnvironment("eu-live", "prod", region="eu", paths=("conf/eu/**",)),)
    found = resolved(workspace({"conf/eu/app.toml": "a = 1\n"}, declared=declared))
    assert keys(found) == {("conf/*/app.toml", "eu-live")}
    assert found.resources[0].environment.region == "eu"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a/prod/x.json", '{"a": 1}', {"a": 1}),
        ("a/prod/x.toml", "a = 1\n", {"a": 1}),
        ("a/prod/x.properties", "a=1\n", {"a": "1"}),
        ("a/prod/x.yaml", "[1, 2]\n", {"items": [1, 2]}),
        ("a/prod/x.yaml", "a: 1\n---\nb: 2\n", {"documents": [{"a": 1}, {"b": 2}]}),
        ("a/prod/x.yaml", "", {}),
        ("a/prod/x.yaml", "word\n", {"items": ["word"]}),
        ("a/prod/x.yaml", "k: ENC[AES256_GCM,x]\nsops: {mac: x}\n", {"k": "<encrypted>"}),
    ],
)
def test_every_format_is_one_mapping(path: str, text: str, expected: object) -> None:
    (resource,) = resolved(workspace({path: text})).resources
    assert plain_value(resource.body, "yaml-1.2") == expected


@pytest.mark.parametrize(
    "path",
    [
        "prod/package-lock.json",
        "prod/poetry.lock",
        "prod/Chart.lock",
        "prod/.terraform.lock.hcl",
        "prod/node_modules/x/a.json",
        "prod/vendor/a.yaml",
        "prod/third_party/a.yaml",
        "prod/testdata/a.yaml",
        "prod/fixtures/a.yaml",
        "prod/a.min.json",
        "prod/readme.md",
        "prod/main.py",
    ],
)
def test_what_people_do_not_write_as_configuration_gets_nothing(path: str) -> None:
    assert not is_configuration(path)


@pytest.mark.parametrize(
    "line", ["# DO NOT EDIT", "# Code generated by x. DO NOT EDIT.", "# @generated by y"]
)
def test_generated_files_get_nothing(line: str) -> None:
    assert is_marked(f"{line}\na: 1\n")
    assert keys(resolved(workspace({"a/prod/x.yaml": f"{line}\na: 1\n"}))) == set()


def test_a_word_further_down_does_not_make_a_file_generated() -> None:
    assert not is_marked("a: 1\n" * 20 + "# do not edit\n")


def test_a_file_that_the_change_broke_is_a_failure() -> None:
    broken = {"a/prod/x.yaml": "a: [\n"}
    now = resolved(workspace(broken, other={"a/prod/x.yaml": "a: 1\n"}))
    (failed,) = now.limitations
    assert (failed.kind, failed.failed) == ("parse-error", True)
    (counted,) = now.resources
    assert plain_value(counted.body, "yaml-1.2") == {"a": 1}, "it counts as it was"
    (limited,) = resolved(workspace(broken, other=broken)).limitations
    assert (limited.kind, limited.failed) == ("parse-error", False)
    (new,) = resolved(workspace(broken, other={})).limitations
    assert new.failed, "a new file that nobody can read was not looked at either"


def test_templates_only_limit() -> None:
    files = {"a/prod/x.yaml": "a: {{ b }}\n"}
    (limited,) = resolved(workspace(files, other={"a/prod/x.yaml": "a: 1\n"})).limitations
    assert (limited.kind, limited.failed) == ("unresolved-template", False)


def test_a_file_that_is_gone_is_empty() -> None:
    assert PLATFORM.resolve(workspace(CONFIG), ["config/prod/gone.yaml"]).resources == ()


def test_actions() -> None:
    assert PLATFORM.action(changes("{a: 1}", "{a: 2}")) == "update"
    assert PLATFORM.action(()) == "none"


FLAGS = '{"flags": {"a": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}'


def test_flags_without_an_environment_in_their_path_reach_production() -> None:
    found = resolved(workspace({"flags/shop.json": FLAGS, "flags/notes.json": '{"flags": 1}'}))
    assert keys(found) == {("flags/shop.json", "all environments")}
    assert [environment.stage for environment in found.environments] == ["prod"]
    assert found.environments[0].source == "flags/shop.json is read everywhere"


def test_flags_reach_every_environment_that_is_declared() -> None:
    declared = (
        DeclaredEnvironment("stage-1", "staging"),
        DeclaredEnvironment("eu", "prod", region="westeurope"),
    )
    found = resolved(workspace({"flags/shop.json": FLAGS}, declared=declared))
    assert keys(found) == {("flags/shop.json", "stage-1"), ("flags/shop.json", "eu")}


def test_flags_of_one_environment_stay_there() -> None:
    found = resolved(workspace({"config/staging/flags.json": FLAGS}))
    assert keys(found) == {("config/*/flags.json", "staging")}


def test_spark_defaults_count_wherever_they_lie() -> None:
    files = {
        "conf/spark-defaults.conf": "spark.a 1\n",
        "config/prod/etl-spark-defaults.conf": "spark.a 1\n",
        "config/prod/spark-etl.properties": "spark.a=1\n",
        "config/prod/app.properties": "a=1\n",
        "vendor/spark-defaults.conf": "spark.a 1\n",
        "config/prod/nginx.conf": "a 1\n",
    }
    found = resolved(workspace(files))
    assert {(one.kind, one.name, one.environment.name) for one in found.resources} == {
        ("spark-defaults", "conf/spark-defaults.conf", "default"),
        ("spark-defaults", "config/*/etl-spark-defaults.conf", "prod"),
        ("spark-defaults", "config/*/spark-etl.properties", "prod"),
        ("file", "config/*/app.properties", "prod"),
    }


def test_lists_of_addresses_in_text_are_read_whatever_their_environment() -> None:
    files = {
        "net/allowlist.txt": "# partners\n192.0.2.0/24, partner\n\n192.0.2.7 # relay\n",
        "net/prod/ip-whitelist": "192.0.2.1\n",
        "net/allow-list.json": '["192.0.2.1"]\n',
        "net/denylist.txt": "example.com\n",
        "net/subnets.txt": "10.0.0.0/24\n",
        "vendor/allowlist.txt": "192.0.2.0/24\n",
        "net/allowlist.yaml": "MIT: true\n",
    }
    found = {one.unit: plain_value(one.body, one.reading) for one in resolved(workspace(files)).resources}
    assert found == {
        "net/allowlist.txt": {"items": ["192.0.2.0/24", "192.0.2.7"]},
        "net/prod/ip-whitelist": {"items": ["192.0.2.1"]},
        "net/allow-list.json": {"items": ["192.0.2.1"]},
    }
