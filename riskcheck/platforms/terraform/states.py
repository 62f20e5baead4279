"""Names of states and of the outputs in them, by which one root reads what another made.

https://developer.hashicorp.com/terraform/language/state/remote-state-data. A state is known by where its backend
keeps it, an output of Terragrunt by the directory of its unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, walk
from riskcheck.platforms.terraform.discovery import joined
from riskcheck.platforms.terraform.evaluate import text_of
from riskcheck.regexes import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

_HOLDERS: Final = ("hostname", "organization", "bucket", "storage_account_name", "container_name")
_KEYS: Final = ("prefix", "key", "address")
_ANY: Final = "*"
_LOCAL: Final = "terraform.tfstate"

REMOTE_STATE: Final = "terraform_remote_state"
"""Type of the data source that reads the outputs of another root, and kind of what stands for it."""

OUTPUT: Final = "output"
"""Kind of what a root hands to others."""

_READS: Final = regex(rf"\bdata\.{REMOTE_STATE}\.([\w-]+)(?:\[[^\[\]]*\])?\.outputs\.([\w-]+)")
_DEPENDS: Final = regex(r"\bdependency\.([\w-]+)\.outputs\.([\w-]+)")


def unit_name(directory: str) -> str:
    """The name of what Terragrunt applies in a directory."""
    return f"terragrunt:{directory or '.'}"


def output_name(of: str, output: str) -> str:
    """The name of one output. of: that of a state or a unit."""
    return f"{of}#{output}"


def state_names(settings: Mapping | None, directory: str) -> tuple[str, ...]:
    """The names of the state that settings of a backend keep, the exact one first; () where the key is not known.
    directory: of the root, for a state in a file. settings: None for a root without a backend."""
    if settings is None:
        return (f"tfstate:{joined(directory, _LOCAL)}",)
    path = text_of(settings.get("path"))
    if path is not None:
        return (f"tfstate:{joined(directory, path)}",)
    keys = [settings.get(name) for name in _KEYS]
    keys += [block.get("name") for block in _blocks(settings.get("workspaces"))]
    found = [key for key in keys if key is not None]
    known = [text_of(key) for key in found]
    if not known or None in known:
        return ()
    key = "/".join(filter(None, known))
    holders = [text_of(value) for name in _HOLDERS if (value := settings.get(name)) is not None]
    if holders and None not in holders:
        return (f"tfstate:{'/'.join(filter(None, holders))}:{key}", f"tfstate:{_ANY}:{key}")
    return (f"tfstate:{_ANY}:{key}",)


def backend_of(blocks: Iterable[Node]) -> tuple[bool, Mapping | None]:
    """Whether ``terraform`` blocks say where the state is kept, and the settings of it."""
    for settings in blocks:
        for kind in ("backend", "cloud"):
            for one in _blocks(settings.get(kind) if isinstance(settings, Mapping) else None):
                held = [value for _, value in one.entries]
                if len(held) == 1 and isinstance(held[0], Mapping) and kind == "backend":
                    return True, held[0]  # JSON has the label as a key
                return True, one
    return False, None


def outputs_read(node: Node) -> Iterator[tuple[str, str, Scalar]]:
    """(data source, output, where) of each output of another state that is read below `node`."""
    yield from _found(_READS, node)


def outputs_needed(node: Node) -> Iterator[tuple[str, str, Scalar]]:
    """(dependency, output, where) of each output of another unit of Terragrunt that is read below `node`."""
    yield from _found(_DEPENDS, node)


def _found(pattern: re.Pattern[str], node: Node) -> Iterator[tuple[str, str, Scalar]]:
    for _, one in walk(node):
        if isinstance(one, Scalar) and "outputs." in one.raw:
            for name, output in pattern.findall(one.raw):
                yield name, output, one


def _blocks(node: Node | None) -> Iterator[Mapping]:
    items = node.items if isinstance(node, Sequence) else (node,)
    yield from (one for one in items if isinstance(one, Mapping))
