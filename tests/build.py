"""Short ways to make resources and changes from YAML text, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from riskcheck.changes.compare import compare
from riskcheck.documents.store import DocumentStore
from riskcheck.models import Change, Environment, Resource, Side
from riskcheck.nodes import Mapping, Reading
from tests.support import MemoryTree

PROD = Environment("prod", "prod")
STAGING = Environment("staging", "staging")
DEV = Environment("dev", "dev")


def body(text: str, side: Side = "head", path: str = "x.yaml") -> Mapping:
    """The first document of `text`, which must be a mapping."""
    root = DocumentStore(MemoryTree({path: text}, side=side, label=side)).get(path).root
    assert isinstance(root, Mapping)
    return root


def resource(
    text: str,
    side: Side = "head",
    environment: Environment = PROD,
    *,
    name: str = "web",
    kind: str = "Deployment",
    platform: str = "kubernetes",
    unit: str = "unit",
    identity: str = "",
    service: str | None = "web",
    reading: Reading = "yaml-1.1",
    path: str = "x.yaml",
) -> Resource:
    root = body(text, side, path)
    return Resource(
        platform, kind, name, environment, unit, root, root, reading, service=service, identity=identity
    )


def no_keys(field: str) -> Sequence[str]:
    return ()


def changes(
    before: str, after: str, *, keys: Sequence[str] = (), reading: Reading = "yaml-1.1"
) -> tuple[Change, ...]:
    """The changes of one resource whose body goes from `before` to `after`."""
    return compare(
        [resource(before, "base", reading=reading)],
        [resource(after, "head", reading=reading)],
        lambda _: lambda field: keys,
    )
