"""Kubernetes objects per environment: manifests and kustomize overlays, deployed by Flux, Argo CD or by hand."""

from __future__ import annotations

from riskcheck.platforms.kubernetes.platform import Kubernetes

PLATFORM = Kubernetes()
