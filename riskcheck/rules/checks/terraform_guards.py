"""Guard rails of a Terraform configuration: what it leaves alone, checks, and does beside its plan.

https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle ;
…/language/expressions/custom-conditions ; …/language/provisioners. A plan shows
actions only, so none of this is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, walk
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.terraform_moves import holds_data, is_cheap
from riskcheck.rules.checks.terraform_reading import is_applied, stated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_LIFECYCLE: Final = "lifecycle"
_HARMLESS: Final = frozenset({"tags", "tags_all", "labels", "annotations", "description"})
_CONDITIONS: Final = ("precondition", "postcondition")


class _Edit(NamedTuple):
    """small: worth a note. node: where, else where the change is."""

    how: str
    small: bool = False
    node: Node | None = None


def edited(change: Change, context: CheckContext) -> Iterator[Match]:
    """A guard rail was taken away, or something was added that acts beside the plan; said once for each.

    Values: ``subject``, ``how``, ``small``.
    """
    before, after = change.resource_before, change.resource_after
    if change.resource.kind == "check":
        found = _check_gone(before, after, context)
    elif before is None or after is None or not change.path:
        found = _new_commands(change, after)
    elif after.kind == "variable":
        found = _conditions_gone(before.body, after.body, ("validation",), "a validation")
    elif change.path[0] == _LIFECYCLE:
        found = _lifecycle(before, after)
    elif change.path[0] == "provisioner":
        found = _commands(before, after)
    else:
        return
    if not _is_first(change, context):
        return
    subject = f"{change.resource.kind} {change.resource.name}"
    for one in found:
        yield Match(values={"subject": subject, "how": one.how, "small": one.small}, node=one.node)


def _is_first(change: Change, context: CheckContext) -> bool:
    """Whether it is the first of the changes below the same top-level block."""
    top = fields_of(change.path)[:1]
    same = (one for one in context.changes_of(change.resource) if fields_of(one.path)[:1] == top)
    return next(same, change) is change


def _check_gone(before: Resource | None, after: Resource | None, context: CheckContext) -> Iterator[_Edit]:
    if before is not None and after is not None:
        yield from _conditions_gone(before.body, after.body, ("assert",), "an assertion")
    elif before is not None and is_applied(context.head, before):
        yield _Edit("is removed")


def _lifecycle(before: Resource, after: Resource) -> Iterator[_Edit]:
    old, new = (_block(one) for one in (before, after))
    yield from _ignored(old, new)
    yield from _conditions_gone(old, new, _CONDITIONS, "a condition")
    if _stated_text(old, "create_before_destroy") == "true" and _stated_text(
        new, "create_before_destroy"
    ) in (
        "",
        "false",
    ):
        node = new.get("create_before_destroy") if new is not None else None
        yield _Edit(
            "is destroyed before its replacement is there (create_before_destroy)", is_cheap(after), node
        )
    added = _items(new, "replace_triggered_by").keys() - _items(old, "replace_triggered_by").keys()
    if added and holds_data(after):
        first = _items(new, "replace_triggered_by")[min(added)]
        yield _Edit(f"is replaced whenever {listed(sorted(added), 2)} changes", node=first)


def _block(resource: Resource) -> Mapping | None:
    held = resource.body.get(_LIFECYCLE)
    if isinstance(held, Sequence):
        held = held.items[0] if held.items else None
    return held if isinstance(held, Mapping) else None


def _stated_text(body: Mapping | None, field: str) -> str:
    """``?`` where it is not known."""
    found = stated(body, (field,)) if body is not None else None
    return "" if found is None else found.text if found.known else "?"


def _items(body: Mapping | None, field: str) -> dict[str, Node]:
    """The references in a list, by their text; one that stands alone, as ``all``, is the only one."""
    held = body.get(field) if body is not None else None
    items = held.items if isinstance(held, Sequence) else [] if held is None else [held]
    return {_reference(one.raw): one for one in items if isinstance(one, Scalar)}


def _reference(text: str) -> str:
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text


def _ignored(old: Mapping | None, new: Mapping | None) -> Iterator[_Edit]:
    before, after = _items(old, "ignore_changes"), _items(new, "ignore_changes")
    if "all" in after and "all" not in before:
        yield _Edit("ignores all changes of its own configuration (ignore_changes = all)", node=after["all"])
        return
    gone = sorted(name for name in before if name not in after and not _is_within(name, after))
    if gone and "all" not in after:
        small = all(name.partition(".")[0].partition("[")[0] in _HARMLESS for name in gone)
        yield _Edit(
            f"has {listed(gone)} set back to the configuration by the next apply (ignore_changes)", small
        )


def _is_within(name: str, others: dict[str, Node]) -> bool:
    return any(name.startswith((f"{one}.", f"{one}[")) for one in others)


def _conditions_gone(
    old: Mapping | None, new: Mapping | None, fields: tuple[str, ...], noun: str
) -> Iterator[_Edit]:
    """Fewer conditions than before: another wording is none that went."""
    for field in fields:
        before, after = _conditions(old, field), _conditions(new, field)
        gone = [text for text in before if text not in after]
        if gone and len(after) < len(before):
            yield _Edit(f"no longer has {noun}: {gone[0][:160]}", field == "validation")


def _conditions(body: Mapping | None, field: str) -> list[str]:
    held = body.get(field) if body is not None else None
    blocks = held.items if isinstance(held, Sequence) else [] if held is None else [held]
    nodes = (one.get("condition") if isinstance(one, Mapping) else None for one in blocks)
    return [_reference(node.raw) for node in nodes if isinstance(node, Scalar)]


def _commands(before: Resource, after: Resource) -> Iterator[_Edit]:
    known = {_text(block) for block in _provisioners(before)}
    for block in _provisioners(after):
        if _text(block) not in known:
            same = len(known) >= len(list(_provisioners(after)))
            yield _command(block, changed=same)


def _new_commands(change: Change, after: Resource | None) -> Iterator[_Edit]:
    if change.resource_before is None and after is not None:
        for block in _provisioners(after):
            yield _command(block)


def _command(block: Mapping, *, changed: bool = False) -> _Edit:
    kind = _kind(block)
    ending = _reference(_raw(block, "when")) == "destroy"
    at = "when it is destroyed" if ending else "when it is created"
    place = "on the machine that applies" if kind == "local-exec" else "on the machine that was made"
    if kind == "file":
        return _Edit(f"copies files {at}", small=True, node=block)
    said = "runs another command" if changed else "runs a command"
    return _Edit(f"{said} {place} {at} ({kind})", small=not ending, node=block)


def _raw(block: Mapping, field: str) -> str:
    node = block.get(field)
    return node.raw if isinstance(node, Scalar) else ""


def _provisioners(resource: Resource) -> Iterator[Mapping]:
    held = resource.body.get("provisioner")
    for block in held.items if isinstance(held, Sequence) else (held,):
        if isinstance(block, Mapping):
            yield block


def _kind(block: Mapping) -> str:
    labels = block.get("__labels__")
    first = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
    return first.raw if isinstance(first, Scalar) else "provisioner"


def _text(block: Mapping) -> str:
    return repr([(path, node.raw) for path, node in walk(block) if isinstance(node, Scalar)])
