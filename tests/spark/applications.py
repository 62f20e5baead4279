"""Spark settings out of a few lines of YAML."""

from __future__ import annotations

from riskcheck.documents.yaml import parse
from riskcheck.nodes import Mapping, Source
from riskcheck.spark.operator import application
from riskcheck.spark.settings import Settings


def mapping(text: str) -> Mapping:
    root, _ = parse(text, Source("app.yaml", "head"), "yaml")
    assert isinstance(root, Mapping)
    return root


def settings(spec: str, kind: str = "SparkApplication") -> Settings:
    """The settings of an application with this flow mapping as its spec."""
    text = f"spec: {{template: {spec}}}" if kind.startswith("Scheduled") else f"spec: {spec}"
    found = application(kind, mapping(text), "yaml-1.1")
    assert found is not None
    return found
