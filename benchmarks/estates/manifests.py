"""Kubernetes: overlays of kustomize, files of many documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.writing import Estate

STAGES = ("development", "staging", "production")
FILES_OF_A_COMPONENT = 8


def overlay_estate(root: Path, components: int = 200) -> Path:
    """`components` kustomize components with a base and three overlays; the last commit edits five overlays."""
    with Estate(root) as estate:
        estate.commit("base", overlays(components))
        estate.commit("five files", (patch(number, "staging", 4) for number in range(5)))
    return root


def overlays(components: int) -> Iterator[tuple[str, str]]:
    """The eight files of each component."""
    for number in range(components):
        folder = f"components/c{number:03}"
        yield f"{folder}/base/kustomization.yaml", "resources: [deployment.yaml]\n"
        yield deployment(number, version=3)
        for stage in STAGES:
            yield f"{folder}/{stage}/kustomization.yaml", _OVERLAY
            yield patch(number, stage, 3)


def patch(number: int, stage: str, replicas: int) -> tuple[str, str]:
    """The file of a component that sets what a stage has of its own."""
    return f"components/c{number:03}/{stage}/patch.yaml", _PATCH.format(number=number, replicas=replicas)


def deployment(number: int, version: int) -> tuple[str, str]:
    """What all stages of a component share. version: last part of that of its image."""
    path = f"components/c{number:03}/base/deployment.yaml"
    return path, _DEPLOYMENT.format(number=number, version=version)


def large_file_estate(root: Path, documents: int) -> Path:
    """One file of `documents` documents: Services and Deployments in turn, the latter with settings of another
    file; the last commit edits all of the Deployments."""
    before = "---\n".join(_SERVED.format(number=number, replicas=3) for number in range(documents // 2))
    settings = "---\n".join(_SETTINGS.format(number=number) for number in range(9))
    with Estate(root) as estate:
        estate.commit("base", [("prod/all.yaml", before), ("prod/settings.yaml", settings)])
        estate.commit("all of them", [("prod/all.yaml", before.replace("replicas: 3", "replicas: 2"))])
    return root


_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{number}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: app-{number}}}}}
  template:
    metadata: {{labels: {{app: app-{number}}}}}
    spec:
      containers: [{{name: app, image: "registry.example/app:1.2.{version}"}}]
"""

_OVERLAY = "resources: [../base]\npatches: [{path: patch.yaml}]\n"

_PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{number}, namespace: shop}}
spec: {{replicas: {replicas}}}
"""

_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings-{number}, namespace: shop}}
data: {{level: info}}
"""

_SERVED = """\
apiVersion: v1
kind: Service
metadata: {{name: web-{number}, namespace: shop}}
spec: {{selector: {{app: web-{number}}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.2
          envFrom: [{{configMapRef: {{name: settings-1}}}}]
"""
