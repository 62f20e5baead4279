"""Roles of Azure, Google, AWS and Databricks that resources of Terraform assign, as far as they are wide.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles ;
https://cloud.google.com/iam/docs/roles-overview#basic ;
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html ;
https://docs.databricks.com/aws/en/admin/users-groups/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.regexes import regex
from riskcheck.rules.checks.terraform_policies import Grade, Grant
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource

_AZURE: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
_ASSIGNING: Final = frozenset(
    {"Owner", "User Access Administrator", "Role Based Access Control Administrator"}
)
"""Roles that hand out further ones."""

_SUBSCRIPTION: Final = regex(r"/subscriptions/[^/]+/?|.*azurerm_subscription\.[\w-]+(?:\[[^\]]*\])?\.id\}?")
_GROUPS: Final = ("managementgroups/", "azurerm_management_group.")

_MANAGED: Final = {"AdministratorAccess": "total", "PowerUserAccess": "wide", "IAMFullAccess": "total"}
"""Policies of AWS by the end of their name."""

_GOOGLE: Final[dict[str, Grade]] = {
    "roles/owner": "total",
    "roles/editor": "total",
    "roles/iam.securityAdmin": "total",
    "roles/resourcemanager.projectIamAdmin": "total",
    "roles/resourcemanager.organizationAdmin": "total",
    "roles/iam.serviceAccountTokenCreator": "wide",
    "roles/iam.serviceAccountUser": "wide",
    "roles/iam.serviceAccountKeyAdmin": "wide",
    "roles/iam.serviceAccountAdmin": "wide",
}
"""Roles that are wide on a project, a folder or an organization."""

_HIERARCHY: Final = ("google_project_iam_", "google_folder_iam_", "google_organization_iam_")
_PUBLIC: Final = frozenset({"allUsers", "allAuthenticatedUsers"})
_CALLERS: Final = frozenset({"roles/run.invoker", "roles/cloudfunctions.invoker"})
"""Roles with which a public web service lets everybody call it."""

_ACCOUNT_ROLES: Final = frozenset(
    {"databricks_user_role", "databricks_group_role", "databricks_service_principal_role"}
)


def assigned(resource: Resource) -> Iterator[Grant]:
    """The wide roles that a resource assigns."""
    kind = resource.kind
    if kind == "azurerm_role_assignment":
        yield from _azure(resource.body)
    elif kind == "azurerm_role_definition":
        yield from _azure_definition(resource.body)
    elif kind.startswith("google_") and kind.endswith(("_iam_member", "_iam_binding")):
        yield from _google(resource)
    elif kind.startswith("aws_"):
        yield from _aws(resource.body)
    elif kind in _ACCOUNT_ROLES:
        role = resource.body.get("role")
        if isinstance(role, Scalar) and role.raw == "account_admin":
            yield Grant(
                ("account_admin", _principal(resource.body)), "account_admin of the account", "total", role
            )


def _azure(body: Mapping) -> Iterator[Grant]:
    role = body.get("role_definition_name")
    name = role.raw if isinstance(role, Scalar) else ""
    if not name:
        role = body.get("role_definition_id")
        text = role.raw.lower() if isinstance(role, Scalar) else ""
        name = next((known for number, known in _AZURE.items() if text.endswith(number)), "")
    scope = text_of(body, "scope")
    wide = _is_wide_scope(scope)
    if role is None or (name not in _ASSIGNING and not (name == "Contributor" and wide)):
        return
    conditional = bool(text_of(body, "condition"))
    grade: Grade = "total" if wide and not conditional else "wide"
    where = (
        f"{'a subscription' if 'subscription' in scope.lower() else 'a management group'}" if wide else scope
    )
    said = f"{name} on {where[:120] or 'an unknown scope'}"
    yield Grant((name, scope, _principal(body)), said, grade, role, conditional=conditional)


def _is_wide_scope(scope: str) -> bool:
    return bool(_SUBSCRIPTION.fullmatch(scope[:1000])) or any(one in scope.lower() for one in _GROUPS)


def _azure_definition(body: Mapping) -> Iterator[Grant]:
    held = body.get("permissions")
    for block in held.items if isinstance(held, Sequence) else (held,):
        actions = block.get("actions") if isinstance(block, Mapping) else None
        for one in actions.items if isinstance(actions, Sequence) else ():
            if isinstance(one, Scalar) and one.raw.lower() in ("*", "microsoft.authorization/*"):
                yield Grant((one.raw.lower(),), f"a role with the right {one.raw}", "wide", one)


def _principal(body: Mapping) -> str:
    """Who gets it, where the text names them: two expressions may be the same one."""
    for field in ("principal_id", "user_id", "group_id", "service_principal_id"):
        node = body.get(field)
        if isinstance(node, Scalar) and node.tag != EXPRESSION:
            return node.raw
    return ""


def _aws(body: Mapping) -> Iterator[Grant]:
    for field in ("policy_arn", "managed_policy_arns", "policy_arns", "managed_policy_arn"):
        held = body.get(field)
        for one in held.items if isinstance(held, Sequence) else (held,):
            name = one.raw.rpartition("/")[2] if isinstance(one, Scalar) else ""
            grade = _MANAGED.get(name)
            if one is not None and grade is not None and ":aws:policy/" in text_after(one):
                yield Grant((name,), f"the policy {name}", "total" if grade == "total" else "wide", one)


def text_after(node: Node) -> str:
    return node.raw if isinstance(node, Scalar) else ""


def _google(resource: Resource) -> Iterator[Grant]:
    body = resource.body
    role = text_of(body, "role")
    held = body.get("members")
    members = [body.get("member"), *(held.items if isinstance(held, Sequence) else ())]
    grade = _GOOGLE.get(role) if resource.kind.startswith(_HIERARCHY) else None
    conditional = body.get("condition") is not None
    for member in members:
        if not isinstance(member, Scalar):
            continue
        who = member.raw if member.tag != EXPRESSION else ""
        if who in _PUBLIC:
            open_: Grade = "wide" if role in _CALLERS else "total"
            yield Grant((role, who), f"{role or 'a role'} for {who}", open_, member)
        elif grade is not None:
            wide: Grade = "wide" if conditional else grade
            said = f"{role} on the {resource.kind.split('_')[1]} for {member.raw[:120]}"
            yield Grant((role, who), said, wide, member, conditional=conditional)
