"""Manifests that no cluster would take: said with their line, never a crash, never a secret."""

from __future__ import annotations

import json as json_module
import time
from pathlib import Path
from textwrap import dedent

import pytest

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.report import json, text
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions
from riskcheck.results import Report
from riskcheck.rules.testing import suite_of

RULES = suite_of([Path(data_dir("rules")) / "kubernetes", Path(data_dir("rules")) / "governance"]).everything
SOUND = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sound, namespace: shop}\ndata: {a: b}\n"
PATH = "clusters/prod/x.yaml"


def judged(base: str | bytes, head: str | bytes, path: str = PATH) -> Report:
    old, new = ({path: one if isinstance(one, bytes) else dedent(one).encode()} for one in (base, head))
    return analyze_trees(old, new, RULES, now=NOW)


def said(report: Report) -> list[tuple[str, int | None, str]]:
    return [(one.kind, one.line, one.message) for one in report.limitations]


DOUBLING = "".join(f"b{number}: &b{number} [*b{number - 1}, *b{number - 1}]\n" for number in range(1, 40))
NESTED_LISTS = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: List
    items:
      - {apiVersion: v1, kind: Secret, metadata: {name: {}}}
"""
GO_TEMPLATE = "apiVersion: v1\nkind: Secret\ndata:\n  {{- range .Values.a }}\n  b: c\n  {{- end }}\n"
JINJA = "apiVersion: v1\nkind: Secret\n{% if a %}\ndata: {}\n{% endif %}\n"
NO_METADATA = "apiVersion: v1\nkind: ConfigMap\nmetadata: [a]\n"


@pytest.mark.parametrize(
    ("head", "kind", "line", "words"),
    [
        (f"{SOUND}---\na: [\n", "parse-error", 7, ""),
        (GO_TEMPLATE, "unresolved-template", 4, "go-template templates are not evaluated"),
        (JINJA, "unresolved-template", 3, "templates are not evaluated"),
        (f"b0: &b0 [x, x]\n{DOUBLING}{SOUND}", "parse-error", None, ""),
        ("a: " + "[" * 1000 + "\n" + SOUND, "parse-error", 1, "nested"),
        (NO_METADATA, "invalid", 3, "ConfigMap without a usable metadata.name"),
        (NESTED_LISTS, "invalid", 7, "Secret without a usable metadata.name"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(
    head: str, kind: str, line: int | None, words: str
) -> None:
    found = [one for one in said(judged(SOUND, head)) if one[0] == kind]
    assert found, said(judged(SOUND, head))
    assert words in found[0][2]
    if line is not None:
        assert found[0][1] == line


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xfea\x00p\x00i\x00" + SOUND.encode(),
        b"\x00\x01\x02" + SOUND.encode(),
        SOUND.encode() + b"# \xe9\n",
    ],
)
def test_what_is_no_text_is_said(head: bytes) -> None:
    report = judged(SOUND, head)
    assert [one.path for one in report.limitations] == [PATH]


def test_of_duplicate_keys_the_last_counts() -> None:
    twice = "spec: {size: 1, size: %s}\n"
    base, head = (
        "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n" + twice % size for size in (4, 4)
    )
    assert not judged(base, head.replace("size: 1", "size: 2")).changed
    assert judged(base, head.replace("size: 4", "size: 5")).changed


def test_five_thousand_documents_take_time_in_proportion() -> None:
    def document(number: int, value: str) -> str:
        return SOUND.replace("sound", f"c{number}").replace("a: b", f"a: {value}")

    def seconds(count: int) -> float:
        base = "---\n".join(document(number, "b") for number in range(count))
        head = base.replace("name: c7,", "name: d7,")
        start = time.process_time()
        report = judged(base, head)
        assert report.files_read == 1
        return time.process_time() - start

    seconds(10)
    small, large = seconds(500), seconds(5_000)
    assert large < 40 * small, (small, large)


CIPHERTEXT = {
    "sops": """\
        apiVersion: v1
        kind: Secret
        metadata: {name: db, namespace: shop}
        stringData:
          password: ENC[AES256_GCM,data:%s,iv:abc=,tag:def=,type:str]
        sops: {mac: "ENC[AES256_GCM,data:%s]", version: 3.9.0}
        """,
    "sealed": """\
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata: {name: db, namespace: shop}
        spec: {encryptedData: {password: %s%s}}
        """,
    "plain": """\
        apiVersion: v1
        kind: Secret
        metadata: {name: db, namespace: shop}
        stringData: {password: %s, address: "postgres://shop:%s@db/shop"}
        """,
    "list": """\
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: Secret
            metadata: {name: db, namespace: shop}
            stringData: {password: %s, address: "postgres://shop:%s@db/shop"}
        """,
    "sync set": """\
        apiVersion: hive.openshift.io/v1
        kind: SelectorSyncSet
        metadata: {name: db}
        spec:
          resources:
            - apiVersion: v1
              kind: Secret
              metadata: {name: db, namespace: shop}
              stringData: {password: %s, address: "postgres://shop:%s@db/shop"}
        """,
    "template": """\
        apiVersion: v1
        kind: Template
        metadata: {name: db}
        parameters: [{name: DB_PASSWORD, value: %s%s}]
        objects:
          - apiVersion: v1
            kind: Secret
            metadata: {name: db, namespace: shop}
            stringData: {password: "${DB_PASSWORD}"}
        """,
}
READER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "registry.example/web:1.0", envFrom: [{secretRef: {name: db}}]}
"""


@pytest.mark.parametrize("form", CIPHERTEXT)
def test_secrets_are_compared_by_key_and_never_shown(form: str) -> None:
    values = ("hunter2QqZz81", "swordfishXx99")
    before, after = (f"{dedent(CIPHERTEXT[form] % (value, value))}---\n{READER}".encode() for value in values)
    gone = after.replace(b"password", b"passphrase")
    for head in (after, gone):
        report = judged(before, head)
        shown = json.render(report) + text.render(report, Style(), TextOptions(explain=True, width=10_000))
        json_module.loads(json.render(report))
        for value in values:
            assert value not in shown


def test_generated_names_are_no_reason_to_stop() -> None:
    base = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: import-}\nspec: {template: {}}\n"
    report = judged(base, base.replace("{}", "{spec: {restartPolicy: Never}}"))
    assert not [one for one in report.limitations if one.failed]


def test_a_custom_resource_that_nobody_defines_is_compared() -> None:
    base = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 1}\n"
    report = judged(base, base.replace("size: 1", "size: 2"))
    assert [one.resource for one in report.changed] == ["kubernetes:Widget.a"]
