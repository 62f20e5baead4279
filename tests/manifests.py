"""Small configurations that several tests start from."""

from __future__ import annotations

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1.4.2"}]}
"""

VOLUME = """\
bundle: {name: lake}
resources:
  volumes:
    landing:
      name: landing
      catalog_name: main
      schema_name: raw
      lifecycle: {prevent_destroy: true}
targets:
  prod: {mode: production, workspace: {host: "https://prod.example"}}
"""

CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"
