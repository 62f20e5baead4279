"""Secrets stay out of values, text and quoted lines; everything else stays as it is."""

from __future__ import annotations

import pytest

from riskcheck.nodes import MISSING, KeyPath, Value
from riskcheck.redact import REDACTED, looks_secret, redact_line, redact_text, redact_value

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "accessToken",
        "apiKey",
        "AWS_SECRET_ACCESS_KEY",
        "client_secret",
        "connectionString",
        "spark.hadoop.fs.s3a.secret.key",
        "fs.azure.account.key.landing.dfs.core.windows.net",
    ],
)
def test_keys_that_hold_secrets_are_recognised(key: str) -> None:
    assert looks_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "secretName",
        "secretKeyRef",
        "max_tokens",
        "token_ttl",
        "aws_access_key_id",
        "privateKeyPath",
        "keyVaultUri",
        "pattern",
        "spark.driver.memory",
        "",
    ],
)
def test_keys_that_only_speak_of_secrets_are_not(key: str) -> None:
    assert not looks_secret(key)


@pytest.mark.parametrize(
    ("path", "kind", "value", "shown"),
    [
        (("spec", "password"), "App", "hunter2", REDACTED),
        (("spec", "pin"), "App", 1234, REDACTED),
        (("spec", "token"), "App", ["a", "b"], [REDACTED, REDACTED]),
        (("env", "[DB_PASSWORD]", "value"), "Deployment", "hunter2", REDACTED),
        (("data", "user"), "Secret", "cm9vdA==", REDACTED),
        (("data",), "Secret", {"user": "cm9vdA=="}, {"user": REDACTED}),
        (
            (),
            "Secret",
            {"data": {"user": "cm9vdA=="}, "type": "Opaque"},
            {"data": {"user": REDACTED}, "type": "Opaque"},
        ),
        (
            (),
            "App",
            {"env": [{"name": "API_KEY", "value": "x"}]},
            {"env": [{"name": "API_KEY", "value": REDACTED}]},
        ),
        (("variables", "db_password"), "targets", "hunter2", REDACTED),
        (("variables", "db_password", "value"), "targets", "hunter2", REDACTED),
        (("variables", "db_password", "value", "user"), "targets", "root", REDACTED),
        (("variables", "db_password", "lookup", "cluster"), "targets", "main", REDACTED),
        (
            ("variables",),
            "targets",
            {"db_password": {"default": "hunter2", "description": "of the database"}},
            {"db_password": {"default": REDACTED, "description": "of the database"}},
        ),
        (
            ("variables", "db_password"),
            "targets",
            {"value": {"user": "root", "all": ["a", {"b": "c"}]}, "type": "complex"},
            {"value": {"user": REDACTED, "all": [REDACTED, {"b": REDACTED}]}, "type": "complex"},
        ),
        (("url",), "App", "postgres://root:hunter2@db/shop", f"postgres://root:{REDACTED}@db/shop"),
        (("note",), "App", f"Bearer {JWT}", f"Bearer {REDACTED}"),
        (("cert",), "ConfigMap", PEM, REDACTED),
    ],
)
def test_secret_values_are_replaced(path: KeyPath, kind: str, value: Value, shown: Value) -> None:
    assert redact_value(path, kind, value) == shown


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "password"), "${var.password}"),
        (("spec", "password"), "{{secrets/scope/key}}"),
        (("spec", "password"), None),
        (("spec", "automountServiceAccountToken"), True),
        (("spec", "max_tokens"), 4096),
        (("spec", "token"), ""),
        (("variables", "db_password", "default"), "${var.other}"),
        (("variables", "db_password", "description"), "of the database"),
        (("variables", "region", "default"), "eu-west-1"),
        (("password",), {"secretKeyRef": {"name": "db", "key": "main"}}),
        ((), {"spec": {"replicas": 2, "args": ["--port", "80"]}}),
    ],
)
def test_open_values_come_back_as_the_same_object(path: KeyPath, value: Value) -> None:
    assert redact_value(path, "App", value) is value


def test_absent_stays_absent() -> None:
    assert redact_value(("spec", "password"), "App", MISSING) is MISSING


def test_the_input_is_not_mutated() -> None:
    value: dict[str, Value] = {"spec": {"password": "hunter2"}}
    redact_value((), "App", value)
    assert value == {"spec": {"password": "hunter2"}}


def test_kubectl_copy_of_an_object_is_hidden() -> None:
    value: dict[str, Value] = {
        "kubectl.kubernetes.io/last-applied-configuration": '{"data": {"user": "cm9vdA=="}}'
    }
    assert redact_value(("metadata", "annotations"), "Secret", value) == {next(iter(value)): REDACTED}


