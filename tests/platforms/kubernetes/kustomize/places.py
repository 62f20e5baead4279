"""Overlays around the places that transformers look at: variables, configurations, definitions. As `overlays`."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

from tests.platforms.kubernetes.kustomize.overlays import overlay

_OBJECTS: Final = """\
    apiVersion: v1
    kind: Secret
    metadata: {name: keys}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    ---
    apiVersion: example.com/v1
    kind: Widget
    metadata: {name: widget}
    spec:
      secretName: keys
      beeRef: {name: bee}
      labelled: {a: b}
    ---
    apiVersion: example.com/v1
    kind: Bee
    metadata: {name: bee}
    """


def _files(**files: str) -> dict[str, str]:
    """``__`` in a name is a dot, ``___`` a slash. The objects are in ``base`` where that has a kustomization."""
    home = "base" if "base___kustomization__yaml" in files else "prod"
    return {
        name.replace("___", "/").replace("__", "."): dedent(content)
        for name, content in {f"{home}___all__yaml": _OBJECTS, **files}.items()
    }


PLACES: Final[dict[str, dict[str, str]]] = {
    "variables": overlay(
        """\
        namePrefix: eu-
        vars:
          - name: SERVICE
            objref: {kind: Service, name: web, apiVersion: v1}
          - name: REPLICAS
            objref: {kind: Deployment, name: web, apiVersion: apps/v1}
            fieldref: {fieldpath: spec.replicas}
          - name: IMAGE
            objref: {kind: Deployment, name: web, group: apps, version: v1}
            fieldref: {fieldPath: "spec.template.spec.containers[0].image"}
        commonAnnotations:
          whole: $(SERVICE)
          part: http://$(SERVICE).shop/$(NOBODY)/$x
        patches:
          - target: {kind: Deployment, name: web}
            patch: |
              - {op: add, path: /spec/template/spec/containers/0/command, value: [$(SERVICE), $(IMAGE), $$(IMAGE)]}
              - {op: replace, path: /spec/template/spec/containers/0/env/0/value, value: $(REPLICAS)}
        """
    ),
    "a variable of a generated name": overlay(
        """\
        configMapGenerator: [{name: flags, literals: [a=1]}]
        vars: [{name: FLAGS, objref: {kind: ConfigMap, name: flags, apiVersion: v1}}]
        commonLabels: {flags: $(FLAGS)}
        """
    ),
    "places of variables by configuration": _files(
        prod___kustomization__yaml="""\
            resources: [all.yaml]
            configurations: [places.yaml]
            nameSuffix: -v2
            vars: [{name: BEE, objref: {kind: Bee, name: bee, apiVersion: example.com/v1}}]
            patches: [{target: {kind: Widget}, patch: "- {op: add, path: /spec/note, value: for $(BEE)}"}]
            """,
        prod___places__yaml="varReference: [{kind: Widget, path: spec/note}]\n",
    ),
    "one kind's prefix by configuration": _files(
        prod___kustomization__yaml="""\
            resources: [all.yaml]
            configurations: [places.yaml]
            namePrefix: eu-
            nameSuffix: -v2
            """,
        prod___places__yaml="namePrefix: [{kind: Secret, path: metadata/name}]\n",
    ),
    "one kind's prefix above a base": _files(
        base___kustomization__yaml="resources: [all.yaml]\n",
        prod___kustomization__yaml="""\
            resources: [../base]
            configurations: [places.yaml]
            namePrefix: eu-
            """,
        prod___places__yaml="namePrefix: [{kind: Secret, path: metadata/name}]\n",
    ),
    "names in a custom kind by configuration": _files(
        prod___kustomization__yaml="""\
            resources: [all.yaml]
            configurations: [places.yaml, more.yaml]
            namePrefix: eu-
            commonLabels: {team: shop}
            """,
        prod___places__yaml="""\
            nameReference:
              - {kind: Secret, version: v1, fieldSpecs: [{kind: Widget, path: spec/secretName}]}
              - {kind: Bee, group: example.com, fieldSpecs: [{kind: Widget, path: spec/beeRef/name}]}
            """,
        prod___more__yaml="commonLabels: [{kind: Widget, path: spec/labelled, create: true}]\n",
    ),
    "definitions of custom kinds": _files(
        prod___kustomization__yaml="""\
            resources: [all.yaml]
            crds: [widget.json]
            namePrefix: eu-
            commonLabels: {team: shop}
            """,
        prod___widget__json="""\
            {"example.com/v1.Widget": {"Schema": {"properties": {
               "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
               "spec": {"$ref": "example.com/v1.WidgetSpec"}}}},
             "example.com/v1.WidgetSpec": {"Schema": {"properties": {
               "beeRef": {"type": "object", "x-kubernetes-object-ref-api-version": "v1",
                          "x-kubernetes-object-ref-kind": "Bee"},
               "labelled": {"type": "object", "x-kubernetes-label-selector": ""}}}}}
            """,
    ),
    "fields in any case": overlay(
        """\
        nameprefix: eu-
        Images: [{Name: registry.example/web, newtag: "2"}]
        commonlabels: {team: shop}
        """
    ),
    "notes about the build": overlay("sortOptions: {order: fifo}\n"),
    "values between the versions of YAML": {
        "prod/kustomization.yaml": dedent(
            """\
            resources: [a.yaml]
            nameSuffix: -v2
            configMapGenerator: [{name: b, behavior: merge, literals: [x=1]}]
            patches:
              - {target: {kind: Widget}, patch: "- {op: test, path: /spec/yes, value: 'yes'}"}
            """
        ),
        "prod/a.yaml": dedent(
            """\
            apiVersion: example.com/v1
            kind: Widget
            metadata: {name: a}
            spec: {yes: yes, on: on, n: n, octal: 012, time: 22:22, number: 1e3, flag: true}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: b}
            data: {a: yes}
            """
        ),
    },
    "selectors and templates of a label": overlay(
        """\
        labels:
          - pairs: {team: shop}
            includeTemplates: true
            fields: [{path: spec/size, kind: Widget}, {path: spec/extra, kind: Widget, create: true}]
          - pairs: {tier: web}
            includeSelectors: true
        """
    ),
}
