"""Access to a cloud that a change of Terraform widens: what is granted after it and was not before."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.phrases import listed
from riskcheck.rules.checks.terraform_policies import (
    Grant,
    Statement,
    accounts,
    is_open,
    openings,
    relaxed,
    rights,
    statements_of,
)
from riskcheck.rules.checks.terraform_roles import assigned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_OF_IDENTITIES: Final[dict[str, tuple[str, ...]]] = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_iam_role": ("inline_policy", "policy"),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy",),
}
"""Type to where it holds a policy that says what somebody may do."""

_OF_THINGS: Final[dict[str, tuple[str, ...]]] = {
    "aws_iam_role": ("assume_role_policy",),
    **dict.fromkeys(
        (
            *(
                "aws_s3_bucket",
                "aws_s3_bucket_policy",
                "aws_sqs_queue",
                "aws_sqs_queue_policy",
                "aws_sns_topic",
            ),
            *("aws_sns_topic_policy", "aws_kms_key", "aws_kms_external_key", "aws_kms_key_policy"),
            *("aws_secretsmanager_secret", "aws_secretsmanager_secret_policy", "aws_ecr_repository_policy"),
            *("aws_glue_resource_policy", "aws_backup_vault_policy", "aws_efs_file_system_policy"),
            *("aws_s3_access_point", "aws_media_store_container_policy", "aws_api_gateway_rest_api_policy"),
        ),
        ("policy",),
    ),
    "aws_opensearch_domain": ("access_policies",),
    "aws_opensearch_domain_policy": ("access_policies",),
    "aws_elasticsearch_domain": ("access_policies",),
    "aws_elasticsearch_domain_policy": ("access_policies",),
}
"""Type to where it holds a policy that says who may do something with it."""

_GRADES: Final = {"part": 0, "wide": 1, "total": 2}
_AUTHORITATIVE: Final = ("_iam_binding", "_iam_policy")
_PROJECTS: Final = ("google_project_iam_", "google_folder_iam_", "google_organization_iam_")


def widened(change: Change, context: CheckContext) -> Iterator[Match]:
    """What a resource grants that neither it nor one that goes with the change granted before; said once.

    Values: ``subject``, ``what``, ``grade`` (``part``, ``wide`` or ``total``).
    """
    after = change.resource_after
    if after is None or not _is_asked(change, after, context):
        return
    before = change.resource_before
    granted = [] if before is not None and _is_unknown(before) else _grants(after)
    if before is None and not granted and not after.kind.endswith(_AUTHORITATIVE):
        return
    earlier = [before] if before is not None else _going(after, context)
    known = [grant for one in earlier for grant in _grants(one)]
    found = [grant for grant in granted if not any(_covers(one, grant, after) for one in known)]
    if before is not None:
        found = [*(_beyond(grant, known) for grant in found), *_relaxed(before, after)]
    else:
        found = _as_siblings(found, after, context)
        if not earlier:
            found += _taking_over(after, context)
    if not found:
        return
    found.sort(key=lambda one: -_GRADES[one.grade])
    said = listed(dict.fromkeys(one.said for one in found), 3)
    yield Match(
        values={"subject": f"{after.kind} {after.name}", "what": said, "grade": found[0].grade},
        node=found[0].node,
    )


def _covers(old: Grant, new: Grant, resource: Resource) -> bool:
    """Whether `old` held all of `new`; of roles, whether it was the wider one."""
    role = not resource.kind.startswith("aws_") and _GRADES[old.grade] > _GRADES[new.grade]
    return role or old.includes(new)


def _beyond(grant: Grant, known: list[Grant]) -> Grant:
    for one in known:
        grant = grant.beyond(one)
    return grant


def _is_unknown(resource: Resource) -> bool:
    """Whether a policy of `resource` is not known, so that nobody can say what is new."""
    return any(_statements(resource, places) is None for places in (_OF_IDENTITIES, _OF_THINGS))


def _as_siblings(found: list[Grant], after: Resource, context: CheckContext) -> list[Grant]:
    """One more call of a module grants what the others do: each of those rights counts as a part."""
    if not found or not after.name.startswith("module."):
        return found
    label = after.name.rpartition(".")[2]
    known = {
        grant.key
        for one in context.base.find(
            platform="terraform", environment=after.environment.name, unit=after.unit
        )
        if one.kind == after.kind
        and one.name.rpartition(".")[2] == label
        and dirname(one.origin.source.path) == dirname(after.origin.source.path)
        for grant in _grants(one)
    }
    return [one._replace(grade="part") if one.key in known else one for one in found]


def _is_asked(change: Change, after: Resource, context: CheckContext) -> bool:
    if not after.kind.startswith(("aws_", "azurerm_role_", "google_", "databricks_")):
        return False
    changes = context.changes_of(after)
    return not changes or changes[0] is change


def _policies(resource: Resource, path: tuple[str, ...]) -> Iterator[Node]:
    """The policies at a path through blocks, any of which may come several times."""
    nodes: list[Node] = [resource.body]
    for step in path:
        below: list[Node] = []
        for node in nodes:
            found = node.get(step) if isinstance(node, Mapping) else None
            if isinstance(found, Sequence):
                below += found.items
            elif found is not None:
                below.append(found)
        nodes = below
    yield from nodes


def _statements(resource: Resource, places: dict[str, tuple[str, ...]]) -> tuple[Statement, ...] | None:
    """None where one of the policies is not known."""
    path = places.get(resource.kind)
    found: list[Statement] = []
    for policy in _policies(resource, path) if path is not None else ():
        read = statements_of(policy)
        if read is None and is_open(policy):
            return None
        found += read or ()
    return tuple(found)


def _grants(resource: Resource) -> list[Grant]:
    found = list(assigned(resource))
    found += rights(_statements(resource, _OF_IDENTITIES) or ())
    inside = resource.body.get("vpc_options") is not None
    for one in openings(_statements(resource, _OF_THINGS) or ()):
        found.append(one._replace(grade="part") if inside else one)
    if resource.kind == "aws_lambda_permission":
        principal = resource.body.get("principal")
        if principal is not None and getattr(principal, "raw", "") == "*" and _is_unbound(resource.body):
            found.append(Grant(("everybody",), "the function for everybody", "total", principal))
    return found


def _is_unbound(body: Mapping) -> bool:
    return all(body.get(one) is None for one in ("source_arn", "source_account", "principal_org_id"))


def _relaxed(before: Resource, after: Resource) -> Iterator[Grant]:
    """Conditions and prohibitions that went, and accounts that came, of policies that are known on both sides."""
    for places in (_OF_IDENTITIES, _OF_THINGS):
        old, new = (_statements(one, places) for one in (before, after))
        if old is None or new is None or not old or not new:
            continue
        yield from relaxed(old, new)
        if places is _OF_THINGS:
            known = accounts(old)
            for account, node in accounts(new).items():
                if account not in known:
                    yield Grant((account,), f"access for account {account}", "wide", node)


def _going(after: Resource, context: CheckContext) -> list[Resource]:
    """Resources of the same environment that grant something and go: what is new may only have moved."""
    return [
        one
        for one in context.base.find(platform="terraform", environment=after.environment.name)
        if one.kind.startswith(("aws_", "azurerm_role_", "google_", "databricks_"))
        and context.head.get(one.unit, one.address, one.environment.name) is None
        and any(True for _ in _grants(one))
    ]


def _taking_over(after: Resource, context: CheckContext) -> Iterator[Grant]:
    """A resource of Google that takes away from others what it does not name, on something that was there."""
    if not after.kind.startswith(_PROJECTS) or not after.kind.endswith(_AUTHORITATIVE):
        return
    unit, environment = after.unit, after.environment.name
    if any(context.base.get(unit, one.target, environment) is None for one in after.references):
        return
    if after.kind.endswith("_iam_policy"):
        yield Grant(
            ("takes over",), "all roles, taken from whoever this does not name", "total", after.origin
        )
    else:
        yield Grant(("takes over",), "a role, taken from whoever this does not name", "wide", after.origin)
