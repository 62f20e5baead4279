from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution, location_of
from riskcheck.nodes import Scalar, Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.compose import PLATFORM
from riskcheck.redact import SENSITIVE
from tests.support import MemoryTree

BASE = """\
services:
  web:
    image: registry.example/web:${TAG:-1.4}
    command: [serve]
    environment: [MODE=plain, TOKEN]
    depends_on: [db]
    dns: [10.0.0.1]
    volumes: ["files:/srv:ro", ./conf:/etc/web]
  db: {image: "postgres:${POSTGRES}"}
volumes: {files: }
"""


def resolved(files: Mapping[str, str | bytes]) -> Resolution:
    texts = {path: dedent(text) if isinstance(text, str) else text for path, text in files.items()}
    tree = MemoryTree(texts, side="head")
    environments = EnvironmentModel(paths=lambda: tree.entries())
    space = Workspace(tree, DocumentStore(tree), environments, frozenset(texts), None)
    return PLATFORM.resolve(space, PLATFORM.units(space, list(texts)))


def values(resolution: Resolution) -> dict[tuple[str, str], Value]:
    found = {}
    for one in resolution.resources:
        value = plain_value(one.body, one.reading)
        found[(one.address.removeprefix("compose:"), one.environment.name)] = value
    assert len(found) == len(resolution.resources)
    return found


def test_short_forms_are_spelled_out_and_variables_filled_in() -> None:
    found = values(resolved({"shop/prod/compose.yaml": BASE, "shop/prod/.env": "POSTGRES=16.4 # pinned\n"}))
    assert found[("services.prod/web", "prod")] == {
        "image": "registry.example/web:1.4",
        "command": ["serve"],
        "environment": {"MODE": "plain", "TOKEN": None},
        "depends_on": {"db": {"condition": "service_started"}},
        "dns": ["10.0.0.1"],
        "volumes": {
            "/srv": {"type": "volume", "source": "files", "target": "/srv", "read_only": True},
            "/etc/web": {"type": "bind", "source": "./conf", "target": "/etc/web"},
        },
    }
    assert found[("services.prod/db", "prod")] == {"image": "postgres:16.4"}
    assert found[("volumes.prod/files", "prod")] == {}


def test_a_variable_that_nothing_says_stays_as_it_is_written() -> None:
    found = values(resolved({"compose.yaml": BASE}))
    assert found[("services.db", "default")] == {"image": "postgres:${POSTGRES}"}


def test_an_override_is_read_over_its_base() -> None:
    over = """\
    services:
      web:
        command: [serve, --debug]
        environment: {MODE: fancy, LEVEL: debug}
        dns: [10.0.0.1, 10.0.0.2]
        depends_on: {cache: {condition: service_healthy}}
        volumes: ["other:/srv"]
      cache: {image: redis}
    """
    found = values(resolved({"compose.yaml": BASE, "compose.override.yaml": over}))
    assert found[("services.web", "default")] == {
        "image": "registry.example/web:1.4",
        "command": ["serve", "--debug"],
        "environment": {"MODE": "fancy", "TOKEN": None, "LEVEL": "debug"},
        "depends_on": {
            "db": {"condition": "service_started"},
            "cache": {"condition": "service_healthy"},
        },
        "dns": ["10.0.0.1", "10.0.0.2"],
        "volumes": {
            "/srv": {"type": "volume", "source": "other", "target": "/srv"},
            "/etc/web": {"type": "bind", "source": "./conf", "target": "/etc/web"},
        },
    }
    assert ("services.cache", "default") in found


def test_tags_reset_and_replace() -> None:
    over = "services: {web: {dns: !override [10.9.9.9], volumes: !reset []}}\n"
    found = values(resolved({"compose.yaml": BASE, "compose.override.yaml": over}))
    web = found[("services.web", "default")]
    assert isinstance(web, dict)
    assert web["dns"] == ["10.9.9.9"]
    assert "volumes" not in web


def test_a_file_for_an_environment_that_cannot_stand_alone_is_read_over_the_base() -> None:
    found = values(
        resolved(
            {
                "docker-compose.yml": BASE,
                "docker-compose.prod.yml": "services: {web: {restart: always}}\n",
                "docker-compose.staging.yml": "services: {other: {image: other}}\n",
            }
        )
    )
    assert ("services.db", "prod") in found
    assert {name for name, environment in found if environment == "staging"} == {"services.other"}


def test_edits_are_found_where_they_stand() -> None:
    resolution = resolved(
        {"docker-compose.yml": BASE, "docker-compose.prod.yml": "services:\n  web:\n    dns: [10.0.0.3]\n"}
    )
    web = next(one for one in resolution.resources if one.environment.name == "prod" and one.name == "web")
    dns = web.body.get("dns")
    places = [location_of(item).path for item in dns.items]  # type: ignore[union-attr]  # a list, or this fails
    assert places == ["docker-compose.yml", "docker-compose.prod.yml"]


def test_secret_variables_are_marked() -> None:
    text = "services: {web: {image: x, environment: {A: 'u:${DB_PASSWORD}@db'}}}\n"
    (web,) = resolved({"compose.yaml": text, ".env": "export DB_PASSWORD='hunter2'\n"}).resources
    held = web.body.at("environment", "A")
    assert isinstance(held, Scalar)
    assert [one.tag for one in held.via if isinstance(one, Scalar)] == [SENSITIVE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "services: [a]",
        "services: {web: 3, db: [1], cache: null}",
        "services: {web: {volumes: {a: 1}, depends_on: 3, environment: [[1]], healthcheck: [x]}}",
        "volumes: {data: [1], other: {}}",
        "services: {web: {volumes: [null, 3, {source: a}, ':::', ':/a']}}",
        "include: [a.yaml]",
        "services: &a {web: *a}",
    ],
)
def test_odd_files_are_no_error(text: str) -> None:
    files = {"compose.yaml": text, "compose.override.yaml": BASE, "compose.prod.yaml": text}
    for one in resolved(files).resources:
        assert one.platform == "compose"
    for one in resolved({"compose.yaml": BASE, "compose.override.yaml": text}).resources:
        assert one.platform == "compose"


def test_what_is_not_followed_is_said() -> None:
    text = "include:\n  - a.yaml\nservices:\n  web:\n    extends: {file: b.yaml, service: web}\n"
    said = [(one.kind, one.line) for one in resolved({"compose.yaml": text}).limitations]
    assert said == [("unsupported", 1), ("unsupported", 5)]


def test_a_broken_file_is_said() -> None:
    (said,) = resolved({"compose.yaml": "services: {web: [\n"}).limitations
    assert said.kind == "parse-error"
    (said,) = resolved({"compose.yaml": b"services: \xff\xfe"}).limitations
    assert said.path == "compose.yaml"


def test_files_of_examples_and_tests_are_no_projects() -> None:
    assert resolved({"examples/compose.yaml": BASE, "tests/docker-compose.yml": BASE}).resources == ()
