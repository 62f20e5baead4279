"""A tree of five files of some 62 KB each, as operators vendor what a release of a product consists of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.manifests import overlays
from benchmarks.estates.writing import Estate

CLUSTERS = ("development", "staging/base", "staging/one", "staging/two", "staging/three")
ROLES, SERVERS, SETTINGS = 34, 8, 8
"""Of each, how many documents a file has; with these it comes to 62 KB in 59 documents."""


def large_commit_estate(root: Path, components: int = 200) -> Path:
    """Five files of 312 KB in all among `components` small ones; the last commit changes one line in each: the
    digest of an image."""
    with Estate(root) as estate:
        estate.commit("base", _base(components))
        estate.commit("five large files", (_deployed(cluster, "b") for cluster in CLUSTERS))
    return root


def _base(components: int) -> Iterator[tuple[str, str]]:
    yield from overlays(components)
    for cluster in CLUSTERS:
        yield f"components/pipelines/{cluster}/kustomization.yaml", "resources: [deploy.yaml]\n"
        yield _deployed(cluster, "a")


def _deployed(cluster: str, digit: str) -> tuple[str, str]:
    return f"components/pipelines/{cluster}/deploy.yaml", deployed(digit)


def deployed(digit: str, prefix: str = "") -> str:
    """One file. digit: what the digest of its image consists of. prefix: of the names of its objects."""
    names = [f"{prefix}{number}" for number in range(max(ROLES, SERVERS, SETTINGS))]
    documents = [_ROLE.format(number=name, rules=_RULE * 9) for name in names[:ROLES]]
    documents += [_SERVER.format(number=name) for name in names[:SERVERS]]
    documents += [_SCRIPT.format(number=name, lines=_LINE * 20) for name in names[:SETTINGS]]
    documents += [_SOURCE.format(digest=digit * 64)]
    return "---\n".join(documents)


_RULE = """\
  - apiGroups:
      - pipelines.example.org
    resources:
      - runs
      - runs/status
    verbs: [get, list, watch]
"""
_ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: pipelines-reader-{number}
  labels:
    app.kubernetes.io/part-of: pipelines
rules:
{rules}"""
_SERVER = """\
apiVersion: v1
kind: Service
metadata:
  name: server-{number}
  namespace: pipelines
spec:
  selector: {{app: server-{number}}}
  ports:
    - port: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server-{number}
  namespace: pipelines
spec:
  replicas: 2
  selector:
    matchLabels: {{app: server-{number}}}
  template:
    metadata:
      labels: {{app: server-{number}}}
    spec:
      serviceAccountName: server
      containers:
        - name: server
          image: registry.example.com/server:1.{number}
          args: ["--listen", ":8080", "--level", "info"]
          env:
            - name: POD_NAMESPACE
              valueFrom: {{fieldRef: {{fieldPath: metadata.namespace}}}}
          readinessProbe:
            httpGet: {{path: /ready, port: 8080}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
"""
_LINE = "    if [ -z \"$TARGET\" ]; then echo 'no target was given' >&2; exit 1; fi\n"
_SCRIPT = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: script-{number}
  namespace: pipelines
data:
  run.sh: |
{lines}"""
_SOURCE = """\
apiVersion: operators.coreos.com/v1alpha1
kind: CatalogSource
metadata:
  name: custom-operators
  namespace: marketplace
spec:
  displayName: custom-operators
  image: registry.example.com/pipelines-index@sha256:{digest}
  sourceType: grpc
"""
