"""The sections of one template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOP: Final = "Fn::ForEach"
_EVALUATED: Final = frozenset(
    {
        "AWS::CodeDeployBlueGreen",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
        "AWS::Serverless-2016-10-31",
    }
)
"""Transforms that leave what is written here as it is, or add to it."""


class Declared(NamedTuple):
    """One resource as it is written. key: its logical id."""

    key: Scalar
    kind: str
    block: Mapping


class Template(NamedTuple):
    """path: of its file. root: all of it."""

    path: str
    root: Mapping

    def section(self, name: str) -> Mapping | None:
        """``Parameters``, ``Mappings``, ``Conditions``, ``Outputs`` …; None where it has none."""
        found = self.root.get(name)
        return found if isinstance(found, Mapping) else None

    @property
    def parameters(self) -> dict[str, Mapping]:
        """Name to declaration."""
        held = self.section("Parameters")
        return {key.raw: node for key, node in held.entries if isinstance(node, Mapping)} if held else {}

    def resources(self) -> Iterator[Declared]:
        """Resources that have a type."""
        held = self.section("Resources")
        for key, block in held.entries if held else ():
            kind = block.get("Type") if isinstance(block, Mapping) else None
            if isinstance(block, Mapping) and isinstance(kind, Scalar) and kind.raw:
                yield Declared(key, kind.raw, block)

    def untyped(self) -> Iterator[tuple[Scalar, str]]:
        """What of the resources is not understood, each with why."""
        held = self.section("Resources")
        for key, block in held.entries if held else ():
            kind = block.get("Type") if isinstance(block, Mapping) else None
            if key.raw.startswith(_LOOP):
                yield key, "what Fn::ForEach makes is not looked into"
            elif not isinstance(kind, Scalar) or not kind.raw:
                yield key, f"{key.raw[:80]} has no Type, so that no stack can be made of the template"

    def macros(self) -> list[Scalar]:
        """Transforms that may change anything, and are not run."""
        stated = self.root.get("Transform")
        nodes = stated.items if isinstance(stated, Sequence) else [stated]
        return [node for node in nodes if isinstance(node, Scalar) and node.raw not in _EVALUATED]
