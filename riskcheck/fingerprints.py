"""What makes two findings the same finding, on another day and another line."""

from __future__ import annotations

from hashlib import sha256

from riskcheck.models import changed_value
from riskcheck.nodes import MISSING, KeyPath, MaybeValue, render_path


def fingerprint(rule: str, resource: str, path: KeyPath, before: MaybeValue, after: MaybeValue) -> str:
    """16 hex digits over rule, resource address, key path and the values before and after.

    Never a line, a file name or a secret: values are redacted before they get here.
    """
    import json

    parts = [rule, resource, render_path(path), *(_normal(value) for value in (before, after))]
    return sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _normal(value: MaybeValue) -> str:
    import json

    return "absent" if value is MISSING else json.dumps(changed_value(value), sort_keys=True, default=str)
