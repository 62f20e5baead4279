"""Replacements that leave a gap: what serves is destroyed before its successor is there.

https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_values import is_guarded, value_at
from riskcheck.rules.checks.terraform_foreseen import by_plan, replacing, shown_name, speaks, told_why
from riskcheck.stores import SERVING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_MOST_FIELDS: Final = 3
_DELETE_FIRST: Final = "delete-first"
_OF_DATABRICKS: Final = "databricks_"
_BRIEF: Final = ("_record", "_a_record", "_cname_record", "_certificate", "_listener", "aws_lambda_function")
"""Ends of types that are made anew within seconds, or of which clients notice little."""


def replaced(change: Change, context: CheckContext) -> Iterator[Match]:
    """Something that serves is destroyed first and created then.

    Values: ``what``, ``long`` (creating it takes minutes).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path or after.kind not in SERVING:
        return
    foreseen = by_plan(context)
    if is_guarded(after) or (after.kind.startswith(_OF_DATABRICKS) and foreseen.action != "recreate"):
        return  # the plan fails, or the rules for Databricks tell it
    if foreseen.action == "recreate":
        if foreseen.order != _DELETE_FIRST:
            return
    elif value_at(after, "lifecycle", "create_before_destroy") is True:
        return
    forcing = replacing(after, foreseen, context)
    if not speaks(change, forcing):
        return
    fields = foreseen.replacing or tuple(dict.fromkeys(one.path[0] for one in forcing))
    why = told_why(foreseen) or f" because of {listed(fields, _MOST_FIELDS)}"
    what = f"{shown_name(after)} is destroyed before its successor is created{why}"
    yield Match(values={"what": what, "long": not after.kind.endswith(_BRIEF)})
