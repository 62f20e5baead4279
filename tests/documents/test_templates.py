from __future__ import annotations

import pytest

from riskcheck.documents.store import Document, DocumentStore
from tests.support import MemoryTree


def _document(text: str, path: str = "a.yaml") -> Document:
    return DocumentStore(MemoryTree({path: text})).get(path)


@pytest.mark.parametrize(
    ("text", "syntax", "line"),
    [
        ("a: {{ .Values.x }}\n", "go-template", 1),
        ("a: 1\n{{- if .Values.on }}\nb: 2\n{{- end }}\n", "go-template", 2),
        ("metadata:\n  labels:\n    {{- include 'x' . | nindent 4 }}\n", "go-template", 3),
        ("a: 1\n---\nb: {{ $x }}\n", "go-template", 3),
        ("a: {{ name }}\n", "jinja", 1),
        ("{% if x %}\na: 1\n{% endif %}\n", "jinja", 1),
        ("a: {{ lookup('env', 'X') }}\n", "jinja", 1),
        ("hosts:\n<% hosts.each do |h| %>\n- x: %>\n", "erb", 2),
        ("a: 1\n${BLOCK}\nb: 2\n", "shell", 2),
    ],
)
def test_text_that_a_template_keeps_from_parsing_is_recognised(text: str, syntax: str, line: int) -> None:
    document = _document(text)
    assert document.error is not None
    assert document.template is not None
    assert (document.template.syntax, document.template.line) == (syntax, line)
    assert document.templated == syntax
    assert document.text == text


@pytest.mark.parametrize(
    "text",
    [
        "a: ${var.x}\nb: '{{ job.id }}'\nc: '{% x %}'\n",
        "# {{ comment }}\na: 1\n",
        "run: |\n  {{ workflow.name }}\n",
    ],
)
def test_references_in_ordinary_values_are_no_template(text: str) -> None:
    document = _document(text)
    assert document.error is None
    assert document.templated is None


@pytest.mark.parametrize(
    "text",
    [
        "a: ${var.x}\nb: 1\nc: d: e\n",
        'name: "{{workflow.name}}"\nb: 1\n\tc: 2\n',
        "a: [1, 2\nb: 3\n",
    ],
)
def test_a_mistake_elsewhere_in_the_text_is_not_blamed_on_a_reference(text: str) -> None:
    document = _document(text)
    assert document.error is not None
    assert document.templated is None


def test_other_formats_can_be_templates_too() -> None:
    assert _document('{"a": {{ .x }}}', "a.json").templated == "go-template"
    assert _document("a = {{ x }}\n", "a.toml").templated == "jinja"
    assert _document("{{ x }}", "a.txt").templated is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "password: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops:\n  mac: x\n"),
        ("a.yaml", "data: x\nsops:\n  mac: ENC[AES\n  version: 3.8.1\n"),
        ("a.json", '{"a": "x", "sops": {"mac": "y"}}'),
    ],
)
def test_sops_files_are_recognised_as_encrypted(path: str, text: str) -> None:
    assert _document(text, path).encrypted


@pytest.mark.parametrize("text", ["sops: true\n", "sops:\n  version: 3\n", "tool: sops\n", "a: 1\n"])
def test_speaking_of_sops_is_not_encryption(text: str) -> None:
    assert not _document(text).encrypted
