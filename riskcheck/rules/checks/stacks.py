"""Checks of Terraform that judge CloudFormation, too: what they ask is answered in their terms."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary, ref

from riskcheck.network.stackterms import TYPES, in_terraform_terms, node_in_terms, path_in_terms
from riskcheck.nodes import Mapping, Sequence
from riskcheck.records import replace
from riskcheck.stackupdates import ATTRIBUTES, RETAINING, policy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Mapping as MappingOf
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.context import CheckContext, ResourceView

    Check = Callable[[Change, CheckContext], Iterator[Match]]

_BLOCK: Final = r"(?:\bterraform:)?\b(?:aws_[a-z0-9_]+|var)\.([A-Za-z0-9]+)(?:\.id\b)?"
_CALL: Final = "Fn::"
CLOUDFORMATION: Final = "cloudformation"
_KINDS: Final = {kind: tuple(one for one, other in TYPES.items() if other == kind) for kind in TYPES.values()}


def also_for_stacks(check: Check) -> Check:
    """`check`, which is written for the aws provider of Terraform, for changes of templates as well."""

    @wraps(check)
    def judged(change: Change, context: CheckContext) -> Iterator[Match]:
        if change.resource.platform != CLOUDFORMATION:
            yield from check(change, context)
            return
        gone = change.resource_before
        kept = change.resource_after is None and gone is not None and policy_of(gone) in RETAINING
        if kept or change.path[:1] == (ATTRIBUTES,) or _may_be_there(change, context):
            return
        terms = _known.setdefault(context.base, _Terms(context))
        for match in check(terms.change(change), cast("CheckContext", _Context(context, terms))):
            yield match._replace(values=_said(match.values))

    return judged


def _may_be_there(change: Change, context: CheckContext) -> bool:
    """Whether an item that went out of a list may be what a call, which is new in it, comes to."""
    if change.kind != "removed" or not change.path or not change.path[-1].startswith("["):
        return False
    sides = (change.resource_before, change.resource_after)
    old, new = (_calls(context.node(resource, change.path[:-1])) for resource in sides)
    return new > old


def _calls(node: Node | None) -> int:
    """How many items of a list are calls that were not computed."""
    items = node.items if isinstance(node, Sequence) else []
    return sum(
        isinstance(item, Mapping) and any(key.raw.startswith(_CALL) for key, _ in item.entries)
        for item in items
    )


def _said(values: MappingOf[str, Value] | None) -> dict[str, Value]:
    """Texts with logical ids, as the template has them: ``Web`` for ``aws_security_group.Web.id``."""
    return {
        key: re.sub(_BLOCK, r"\1", value) if isinstance(value, str) else value
        for key, value in (values or {}).items()
    }


class _Terms:
    """Resources and changes in terms of Terraform, each made once, so that the same one stays the same."""

    def __init__(self, context: CheckContext) -> None:
        self.base = _View(context.base, self)
        self.head = _View(context.head, self)
        self._resources: dict[int, tuple[Resource, Resource]] = {}
        self._changes: dict[int, tuple[Change, Change]] = {}
        self._originals: dict[int, Resource] = {}

    def resource(self, resource: Resource) -> Resource:
        known = self._resources.get(id(resource))
        if known is None:
            known = self._resources[id(resource)] = (resource, in_terraform_terms(resource))
            self._originals[id(known[1])] = resource
        return known[1]

    def original(self, resource: Resource) -> Resource:
        return self._originals.get(id(resource), resource)

    def change(self, change: Change) -> Change:
        known = self._changes.get(id(change))
        if known is None:
            known = self._changes[id(change)] = (change, self._changed(change))
        return known[1]

    def _changed(self, change: Change) -> Change:
        before, after = change.resource_before, change.resource_after
        return replace(
            change,
            path=path_in_terms(change.resource.kind, change.path),
            resource_before=None if before is None else self.resource(before),
            resource_after=None if after is None else self.resource(after),
            node_before=_node(before, change.node_before),
            node_after=_node(after, change.node_after),
        )


def _node(resource: Resource | None, node: Node | None) -> Node | None:
    return node if resource is None or node is None else node_in_terms(resource, node)


_known: WeakKeyDictionary[ResourceView, _Terms] = WeakKeyDictionary()
"""By the view of base: made once a run."""


class _View:
    """`ResourceView` of templates."""

    def __init__(self, view: ResourceView, terms: _Terms) -> None:
        # Not to keep what it is remembered by.
        self._view = ref(view)
        self._terms = terms

    def get(self, unit: str, address: str, environment_name: str) -> Resource | None:
        kind, _, name = address.removeprefix("terraform:").partition(".")
        found = self.find(kind=kind, environment=environment_name, unit=unit)
        return next((one for one in found if one.name == name), None)

    def find(
        self,
        *,
        platform: str | None = None,
        kind: str | None = None,
        environment: str | None = None,
        unit: str | None = None,
    ) -> Iterator[Resource]:
        view = self._view()
        if view is None or platform not in (None, "terraform"):
            return
        wanted: tuple[str | None, ...] = (None,) if kind is None else _KINDS.get(kind, ())
        for one in wanted:
            for held in view.find(platform=CLOUDFORMATION, kind=one, environment=environment, unit=unit):
                yield self._terms.resource(held)


class _Context:
    """`CheckContext` whose resources and changes are in terms of Terraform; all else is as it was."""

    def __init__(self, context: CheckContext, terms: _Terms) -> None:
        self._context = context
        self._terms = terms
        self.base = terms.base
        self.head = terms.head

    def __getattr__(self, name: str) -> object:
        return getattr(self._context, name)

    def changes_of(self, resource: Resource) -> SequenceOf[Change]:
        changes = self._context.changes_of(self._terms.original(resource))
        return [self._terms.change(one) for one in changes if one.path[:1] != (ATTRIBUTES,)]
