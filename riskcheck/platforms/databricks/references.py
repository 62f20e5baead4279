"""``${a.b[0].c}``: where references stand in a text, and what their path means in a tree.

The grammar is that of https://github.com/databricks/cli/blob/7bbe285213/libs/dyn/dynvar/ref.go, written so that
it cannot backtrack: the original, taken literally, is exponential in Python.
"""

from __future__ import annotations

import re
from typing import Final

from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.regexes import regex

_SEGMENT: Final = r"[^\W\d_](?:[-_]*+[^\W_])*+"
_INDEX: Final = r"(?:\[[0-9]++\])*+"
REFERENCE: Final = regex(rf"\$\{{({_SEGMENT}(?:\.{_SEGMENT}{_INDEX})*+{_INDEX})\}}")
"""One reference; group 1 is its path."""

_STEP: Final = regex(r"\[([0-9]++)\]|([^.\[\]]++)")

_DOUBLED: Final = (
    r"/Workspace/?+(\$\{workspace\.(?:root_path|file_path|artifact_path|state_path|resource_path)\})"
)

Step = str | int


def steps(path: str) -> tuple[Step, ...]:
    """``a.b[0]`` to its steps; ``var.x`` is short for ``variables.x.value``."""
    found: tuple[Step, ...] = tuple(_step(match) for match in _STEP.finditer(path))
    if len(found) > 1 and found[0] == "var":
        return ("variables", found[1], "value", *found[2:])
    return found


def _step(match: re.Match[str]) -> Step:
    number: str | None = match[1]
    if number is None:
        return match[2]
    return int(number) if len(number) < 10 else number


def below(node: Node, step: Step) -> Node | None:
    """The child of `node` at `step`, if there is one."""
    if isinstance(step, int):
        return node.items[step] if isinstance(node, Sequence) and step < len(node.items) else None
    return node.get(step) if isinstance(node, Mapping) else None


def undoubled(text: str) -> str:
    """``/Workspace${workspace.file_path}`` without its prefix, which the path itself has.

    https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/rewrite_workspace_prefix.go
    """
    return re.sub(_DOUBLED, r"\1", text) if "/Workspace" in text else text


def resource_of(path: str) -> tuple[str, str, str] | None:
    """Type, key and field path of a ``resources.<type>.<key>.<field>`` reference."""
    parts = path.split(".", 3)
    if len(parts) < 3 or parts[0] != "resources":
        return None
    return parts[1], parts[2].split("[", 1)[0], parts[3] if len(parts) > 3 else ""
