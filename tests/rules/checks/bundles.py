"""Bundle resources for tests of checks: a body as plain YAML, everything else as short as it can be."""

from __future__ import annotations

from riskcheck.documents.store import DocumentStore
from riskcheck.models import Environment, Resource
from riskcheck.nodes import Mapping
from tests.support import MemoryTree

PROD = Environment("prod", "prod")


def resource(kind: str, name: str, body: str, unit: str = ".") -> Resource:
    """A resource of target ``prod`` whose resolved body is the YAML `body`."""
    root = DocumentStore(MemoryTree({"body.yml": body})).get("body.yml").root
    assert isinstance(root, Mapping)
    return Resource("databricks", kind, name, PROD, unit, root, root, "databricks")
