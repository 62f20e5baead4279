"""Where Terraform keeps its state, what locks it, and which account and region it works on.

Settings of each backend: https://developer.hashicorp.com/terraform/language/backend ; of providers: the index page
of each, such as https://registry.terraform.io/providers/hashicorp/aws/latest/docs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, location_of
from riskcheck.nodes import Mapping, Scalar, Sequence, walk
from riskcheck.redact import redact_value
from riskcheck.regexes import regex
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.terraform_reading import is_applied, stated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_ADDRESSING: Final = {
    "azurerm": "storage_account_name container_name key environment",
    "cloud": "hostname organization workspaces.name workspaces.project workspaces.tags",
    "consul": "address path datacenter",
    "cos": "region bucket prefix key",
    "gcs": "bucket prefix",
    "http": "address",
    "kubernetes": "secret_suffix namespace host",
    "local": "path workspace_dir",
    "oci": "bucket namespace key region workspace_key_prefix",
    "oss": "bucket prefix key region endpoint",
    "pg": "schema_name",
    "remote": "hostname organization workspaces.name workspaces.prefix",
    "s3": "bucket key workspace_key_prefix endpoint endpoints.s3 region",
}
"""Backend to the settings by which a state is found; others are credentials and ways to reach it."""

_OPTIONAL: Final = {
    *("prefix", "workspace_key_prefix", "path", "workspace_dir", "hostname", "environment", "endpoint"),
    *(
        "endpoints.s3",
        "workspaces.prefix",
        "workspaces.tags",
        "workspaces.project",
        "namespace",
        "schema_name",
    ),
}
"""Settings that a backend does without. One of the others that is not stated is given at ``terraform init``."""

_TARGETS: Final = {
    "aws": "region assume_role.role_arn",
    "azurerm": "subscription_id tenant_id environment",
    "databricks": "host account_id azure_workspace_resource_id",
    "google": "project region",
    "google-beta": "project region",
    "helm": "kubernetes.host kubernetes.config_context",
    "kubernetes": "host config_context",
}
"""Provider to the settings by which it finds its resources."""

_ACCOUNT: Final = regex(r"arn:[\w-]{1,20}:iam::(\d{12}):")


def moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """The state is looked for elsewhere, is not locked any more, or a provider works on something else.

    Values: ``subject``, ``how``, ``small`` (the state is found, yet less guarded).
    """
    before, after = change.resource_before, change.resource_after
    if before is not None and after is not None and before.unit != after.unit:
        return  # a root that moves, or two that have nothing to do with each other
    if change.resource.kind == "provider":
        if before is not None and after is not None:
            yield from _retargeted(change, before, after)
    elif before is None and after is not None:
        yield from _other_backend(after, context)
    elif before is not None and after is None:
        yield from _no_backend(before, context)
    elif before is not None and after is not None:
        yield from _readdressed(change, before, after)


def _retargeted(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    fields = _TARGETS.get(after.name.partition(".")[0], "").split()
    field = _field_of(change, fields)
    if field is None:
        return
    old, new = (_text(one.body, field) for one in (before, after))
    if old is None or new is None or not old or not new:
        return
    if field.endswith("role_arn"):
        accounts = [_ACCOUNT.match(one) for one in (old, new)]
        one, other = accounts
        if one is None or other is None or one[1] == other[1]:
            return
        old, new, field = one[1], other[1], "account"
    if _same_host(old, new):
        return
    if field != "account":
        old, new = (_shown(one.body, field) for one in (before, after))
    how = f"works on {field} {new} instead of {old}, where none of its resources are"
    yield Match(values={"subject": f"provider {after.name}", "how": how, "small": False})


def _same_host(old: str, new: str) -> bool:
    plain = [one.lower().removeprefix("https://").rstrip("/") for one in (old, new)]
    return plain[0] == plain[1]


def _backends(resource: Resource, context: CheckContext, side: str) -> list[Resource]:
    view = context.base if side == "base" else context.head
    unit, environment = resource.unit, resource.environment.name
    return list(view.find(platform="terraform", kind="backend", unit=unit, environment=environment))


def _other_backend(new: Resource, context: CheckContext) -> Iterator[Match]:
    old = _backends(new, context, "base")
    if any(one.name == new.name for one in old):
        return
    if old:
        if {old[0].name, new.name} == {"remote", "cloud"}:
            return  # two ways to write the same
        yield Match(
            values={"subject": "the state", "how": f"goes from {old[0].name} to {new.name}", "small": False},
            related=(Related("before", location_of(old[0].origin)),),
        )
    elif is_applied(context.base, new) and new.name != "local":
        how = f"goes from a local file, or another place given at init, to {new.name}"
        yield Match(values={"subject": "the state", "how": how, "small": True})


def _no_backend(gone: Resource, context: CheckContext) -> Iterator[Match]:
    if _backends(gone, context, "head") or gone.name == "local" or not is_applied(context.head, gone):
        return
    yield Match(
        values={
            "subject": "the state",
            "how": f"is no longer kept in {gone.name}, but locally",
            "small": False,
        }
    )


def _readdressed(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    fields = _ADDRESSING.get(after.name)
    subject = f"the state in {after.name}"
    field = _field_of(change, fields.split()) if fields is not None else None
    if field is not None:
        old, new = (_text(one.body, field) for one in (before, after))
        given = field not in _OPTIONAL and (old == "" or new == "")
        if old is not None and new is not None and old != new and not given:
            shown = [_shown(one.body, field) or "unset" for one in (after, before)]
            how = f"has {field} {shown[0]} instead of {shown[1]}"
            yield Match(values={"subject": subject, "how": how, "small": False})
        return
    if after.name == "s3":
        yield from _unlocked(change, before, after, subject)


def _unlocked(change: Change, before: Resource, after: Resource, subject: str) -> Iterator[Match]:
    field = change.path[0] if change.path else ""
    if field in ("dynamodb_table", "use_lockfile") and _is_locked(before) and not _is_locked(after):
        how = f"is no longer locked: {field} is {'false' if _text(after.body, field) else 'removed'}"
        yield Match(values={"subject": subject, "how": how, "small": True})
    elif field == "encrypt" and _text(before.body, field) == "true" and _text(after.body, field) != "true":
        yield Match(values={"subject": subject, "how": "is no longer written encrypted", "small": True})


def _is_locked(backend: Resource) -> bool:
    """Whether it is locked as far as is known: what is not may lock it."""
    table, file = _text(backend.body, "dynamodb_table"), _text(backend.body, "use_lockfile")
    return table is None or file is None or bool(table) or file == "true"


def _field_of(change: Change, fields: list[str]) -> str | None:
    """The one of `fields` that a change is of, or lies in the block that came or went."""
    steps = fields_of(change.path)
    for field in fields:
        path = tuple(field.split("."))
        depth = min(len(path), len(steps))
        if steps and path[:depth] == steps[:depth]:
            return field
    return None


def _text(body: Mapping, path: str) -> str | None:
    """The text at a path through blocks, ``""`` where there is none; None where it is not known."""
    found = stated(body, path.split("."))
    if isinstance(found.node, Sequence | Mapping):
        texts = sorted(one.raw for _, one in walk(found.node) if isinstance(one, Scalar))
        return None if any("${" in one for one in texts) else ", ".join(texts)
    return found.text if found.known else None


def _shown(body: Mapping, path: str) -> str:
    """The text for people, without what is secret."""
    steps = tuple(path.split("."))
    return str(redact_value(steps, "", _text(body, path) or "", stated(body, steps).node))