@pytest.mark.parametrize(
    "token",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a" * 36,
        "dapi" + "0" * 32,
        "glpat-" + "x" * 20,
        "xoxb-1234567890-abc",
        JWT,
        PEM,
    ],
)
def test_tokens_are_recognised_by_their_form(token: str) -> None:
    assert redact_text(f"before {token} after") == f"before {REDACTED} after"
    assert redact_text("x" * 1000 + f" {token}").endswith(f" {REDACTED}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Server=db;User=root;Password=hunter2;Port=1", f"Server=db;User=root;Password={REDACTED};Port=1"),
        ("AccountName=a;AccountKey=abc==;x", f"AccountName=a;AccountKey={REDACTED};x"),
        ("https://x.example/a?sv=1&sig=abc%3D&se=2", f"https://x.example/a?sv=1&sig={REDACTED}&se=2"),
        ("DB_PASSWORD=a API_KEY=b run", f"DB_PASSWORD={REDACTED} API_KEY={REDACTED} run"),
        ("deploy --token hunter2 --to prod", f"deploy --token {REDACTED} --to prod"),
        ("login --db-password 'a b' now", f"login --db-password {REDACTED} now"),
        ("deploy --token $TOKEN", "deploy --token $TOKEN"),
        ("deploy --token ${{ secrets.TOKEN }}", "deploy --token ${{ secrets.TOKEN }}"),
        ("deploy --token-ttl 5m --secret-name web", "deploy --token-ttl 5m --secret-name web"),
        ("DB_PASSWORD=${DB_PASSWORD} run", "DB_PASSWORD=${DB_PASSWORD} run"),
        ("if password==other: key=value", "if password==other: key=value"),
        ("======== max_tokens=100", "======== max_tokens=100"),
    ],
)
def test_assigned_secrets_are_replaced(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  password: hunter2", f"  password: {REDACTED}"),
        ("  password: hunter2, and more", f"  password: {REDACTED}"),
        ('- {name: x, password: "a \\" b", size: 1}', f"- {{name: x, password: {REDACTED}, size: 1}}"),
        ("- {password: a, size: 1}", f"- {{password: {REDACTED}, size: 1}}"),
        ('"client_secret": "abc",', f'"client_secret": {REDACTED},'),
        ("  db_password: {default: hunter2}", f"  db_password: {{default: {REDACTED}}}"),
        (
            "{db_password: {default: {a: [b, c], d: e}, type: complex}, region: {default: eu}}",
            f"{{db_password: {{default: {REDACTED}, type: complex}}, region: {{default: eu}}}}",
        ),
        ("{tokens: x, token: [a, 'b]', c], size: 1}", f"{{tokens: x, token: {REDACTED}, size: 1}}"),
        ('"db_password": {"default": "a } b"}', f'"db_password": {{"default": {REDACTED}}}'),
        ("  db_password: {default: hunter2,", f"  db_password: {{default: {REDACTED},"),
        ("  password: {secretKeyRef: {name: db}}", "  password: {secretKeyRef: {name: db}}"),
        ("  db_password: {default: '${var.other}'}", "  db_password: {default: '${var.other}'}"),
        ("export API_KEY=abc", f"export API_KEY={REDACTED}"),
        ("spark.hadoop.fs.s3a.secret.key = abc", f"spark.hadoop.fs.s3a.secret.key = {REDACTED}"),
        ("  MIIEpAIBAAKCAQEA1c7+9z5Pad7OejecsQ0buK7rAHLXVdVNkSBYtvZ3", REDACTED),
        ("  token: ${var.token}", "  token: ${var.token}"),
        ("  image: registry.example/web:1.4.2", "  image: registry.example/web:1.4.2"),
    ],
)
def test_quoted_lines_hide_what_secret_keys_hold(line: str, shown: str) -> None:
    assert redact_line(line) == shown


def test_no_value_of_a_secret_is_quoted() -> None:
    assert redact_line("  user: cm9vdA==", "Secret") == f"  user: {REDACTED}"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("    default: hunter2", f"    default: {REDACTED}"),
        ("    default: [hunter2, other]", f"    default: {REDACTED}"),
        ("  - hunter2", REDACTED),
        ("  db_password:", "  db_password:"),
        ("  url: ${var.db_password}", "  url: ${var.db_password}"),
    ],
)
def test_a_line_known_to_hold_a_secret_shows_keys_only(line: str, shown: str) -> None:
    assert redact_line(line, secret=True) == shown


@pytest.mark.parametrize(
    "line",
    [
        "ALTER TABLE a.b.c SET TBLPROPERTIES ('api_key'='hunter2', 'owner'='x')",
        "CREATE CONNECTION pg TYPE postgresql OPTIONS (host 'h', password 'hunter2')",
        "OPTIONS (password  'hunter2''s')",
    ],
)
def test_options_of_sql_are_hidden_in_its_lines(line: str) -> None:
    shown = redact_line(line)
    assert "hunter2" not in shown
    assert "hunter2" in redact_line("COMMENT ON TABLE a IS 'hunter2'")
