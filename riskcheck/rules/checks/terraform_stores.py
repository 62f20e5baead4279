"""Resources of Terraform that hold data, and what an apply would do to them: told by files and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import DATA
from riskcheck.models import Change, Match, Related, location_of
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.databricks_recreate import is_recreating
from riskcheck.rules.checks.databricks_values import guard_of, is_guarded, value_at
from riskcheck.rules.checks.stack_stores import STORES as STACK_STORES
from riskcheck.rules.checks.stack_stores import destroyed as in_stacks
from riskcheck.rules.checks.terraform_foreseen import by_plan, replacing, shown_name, speaks, told_why
from riskcheck.rules.checks.terraform_renames import renamed_to
from riskcheck.stores import DATABRICKS_STORES, STORES, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_MOST_FIELDS: Final = 3
_WINDOW: Final = "recovery_window_in_days"
_WRITTEN: Final = {
    "aws_secretsmanager_secret": ("aws_secretsmanager_secret_version", "secret_string"),
    "google_secret_manager_secret": ("google_secret_manager_secret_version", "secret_data"),
}
"""Type of a secret to the type and the attribute by which Terraform writes its value."""


def destroyed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource with data is destroyed, or destroyed and created anew.

    Values: ``what``, ``lost`` (it cannot be had back), ``severe`` (it can, or nothing is sure to go),
    ``restored`` (nothing that holds anything goes).
    """
    kind = change.resource.kind
    if kind in STACK_STORES:
        yield from in_stacks(change, context)
        return
    store = STORES.get(kind) or DATABRICKS_STORES.get(kind)
    before = change.resource_before
    if store is None or before is None:
        return
    if change.resource_after is None:
        yield from _removed(before, store, context)
    elif change.path:
        yield from _replaced(change, before, change.resource_after, store, context)


def _removed(gone: Resource, store: Store, context: CheckContext) -> Iterator[Match]:
    foreseen = by_plan(context)
    if foreseen.forgotten or (foreseen.action != "delete" and not is_still_deployed(gone, context)):
        return
    if gone.kind in DATABRICKS_STORES and (
        foreseen.derived == "delete" or (gone.section in DATA and is_still_deployed(gone, context))
    ):
        return  # the rules for Databricks tell it
    twin = renamed_to(gone, context)
    what = f"{shown_name(gone)} is destroyed{told_why(foreseen)}"
    if twin is not None:
        what += f" and created anew as {shown_name(twin)}, since no `moved` block says that it is the same"
    match = _match(what, gone, store, refused=False, restated=_is_restated(gone, context))
    yield (
        match if twin is None else match._replace(related=(Related("renamed to", location_of(twin.origin)),))
    )


def _replaced(
    change: Change, before: Resource, after: Resource, store: Store, context: CheckContext
) -> Iterator[Match]:
    foreseen = by_plan(context)
    forcing = replacing(after, foreseen, context)
    if not speaks(change, forcing):
        return
    if after.kind in DATABRICKS_STORES and (
        foreseen.derived in ("recreate", "unknown", "") or any(is_recreating(one, context) for one in forcing)
    ):
        return  # the rules for Databricks tell it
    fields = foreseen.replacing or tuple(dict.fromkeys(one.path[0] for one in forcing))
    why = (
        f" because of {listed(fields, _MOST_FIELDS)}"
        if fields and not foreseen.reason.endswith("tainted")
        else ""
    )
    why = why or told_why(foreseen)
    guarded = is_guarded(after)
    what = f"{shown_name(after)} is destroyed and created anew{why}"
    match = _match(what, before, store, refused=guarded, restated=_is_restated(before, context))
    yield match._replace(related=guard_of(after))


def _is_restated(gone: Resource, context: CheckContext) -> bool:
    """Whether the configuration itself writes what the secret `gone` holds, so that a revert writes it again."""
    fields = _WRITTEN.get(gone.kind)
    if fields is None:
        return False
    kind, field = fields
    versions = [
        one
        for one in context.base.find(
            platform="terraform", kind=kind, environment=gone.environment.name, unit=gone.unit
        )
        if any(reference.target == gone.address for reference in one.references)
    ]
    from riskcheck.rules.checks.traffic_groups import ignores

    return bool(versions) and all(
        one.body.get(field) is not None and not ignores(one, field) for one in versions
    )


def _match(what: str, gone: Resource, store: Store, *, refused: bool, restated: bool) -> Match:
    """refused: ``prevent_destroy`` stands in head, so that the plan already fails."""
    lost = severe = False
    kept = True
    protection = next((name for name in store.protected if _is_on(gone, name, store)), None)
    if refused:
        what += "; lifecycle.prevent_destroy makes the plan fail"
    elif protection is not None:
        what += f"; {protection} is on where it runs, so that the apply fails half way"
        severe = True
    elif store.refused and not (store.forced and value_at(gone, store.forced) is True):
        what += f", which fails half way where it holds anything, else with {store.loss}"
        severe = store.grave
    elif restated:
        what += "; the configuration writes its value"
        if gone.kind == "aws_secretsmanager_secret" and value_at(gone, _WINDOW) != 0:
            what += ", and its name is only free again after 7 to 30 days"
            kept = False
    else:
        what += f", with {store.loss}"
        lost = store.grave and not store.recoverable
        severe = store.grave
        kept = False
        if gone.kind == "aws_secretsmanager_secret" and value_at(gone, _WINDOW) == 0:
            what += ", at once (recovery_window_in_days is 0)"
        elif store.recoverable:
            what += f"; the cloud keeps it {store.recoverable}"
        elif store.skips and value_at(gone, store.skips) is True:
            what += f", and without a last snapshot ({store.skips})"
        elif store.skips:
            what += "; the data that a last snapshot keeps comes back as another resource"
    return Match(values={"what": what, "lost": lost, "severe": severe, "restored": kept})


def _is_on(resource: Resource, name: str, store: Store) -> bool:
    value = value_at(resource, name)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.upper() == "ENABLED"
    return store.guarded
