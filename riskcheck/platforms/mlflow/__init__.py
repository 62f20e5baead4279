"""Packaged MLflow models: ``MLmodel`` files and the feature specifications that lie beside them."""

from __future__ import annotations

from riskcheck.platforms.mlflow.platform import Mlflow

PLATFORM = Mlflow()
