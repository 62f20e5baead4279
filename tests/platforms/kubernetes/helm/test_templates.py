"""What templates say in their text."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.platforms.kubernetes.helm.templates import Manifest, kinds_of_helpers, read

TEMPLATE = dedent(
    """\
    {{- if .Values.ingress.enabled -}}
    {{- $port := .Values.service.port }}
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    spec:
      {{- with .Values.ingress }}
      class: {{ .className | quote }}
      release: {{ .Release.Name }}
      {{- end }}
      port: {{ $port }}
      odd: {{ index .Values "a-b" "c" }}
      {{- toYaml .Values.resources | nindent 4 }}
      {{- range $.Values.hosts }}
      - {{ .name }}
      {{- end }}
      {{/* .Values.comment */}}
    ---
    kind: {{ .Values.kind }}
    labels: {{ include "web.labels" . }}
    {{- end }}
    """
)


def test_values_that_are_read_with_line_and_kind() -> None:
    found = {(".".join(one.path), one.line, one.kind) for one in read(TEMPLATE).reads}
    assert found == {
        ("ingress.enabled", 1, "Ingress"),
        ("service.port", 2, "Ingress"),
        ("ingress", 6, "Ingress"),
        ("ingress.className", 7, "Ingress"),
        ("service.port", 10, "Ingress"),
        ("a-b.c", 11, "Ingress"),
        ("resources", 12, "Ingress"),
        ("hosts", 13, "Ingress"),
        ("kind", 18, ""),
    }


def test_documents_of_a_template() -> None:
    assert read(TEMPLATE).manifests == (
        Manifest("Ingress", "networking.k8s.io/v1", 1, 16),
        Manifest("", "", 17, 21),
    )


def test_a_named_template_belongs_to_the_objects_that_take_it_in() -> None:
    helpers = read(
        '{{- define "web.image" -}}\n{{ .Values.image.tag }}\n{{- end }}\nx: {{ .Values.other }}\n'
    )
    user = read('kind: Deployment\nimage: {{ include "web.image" . }}\n')
    assert [(one.path, one.helper) for one in helpers.reads] == [
        (("image", "tag"), "web.image"),
        (("other",), ""),
    ]
    assert kinds_of_helpers([helpers, user]) == {"web.image": ("Deployment",)}


def test_broken_templates_say_what_they_say() -> None:
    assert [one.path for one in read("{{ .Values.a }} {{ end }} {{ .Values.b").reads] == [("a",)]
    assert read("{{" * 1000).reads == ()
    assert read("x" * 500_000).manifests == ()


@given(st.text(alphabet='{}-.$Values"abendifwith()|:= \n', max_size=300))
def test_it_never_raises(text: str) -> None:
    read(text)
