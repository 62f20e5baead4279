"""Branch protection that Terraform keeps, as it is before and after (GOV-012).

https://registry.terraform.io/providers/integrations/github/latest/docs
https://registry.terraform.io/providers/gitlabhq/gitlab/latest/docs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import scalar_value
from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.gate_protection import branch_weakenings, ruleset_weakenings
from riskcheck.rules.checks.gate_values import Weakening, at, part, text
from riskcheck.rules.checks.terraform_renames import renamed_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.checks.gate_values import Plain
    from riskcheck.rules.context import CheckContext

_UNKNOWN: Final = "\0unknown"
_RENAMED: Final = {"allows_force_pushes": "allow_force_pushes", "allows_deletions": "allow_deletions"}
_LEVELS: Final = ("developer", "maintainer", "admin", "no one")
"""Who may push or merge on GitLab, the most first."""
_WHO: Final = ("push_access_level", "merge_access_level", "unprotect_access_level")


def lowered(change: Change, context: CheckContext) -> Iterator[Match]:
    """A branch is held to less than before. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if after is None:
        if is_still_deployed(before, context) and renamed_to(before, context) is None:
            yield Match(
                values={"what": f"{before.kind} {before.name} is removed, and with it what it asks for"}
            )
        return
    changes = context.changes_of(change.resource)
    said = [one.what for one in _weakenings(before, after) if _place(one, changes) is change]
    if said:
        yield Match(values={"what": "; ".join(dict.fromkeys(said))})


def _place(weakening: Weakening, changes: SequenceOf[Change]) -> Change:
    """The change that tells: the first of the same attribute or block."""
    field = next(iter(weakening.path), "")
    near = (one for one in changes if next(iter(fields_of(one.path)), "") == field)
    return next(near, changes[0])


def _weakenings(before: Resource, after: Resource) -> Iterator[Weakening]:
    old, new = _plain(before.body), _plain(after.body)
    old, new = _known(old, {}), _known(new, old)
    if before.kind.endswith("_ruleset"):
        yield from ruleset_weakenings(_ruleset(old), _ruleset(new))
    elif before.kind == "gitlab_branch_protection":
        yield from _gitlab(old, new)
    elif before.kind == "gitlab_project_approval_rule":
        was, becomes = (one.get("approvals_required") for one in (old, new))
        if isinstance(was, int) and isinstance(becomes, int) and becomes < was:
            yield Weakening(
                at("approvals_required"), f"{after.name} needs {becomes} instead of {was} approvals"
            )
    else:
        names = [text(one.get("pattern")) or text(one.get("branch")) for one in (old, new)]
        if names[0] and names[1] != names[0]:
            path = at("pattern" if "pattern" in old else "branch")
            yield Weakening(path, f"branch {names[0]} is not protected any more, {names[1]} is instead")
            return
        for one in branch_weakenings(names[0] or before.name, (), _branch(old), _branch(new)):
            yield one._replace(path=tuple(_ORIGINAL.get(step, step) for step in one.path))


_ORIGINAL: Final = {there: here for here, there in _RENAMED.items()}


def _branch(body: Plain) -> dict[str, Value]:
    """As GitHub's API names it."""
    found = {_RENAMED.get(key, key): _one(value) for key, value in body.items()}
    reviews = part(found, "required_pull_request_reviews")
    if reviews and "required_approving_review_count" not in reviews:
        reviews["required_approving_review_count"] = 1
    return found


def _ruleset(body: Plain) -> dict[str, Value]:
    """As GitHub exports it: a list of rules by type instead of a block with an attribute or block for each."""
    held = _one(body.get("rules"))
    rules: list[Value] = []
    for name, value in held.items() if isinstance(held, dict) else ():
        inner = _one(value)
        if isinstance(inner, dict):
            checks = inner.get("required_check")
            rules.append({"type": name, "parameters": {**inner, "required_status_checks": checks}})
        elif inner is True:
            rules.append({"type": name})
    return {**body, "rules": rules, "conditions": _one(body.get("conditions"))}


def _gitlab(old: Plain, new: Plain) -> Iterator[Weakening]:
    name = f"branch {old.get('branch')}"
    if new.get("branch") != old.get("branch"):
        what = f"{name} is not protected any more, {new.get('branch')} is instead"
        yield Weakening(at("branch"), what)
        return
    for key in _WHO:
        was, becomes = (one.get(key) or "maintainer" for one in (old, new))
        if was in _LEVELS and becomes in _LEVELS and _LEVELS.index(becomes) < _LEVELS.index(was):
            yield Weakening(at(key), f"{key} of {name} goes from {was} to {becomes}")
    if new.get("allow_force_push") is True and old.get("allow_force_push") is not True:
        yield Weakening(at("allow_force_push"), f"{name} allows force pushes")
    key = "code_owner_approval_required"
    if old.get(key) is True and new.get(key) is not True:
        yield Weakening(at(key), f"{name}: code owners need not approve")


def _one(value: Value) -> Value:
    """A block that comes once, without the list around it."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else value


def _plain(node: Node) -> dict[str, Value]:
    found = _value(node)
    return found if isinstance(found, dict) else {}


def _value(node: Node) -> Value:
    if isinstance(node, Mapping):
        if "dynamic" in node.index:
            return {"dynamic": _UNKNOWN, **{key.raw: _value(child) for key, child in node.entries}}
        return {key.raw: _value(child) for key, child in node.entries}
    if isinstance(node, Sequence):
        return [_value(child) for child in node.items]
    assert isinstance(node, Scalar)
    return _UNKNOWN if node.tag == EXPRESSION else scalar_value(node, "yaml-1.2")


def _known(value: dict[str, Value], before: Plain) -> dict[str, Value]:
    """`value`, what only a plan knows taken to be as it was `before`."""
    found = {key: _filled(one, before.get(key)) for key, one in value.items()}
    return {**before, **found} if "dynamic" in value else found


def _filled(value: Value, before: Value) -> Value:
    if value == _UNKNOWN:
        return None if before == _UNKNOWN else before
    if isinstance(value, dict):
        return _known(value, before if isinstance(before, dict) else {})
    if isinstance(value, list):
        olds = before if isinstance(before, list) else []
        if _UNKNOWN in value:
            # Something more is in the list: what was in it may still be.
            return [*(one for one in value if one != _UNKNOWN), *(one for one in olds if one not in value)]
        return [
            _filled(one, olds[number] if number < len(olds) else None) for number, one in enumerate(value)
        ]
    return value
