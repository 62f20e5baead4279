"""Feature flags in files: which variant who gets, as far as the file says. `flagformats` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Node

OFF_NAMES: Final = frozenset(
    [
        "off",
        "false",
        "no",
        "none",
        "control",
        "disabled",
        "baseline",
        "old",
        "legacy",
        "default",
        "0",
        "null",
        "",
    ]
)
"""Names and values of the variant that stands for the state without the feature."""

ENABLED: Final = "enabled"
_STATES: Final = frozenset([ENABLED, "disabled", "internal", "preview", "beta"])
"""States of a feature; all but the first leave the public without it."""

_KILL_SWITCH: Final = (
    "kill",
    "breaker",
    "emergency",
    "panic",
    "failsafe",
    "fail-safe",
    "fail_safe",
    "load-shed",
)


class Segment(NamedTuple):
    """Whom a flag treats alike. who: the condition as compact JSON, ``""`` for everyone else.

    shares: value (as JSON) to its share, 0..1; None where that cannot be told.
    """

    who: str
    shares: MappingOf[str, float] | None

    @property
    def production(self) -> bool:
        """Whether the condition names production."""
        return any(tell(word).stage == "prod" for word in self.who.split('"') if word)


class Flag(NamedTuple):
    """One flag. name: its key, and the environment where the file has one part for each.

    active: whether it decides at all; where it does not, the application's own default holds. segments: in the
    order in which they are tried, everyone else last. default: value (as JSON) that is served where nothing
    decides. names: what values are called. fractional: whether shares of the population are given. node: where it
    is written.
    """

    name: str
    active: bool
    segments: tuple[Segment, ...]
    default: str | None
    names: MappingOf[str, str]
    node: Node
    fractional: bool = False

    @property
    def kill_switch(self) -> bool:
        """Whether its name says that it is there to switch something off in need."""
        lowered = self.name.lower()
        return any(word in lowered for word in _KILL_SWITCH)

    @property
    def rest(self) -> Segment:
        """Everyone else."""
        return self.segments[-1]

    def called(self, value: str | None) -> str:
        """What people call `value`."""
        return "unset" if value is None else self.names.get(value, value.strip('"'))

    def is_off(self, value: str) -> bool:
        """Whether `value` stands for the state without the feature."""
        return value.strip('"').lower() in OFF_NAMES or self.called(value).lower() in OFF_NAMES


def has_state(node: Node | None) -> bool:
    """Whether a mapping is a feature that says who has it by its ``state``."""
    state = node.get("state") if isinstance(node, Mapping) else None
    return isinstance(state, Scalar) and state.raw in _STATES


def is_flag_file(root: Node | None) -> bool:
    """Whether a document is a flag file by its content: ``flags`` at the top, each with variants or variations, or
    ``features``, some of them with a state."""
    features = root.get("features") if isinstance(root, Mapping) else None
    if isinstance(features, Mapping):
        below = [child for _, child in features.entries]
        return all(isinstance(child, Mapping) for child in below) and any(map(has_state, below))
    flags = root.get("flags") if isinstance(root, Mapping) else None
    found = [child for _, child in flags.entries] if isinstance(flags, Mapping) else []
    if isinstance(flags, Sequence):
        found = [item for item in flags.items if isinstance(item, Mapping) and item.get("key") is not None]
    return bool(found) and all(_is_flag(one) for one in found)


def _is_flag(node: Node) -> bool:
    return isinstance(node, Mapping) and (
        (isinstance(node.get("variants"), Mapping) and node.get("state") is not None)
        or isinstance(node.get("variations"), Sequence)
    )
