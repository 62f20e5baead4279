"""What counts as a credential: generated ones are recognised, names that people choose are not."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable

import pytest

from riskcheck.rules.checks.secret_shapes import credential, looks_random, refers, secret_text, stands_in

RANDOM = random.Random(20261120)
ALPHANUMERIC = string.ascii_letters + string.digits


def drawn(alphabet: str, size: int) -> str:
    return "".join(RANDOM.choice(alphabet) for _ in range(size))


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (lambda: drawn("0123456789abcdef", 32), 0.9),
        (lambda: drawn("0123456789abcdef", 64), 0.9),
        (lambda: drawn(ALPHANUMERIC, 20), 0.8),
        (lambda: drawn(ALPHANUMERIC + "+/", 40), 0.85),
        (lambda: drawn(ALPHANUMERIC + "-_", 32), 0.8),
        (lambda: base64.b64encode(RANDOM.randbytes(32)).decode(), 0.85),
    ],
)
def test_most_generated_secrets_are_recognised(make: Callable[[], str], least: float) -> None:
    assert sum(secret_text(make()) for _ in range(500)) >= 500 * least


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "ibm-s390x-ssh-key",
        "pipelines-as-code-secret",
        "shop-web-api-token-v2",
        "OauthClientSecretName",
        "AZURE_CLIENT_SECRET_2",
        "registry.example/team/web:1.4.2-rc1",
        "quay-pull-secret-20240131",
        "9f3d1a52-6c1e-4b7a-8f60-2d9c5e7b1a34",
        "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
        "/var/run/secrets/4bf5122f344554c53bde2ebb8cd2b7e3",
        "https://vault.example/v1/4bf5122f344554c53bde2ebb8cd2b7e3",
        "the quick brown fox 42 jumps",
        "shop:$2y$05$q8Zt4LmXv2Rk9PwBn7Jd3HsYc6Ge1FuAq8Zt4LmXv2Rk9PwBn7Jd3",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "00000000000000000000000000000000",
        "q8Zt4LmXv2Rk9PwBn7Jd3HsYc6Ge1Fü",
        "x" * 5_000,
    ],
)
def test_what_people_choose_as_a_name_is_no_secret(text: str) -> None:
    assert not looks_random(text)


@pytest.mark.parametrize(
    "text",
    ["changeme", "<token>", "your-api-key", "AKIAIOSFODNN7EXAMPLE", "************", "dummy-q8Zt4LmXv2Rk"],
)
def test_words_stand_for_credentials(text: str) -> None:
    assert stands_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "${var.token}",
        "{{secrets/a/b}}",
        "$(TOKEN)",
        "$TOKEN",
        "ENC[AES256_GCM,data:q8Zt]",
        "vault:secret/data/a#b",
    ],
)
def test_references_say_where_a_credential_is_kept(text: str) -> None:
    assert refers(text)
    assert not secret_text(text)


BODY = "q8Zt4LmXv2Rk9PwBn7Jd3HsYc6Ge1FuAq8Zt4LmXv2Rk9PwBn7Jd3HsYc6Ge1FuA"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AKIA" + BODY.upper()[:16], "an AWS access key"),
        ("ghp_" + BODY[:36], "a GitHub token"),
        ("token=glpat-" + BODY[:20], "a GitLab token"),
        ("xoxb-123456789012-" + BODY[:24], None),
        ("xoxb-2938475610-" + BODY[:24], "a Slack token"),
        ("dapi" + "4bf5122f344554c53bde2ebb8cd2b7e3", "a Databricks token"),
        ("AIza" + BODY[:35], "a Google API key"),
        ("sk-" + BODY[:48], "an OpenAI key"),
        ("sk-learn-pipeline-for-orders-and-payments", None),
        ("sha256~" + BODY[:43], "an OpenShift token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wIn0xx." + BODY[:43], "a JSON web token"),
        ("-----BEGIN PRIVATE KEY-----\n" + BODY + "\n", "a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n" + BODY + "\n", "a private key"),
        ("-----BEGIN PRIVATE KEY-----\n…\n", None),
        ("-----BEGIN PUBLIC KEY-----\n" + BODY + "\n", None),
        ("postgres://shop:" + BODY[:20] + "@db.example/shop", "an address with a password"),
        ("postgres://shop:postgres@db.example/shop", None),
        ("git@github.com:acme/" + BODY[:20], None),
        ("ghp_" + "x" * 36, None),
    ],
)
def test_forms_that_issuers_document(text: str, expected: str | None) -> None:
    assert credential(text) == expected


def test_a_long_hostile_text_takes_no_time() -> None:
    for piece in ("://a:", "-----BEGIN PRIVATE KEY-----", "eyJ" + "a" * 40 + ".", "xoxb-", "sk-"):
        assert credential(piece * 200_000) is None
