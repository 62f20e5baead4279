"""The variables of a bundle as one target sees them.

Precedence, as far as files tell: a lookup, then ``.databricks/bundle/<target>/variable-overrides.json``, then the
default, where a target's default drops the lookup of the definition and the other way round. ``--var`` and
``BUNDLE_VAR_*`` are known to the deployment only.
https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/set_variables.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.databricks.build import entry, is_null, mapping
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.platforms.databricks.limits import Limits


class Variable(NamedTuple):
    """One variable. key: where it is defined. value: None where only the deployment knows it.

    lookup: the name (and under which type) whose id the deployment asks the workspace for.
    """

    key: Scalar
    settings: Mapping | None
    value: Node | None
    lookup: tuple[str, Scalar] | None


_FULL = frozenset(
    frozenset(words.split())
    for words in (
        "default type description",
        "default type",
        "default description",
        "lookup description",
        "default",
        "lookup",
    )
)
"""Key sets that make an override in a target the full form; any other mapping is itself the value
(https://github.com/databricks/cli/blob/7bbe285213/bundle/config/root.go, allowedVariableDefinitions)."""


def spelled_out(config: Mapping, section: str = "targets") -> Mapping:
    """`config` of one file with ``targets.*.variables.x: value`` written as ``x: {default: value}``."""
    targets = config.get(section)
    if not isinstance(targets, Mapping):
        return config
    entries = [(name, _target_spelled_out(target)) for name, target in targets.entries]
    if all(one is other for (_, one), (_, other) in zip(entries, targets.entries, strict=True)):
        return config
    return config.with_entries(
        [(key, targets.with_entries(entries) if key.raw == section else node) for key, node in config.entries]
    )


def _target_spelled_out(target: Node) -> Node:
    if not isinstance(target, Mapping):
        return target
    variables = target.get("variables")
    if not isinstance(variables, Mapping):
        return target
    changed = variables.with_entries([(name, _full(value)) for name, value in variables.entries])
    return target.with_entries(
        [(key, changed if key.raw == "variables" else node) for key, node in target.entries]
    )


def _full(value: Node) -> Node:
    if is_null(value) or (isinstance(value, Mapping) and frozenset(value.index) in _FULL):
        return value
    return mapping([entry("default", value)], value)


def variables_of(
    config: Mapping, target: Mapping | None, overrides: Mapping | None, limits: Limits
) -> dict[str, Variable]:
    """All variables of the merged `config` for `target`; `overrides` is the overrides file of that target."""
    defined = config.get("variables")
    overriding = target.get("variables") if target is not None else None
    found: dict[str, Variable] = {}
    entries = list(defined.entries) if isinstance(defined, Mapping) else []
    if isinstance(overriding, Mapping):
        known = {key.raw for key, _ in entries}
        for key, node in overriding.entries:
            if key.raw not in known:
                limits.at(
                    key, "undefined-variable", f"variable '{key.raw}' is set for a target but defined nowhere"
                )
                entries.append((key, node))
    for key, node in entries:
        if not (isinstance(node, Mapping) or is_null(node)):
            limits.at(
                key, "invalid-variable", f"variable '{key.raw}' is not a mapping with a default or lookup"
            )
            continue
        override = overriding.get(key.raw) if isinstance(overriding, Mapping) else None
        file_value = overrides.get(key.raw) if overrides is not None else None
        found[key.raw] = _variable(
            key,
            node if isinstance(node, Mapping) else None,
            override if isinstance(override, Mapping) else None,
            file_value,
        )
        if found[key.raw].lookup is not None:
            limits.at(
                key,
                "lookup-variable",
                f"variable '{key.raw}' is looked up in the workspace by the deployment: its value is unknown here",
            )
    return found


def _variable(
    key: Scalar, settings: Mapping | None, override: Mapping | None, file_value: Node | None
) -> Variable:
    value = _stated(settings, "value")
    default, lookup = _stated(settings, "default"), _stated(settings, "lookup")
    if _has(override, "default"):
        default, lookup = _stated(override, "default"), None
    if _has(override, "lookup"):
        default, lookup = None, _stated(override, "lookup")
    if value is not None:
        return Variable(key, settings, value, None)
    named = _lookup(lookup)
    if named is not None:
        return Variable(key, settings, None, named)
    if file_value is not None and not is_null(file_value):
        return Variable(key, settings, file_value, None)
    return Variable(key, settings, default, None)


def _has(settings: Mapping | None, field: str) -> bool:
    return settings is not None and field in settings.index


def _stated(settings: Mapping | None, field: str) -> Node | None:
    node = settings.get(field) if settings is not None else None
    return None if node is None or is_null(node) else node


def _lookup(node: Node | None) -> tuple[str, Scalar] | None:
    if isinstance(node, Mapping):
        for key, name in node.entries:
            if isinstance(name, Scalar) and not is_null(name):
                return key.raw, name
    return None
