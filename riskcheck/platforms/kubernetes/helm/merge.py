"""Values over values, in Helm's order. Nodes are shared: every value keeps the place that it was written at.

Facts: https://helm.sh/docs/chart_template_guide/values_files/ (null deletes a default key),
https://github.com/helm/helm/blob/v3.16.0/pkg/chartutil/coalesce.go and
https://github.com/helm/helm/blob/v3.16.0/pkg/cli/values/options.go (files come before the chart's own values).
"""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, escape_key
from riskcheck.platforms.kubernetes.edit import is_null

MOST_DEPTH: Final = 150
"""Nesting up to which values are merged; documents are capped near it."""


def over(upper: Mapping, lower: Mapping, depth: int = 0) -> Mapping:
    """`upper` over `lower`, as a later values file over an earlier one: mappings are merged, all else is replaced,
    and a null stays, to delete what the chart has there."""
    if not upper.entries:
        return lower
    if not lower.entries or depth > MOST_DEPTH:
        return upper
    entries: list[tuple[Scalar, Node]] = []
    stated = {key.raw: (key, node) for key, node in upper.entries}
    for key, below in lower.entries:
        name, above = stated.get(key.raw, (key, None))
        if above is None:
            entries.append((key, below))
        elif isinstance(above, Mapping) and isinstance(below, Mapping):
            entries.append((name, over(above, below, depth + 1)))
        else:
            entries.append((name, above))
    known = lower.index
    entries.extend(entry for entry in upper.entries if entry[0].raw not in known)
    return upper.with_entries(entries)


def over_defaults(
    values: Mapping, defaults: Mapping, deleted: dict[KeyPath, Scalar], path: KeyPath = ()
) -> Mapping:
    """`values` over the defaults of a chart. A null deletes the default and is gone itself; it is noted in
    `deleted`, by the path of what it deleted. A null that meets no default stays."""
    if not defaults.entries or len(path) > MOST_DEPTH:
        return values
    stated = {key.raw: (key, node) for key, node in values.entries}
    entries: list[tuple[Scalar, Node]] = []
    for key, default in defaults.entries:
        name, above = stated.get(key.raw, (key, None))
        below = (*path, escape_key(key.raw))
        if above is None:
            entries.append((key, default))
        elif is_null(above):
            if not is_null(default):
                deleted[below] = name
        elif isinstance(above, Mapping) and isinstance(default, Mapping):
            entries.append((name, over_defaults(above, default, deleted, below)))
        else:
            entries.append((name, above))
    known = defaults.index
    entries.extend(entry for entry in values.entries if entry[0].raw not in known)
    return (values if values.entries else defaults).with_entries(entries)
