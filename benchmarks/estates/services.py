"""Services in a catalog, with manifests of some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.writing import Estate


def service_estate(root: Path, services: int) -> Path:
    """`services` services, at least 100, with five dependencies each, in systems of fifty, every one in a catalog
    file of its own. The last commit edits the manifests of 50 services, the same ones whatever the size."""
    with Estate(root, checkout=False) as estate:
        estate.commit("base", _base(services))
        estate.commit("fifty files", (_manifest(number, 2) for number in range(0, 100, 2)))
    return root


def _base(services: int) -> Iterator[tuple[str, str]]:
    for number in range(services):
        system, place = divmod(number, 50)
        needed = sorted({system * 50 + min(49, place + step) for step in (1, 2, 3, 5, 8)} - {number})
        names = ", ".join(f'"component:service-{other:05}"' for other in needed)
        text = _COMPONENT.format(number=number, tier=1 + number % 4, needed=names)
        yield f"services/service-{number:05}/catalog-info.yaml", text
    for number in range(0, 100, 2):
        yield _manifest(number, 3)


def _manifest(number: int, replicas: int) -> tuple[str, str]:
    path = f"services/service-{number:05}/prod/deployment.yaml"
    return path, _LABELLED.format(number=number, replicas=replicas)


_COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: service-{number:05}, labels: {{example.org/tier: tier-{tier}}}}}
spec: {{type: service, owner: team-shop, lifecycle: production, dependsOn: [{needed}]}}
"""

_LABELLED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: service-{number:05}, namespace: shop, labels: {{app.kubernetes.io/part-of: service-{number:05}}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: service-{number:05}}}}}
  template:
    metadata: {{labels: {{app: service-{number:05}}}}}
    spec:
      containers: [{{name: app, image: "registry.example/app:1.2.3"}}]
"""
