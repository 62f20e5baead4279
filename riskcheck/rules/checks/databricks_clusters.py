"""What a cluster is bound to: access mode, policy, pool, scripts, image, identity, and whether it is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.compute.clusters import Settings, cluster_name
from riskcheck.documents.scalars import plain_value, same
from riskcheck.models import Match
from riskcheck.nodes import Mapping, Scalar
from riskcheck.rules.checks.databricks_compute import Block, Reason, block_of, named
from riskcheck.rules.checks.databricks_values import entry, mapping_along, shown, speaks_for, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext

ALIASES: Final = {
    "USER_ISOLATION": "DATA_SECURITY_MODE_STANDARD",
    "SINGLE_USER": "DATA_SECURITY_MODE_DEDICATED",
}
"""Access modes under their former names
(https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json, compute.DataSecurityMode)."""

_TEXTS: Final[tuple[tuple[KeyPath, str], ...]] = (
    (("policy_id",), "cluster policy"),
    (("instance_pool_id",), "instance pool"),
    (("driver_instance_pool_id",), "instance pool of the driver"),
    (("docker_image", "url"), "image"),
    (("aws_attributes", "instance_profile_arn"), "instance profile"),
    (("gcp_attributes", "google_service_account"), "service account"),
)
"""Fields whose value may be shown, and what they name."""

MODE: Final[KeyPath] = ("data_security_mode",)
USER: Final[KeyPath] = ("single_user_name",)
SCRIPTS: Final[KeyPath] = ("init_scripts",)
VARIABLES: Final[KeyPath] = ("spark_env_vars",)


def binding_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A cluster that was there before is bound to something else, or a task to a cluster that it shares.

    Speaks once a cluster. Values: ``subject``, ``what``, ``unguarded`` (Unity Catalog no longer guards it).
    """
    if change.path and change.path[-1] == "existing_cluster_id":
        yield from _moved_to_shared(change, context)
        return
    block = block_of(change, context)
    if block is None or not block.is_cluster:
        return
    mode = _mode(block.old, block.new)
    named_variables = context.options.get("decisive_variables")
    decisive = {str(name) for name in named_variables} if isinstance(named_variables, list) else set()
    reasons = [
        *mode,
        *_texts(block.old, block.new),
        *_user(block.old, block.new),
        *_scripts(block.old, block.new),
        *_variables(block.old, block.new, decisive),
    ]
    fields = [
        place for one in reasons for field in one.fields for place in _places(change, context, block, field)
    ]
    if reasons and speaks_for(change, context, block.path, fields):
        yield Match(
            values={
                "subject": named(block.after, block.path),
                "what": "; ".join(one.what for one in reasons),
                "unguarded": bool(mode) and is_unguarded(block.new.text(*MODE)),
            }
        )


def _places(change: Change, context: CheckContext, block: Block, field: KeyPath) -> Iterator[KeyPath]:
    """Where inside of the block `field` changed: itself, or what is below it."""
    start = (*block.path, *field)
    below = [one.path for one in context.changes_of(change.resource) if one.path[: len(start)] == start]
    yield from (path[len(block.path) :] for path in below)
    if not below:
        yield field


def _moved_to_shared(change: Change, context: CheckContext) -> Iterator[Match]:
    """A task that had compute of its own, or another cluster, runs on an existing cluster."""
    before, after = change.resource_before, change.resource_after
    task = change.path[:-1]
    old = mapping_along(context, before, task)
    if before is None or after is None or old is None or change.after in ("", None):
        return
    if not isinstance(change.after, str) or change.before == change.after:
        return
    was = entry(old, "existing_cluster_id", before)
    what = f"runs on the existing cluster {change.after}, which it shares with whatever else runs there"
    if isinstance(was, str) and was:
        what = f"runs on another existing cluster ({was} → {change.after})"
    name = cluster_name(task)
    yield Match(
        values={
            "subject": subject(after) + (f", task {name}," if name else ""),
            "what": what,
            "unguarded": False,
        }
    )


def is_unguarded(mode: str) -> bool:
    """Whether clusters of an access mode are outside of Unity Catalog's access control."""
    return mode == "NONE" or mode.startswith("LEGACY_")


def _mode(old: Settings, new: Settings) -> Iterator[Reason]:
    was, becomes = old.text(*MODE), new.text(*MODE)
    if ALIASES.get(was, was) != ALIASES.get(becomes, becomes):
        lost = ", which Unity Catalog does not guard" if is_unguarded(becomes) else ""
        yield Reason(f"changes its access mode ({shown(was)} → {shown(becomes)}{lost})", (MODE,))


def _texts(old: Settings, new: Settings) -> Iterator[Reason]:
    for field, what in _TEXTS:
        was, becomes = old.text(*field), new.text(*field)
        if was != becomes:
            yield Reason(f"changes its {what} ({shown(was)} → {shown(becomes)})", (field,))


def _user(old: Settings, new: Settings) -> Iterator[Reason]:
    if old.text(*USER) != new.text(*USER):
        yield Reason("is dedicated to another user or group", (USER,))


def _scripts(old: Settings, new: Settings) -> Iterator[Reason]:
    was, becomes = old.mapping.get(SCRIPTS[0]), new.mapping.get(SCRIPTS[0])
    if _is_empty(was, old) and _is_empty(becomes, new):
        return
    if was is None or becomes is None or not same(was, becomes, new.reading):
        what = "no longer runs" if _is_empty(becomes, new) else "runs other"
        yield Reason(f"{what} init scripts", (SCRIPTS,))


def _is_empty(node: Node | None, settings: Settings) -> bool:
    return node is None or not plain_value(node, settings.reading)


def _variables(old: Settings, new: Settings, decisive: set[str]) -> Iterator[Reason]:
    """Variables that changed or went, and new ones of names that are known to decide something."""
    was, becomes = _entries(old), _entries(new)
    changed = sorted(name for name, value in was.items() if becomes.get(name, value) != value)
    changed += sorted(was.keys() - becomes.keys())
    changed += sorted(name for name in becomes if name not in was and name in decisive)
    if changed:
        names = ", ".join(changed[:3]) + (" and more" if len(changed) > 3 else "")
        yield Reason(
            f"changes its environment variables ({names})",
            tuple((*VARIABLES, name) for name in changed),
        )


def _entries(settings: Settings) -> dict[str, str]:
    node = settings.mapping.get(VARIABLES[0])
    if not isinstance(node, Mapping):
        return {}
    return {key.raw: child.raw for key, child in node.entries if isinstance(child, Scalar)}
