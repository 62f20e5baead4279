"""Rule files and resources that the tests of the rules package share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from riskcheck.changes.compare import compare
from riskcheck.documents.store import DocumentStore
from riskcheck.models import Change, Environment, Resource, Rule, Selector, Service
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.rules.context import Contexts
from riskcheck.rules.registry import find_check
from riskcheck.rules.selector import parse_path
from tests.support import MemoryTree

PROD = Environment("prod", "prod", region="eu")

RULE_TEXT = """\
id: size-reduced
code: TST-001
title: The size was reduced
severity: P2
escalate:
  - {when: after == 0, to: P0}
confidence: high
reversibility: reversible
category: platform
match:
  platform: kubernetes
  kind: [Deployment]
  path: spec.replicas
  change: modified
when: after < before
message: size goes from {before} to {after}
why: Less is less.
fix: Keep it.
evidence: {canary: [promoted], rollback: [revert]}
false_positives: [None that is known.]
references: [https://example.com/size]
since: "0.1"
"""

CASES_TEXT = """\
cases:
  - name: less
    base: &base
      clusters/prod/web.yaml: |
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: registry.example/web:1.4.2}]}
    edit:
      - {path: clusters/prod/web.yaml, old: "replicas: 3", new: "replicas: 2"}
    fires: ["clusters/prod/web.yaml:5"]
    severity: P2
    message: size goes from 3 to 2
  - name: more
    silent: more is no less
    base: *base
    edit:
      - {path: clusters/prod/web.yaml, old: "replicas: 3", new: "replicas: 4"}
"""


def rule(
    paths: Sequence[str] | None = None,
    *,
    platform: str | None = None,
    kinds: Sequence[str] = (),
    changes: Sequence[str] = (),
    **fields: object,
) -> Rule:
    """A rule with any selection; everything else has a default."""
    patterns = None if paths is None else tuple(pattern for path in paths for pattern in parse_path(path))
    values: dict[str, object] = {
        "id": "size-reduced",
        "code": "TST-001",
        "title": "The size was reduced",
        "pack": "test",
        "severity": "P2",
        "confidence": "high",
        "reversibility": "reversible",
        "category": "platform",
        "message": "size",
        "why": "Less is less.",
        "fix": "Keep it.",
        "source": "rules/test/size-reduced.yaml",
        **fields,
    }
    platforms = frozenset([platform] if platform else [])
    match = Selector(platforms, frozenset(kinds), patterns, frozenset(changes))  # type: ignore[arg-type]  # texts of a test
    return Rule(match=match, **values)  # type: ignore[arg-type]  # any fields, by name


def resource(
    text: str,
    *,
    side: str = "head",
    kind: str = "Deployment",
    name: str = "shop/web",
    environment: Environment = PROD,
    unit: str = "clusters/prod",
    service: str | None = None,
) -> Resource:
    """A Kubernetes object whose values are the YAML `text`, in the file ``web.yaml``."""
    tree = MemoryTree({"web.yaml": text}, "base" if side == "base" else "head")
    root = DocumentStore(tree).get("web.yaml").root
    assert isinstance(root, MappingNode)
    return Resource("kubernetes", kind, name, environment, unit, root, root, "yaml-1.1", service)


def natural_keys(_: Resource) -> Callable[[str], tuple[str, ...]]:
    """Every list is keyed by ``name``."""
    return lambda field: ("name",)


def changes_of(before: str | None, after: str | None, **fields: object) -> tuple[Change, ...]:
    """All changes of one object between two texts of it; None where it does not exist."""
    base = () if before is None else (resource(before, side="base", **fields),)  # type: ignore[arg-type]  # by name
    head = () if after is None else (resource(after, **fields),)  # type: ignore[arg-type]  # by name
    return compare(base, head, natural_keys)


def contexts(
    changes: Sequence[Change],
    *,
    services: Mapping[str, Service] | None = None,
    others: Sequence[Resource] = (),
    options: Mapping[str, Mapping[str, object]] | None = None,
) -> Contexts:
    """The contexts of a run that holds the resources of `changes`, and `others` in head."""
    base = {one.key: one for change in changes if (one := change.resource_before)}
    head = {one.key: one for change in changes if (one := change.resource_after)}
    head |= {one.key: one for one in others}
    return Contexts(
        base.values(),
        head.values(),
        changes,
        natural_keys,
        services=services,
        options=options,  # type: ignore[arg-type]  # plain values of a test
    )


def install(folder: Path, rule_text: str) -> None:
    """Installs into `folder`, an entry of `sys.path`, a distribution that ships the pack ``acme`` with one rule."""
    for module in ("acme_rules", "acme_rules.checks"):
        sys.modules.pop(module, None)
    find_check.cache_clear()
    info = folder / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = "[riskcheck.rules]\nacme = acme_rules\n[riskcheck.checks]\nacme = acme_rules.checks\n"
    (info / "entry_points.txt").write_text(points)
    pack = folder / "acme_rules"
    pack.mkdir()
    (pack / "__init__.py").write_text("")
    (pack / "checks.py").write_text(
        "from riskcheck.models import Match\n\n\n"
        "def shrunk(change, context):\n    if change.after < change.before:\n        yield Match()\n"
    )
    name = rule_text.partition("\n")[0].removeprefix("id: ")
    (pack / f"{name}.yaml").write_text(rule_text)
    (pack / f"{name}.test.yaml").write_text(CASES_TEXT)
