"""What resources and data sources state of themselves, for those that refer to it.

An argument that the configuration states is what the provider hands back. What it computes (identifiers above all),
what it may change (``ignore_changes``), and what usually holds a secret stays a reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform.values import is_null
from riskcheck.redact import looks_secret

if TYPE_CHECKING:
    from riskcheck.platforms.terraform.modules import Module

_POLICY: Final = "aws_iam_policy_document"
_META: Final = frozenset(
    {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "dynamic"}
)
_COMPUTED: Final = frozenset({"id", "arn", "self_link", "tags_all", "unique_id", "etag", "fingerprint"})
_ALL: Final = "all"


def found_in(
    module: Module, steps: list[str | int], known: dict[tuple[str | int, ...], Node | None]
) -> tuple[Node, int] | None:
    """What the text says of ``type.name.attribute`` or ``data.type.name.attribute``, and how many of `steps` that
    is. known: what was found before."""
    is_data = steps[0] == "data"
    address = steps[1:] if is_data else steps
    if len(address) < 3 or not isinstance(address[0], str) or not isinstance(address[1], str):
        return None
    if is_data and address[0] != _POLICY:
        return None
    kinds = module.blocks.named.get("data" if is_data else "resource", {}).get(address[0])
    names = kinds[1] if kinds is not None else None
    block = names.get(address[1]) if isinstance(names, Mapping) else None
    if not isinstance(block, Mapping):
        return None
    keyed = block.get("count") is not None or block.get("for_each") is not None
    at = 3 if keyed else 2
    if len(address) <= at or not isinstance(attribute := address[at], str):
        return None
    used = tuple(steps[: at + 1 + is_data])
    if used not in known:
        known[used] = None  # what refers to itself stays unknown
        key = address[2] if keyed else None
        known[used] = _stated(module, block, key, attribute, is_policy=is_data)
    found = known[used]
    return None if found is None else (found, len(used))


def _stated(
    module: Module, block: Mapping, key: str | int | None, attribute: str, is_policy: bool
) -> Node | None:
    if is_policy:
        if attribute not in ("json", "minified_json"):
            return None
    elif (
        attribute in _META or attribute in _COMPUTED or looks_secret(attribute) or _ignored(block, attribute)
    ) or block.get(attribute) is None:
        return None
    for instance in module.instances(block):
        if key is None or instance.key in (
            (f"[{key}]" if key else "") if isinstance(key, int) else f'["{key}"]',
        ):
            if is_policy:
                from riskcheck.platforms.terraform.policy_documents import policy_of

                return policy_of(block, instance.each, module.scope)
            written = block.get(attribute)
            assert written is not None
            value = module.scope(instance.each).value(written)
            return None if _is_open(value) or is_null(value) else value
    return None


def _ignored(block: Mapping, attribute: str) -> bool:
    """Whether the resource keeps what it has, whatever the configuration says."""
    held = block.get("lifecycle")
    for each in held.items if isinstance(held, Sequence) else ():
        ignored = each.get("ignore_changes") if isinstance(each, Mapping) else None
        items = ignored.items if isinstance(ignored, Sequence) else [ignored]
        for item in items:
            name = item.raw.removeprefix("${").removesuffix("}") if isinstance(item, Scalar) else ""
            if name == _ALL or name.partition(".")[0].partition("[")[0] == attribute:
                return True
    return False


def _is_open(node: Node) -> bool:
    return isinstance(node, Scalar) and node.tag == EXPRESSION
