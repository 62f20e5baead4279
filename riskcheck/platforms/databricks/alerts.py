"""Alerts whose settings stand in a ``.dbalert.json`` file of their own.

https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/load_dbalert_files.go
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.platforms.databricks.build import Entry, entry, stated, text_of
from riskcheck.platforms.databricks.discovery import below

if TYPE_CHECKING:
    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.load import Loader
    from riskcheck.platforms.databricks.normalize import Normalizer

_IN_BUNDLE: Final = frozenset(("warehouse_id", "display_name", "file_path", "permissions", "lifecycle"))
"""Fields that the bundle states even where the file states the rest."""

_LINES: Final = {"query_lines": "query_text", "custom_description_lines": "custom_description"}
"""Texts that the file may split into lines."""


def with_file(
    body: Mapping, directory: str, loader: Loader, normalizer: Normalizer, limits: Limits
) -> Mapping:
    """The body of an alert with the settings of the file that its `file_path`, from `directory`, names."""
    file_path = body.get("file_path")
    name = text_of(file_path)
    if file_path is None or not name or name.startswith("/") or "${" in name:
        return body
    path = normpath(below(directory, name))
    settings = None if path.startswith("../") else loader.optional(path)
    if settings is None:
        limits.at(file_path, "alert-file", f"the settings of the alert in '{name}' cannot be read")
        return body
    kept = [(key, node) for key, node in body.entries if key.raw in _IN_BUNDLE]
    settings = settings.with_entries(_renamed(settings))
    return body.with_entries([*kept, *normalizer.normalize("alerts", settings).entries])


def _renamed(settings: Mapping) -> list[Entry]:
    entries: list[Entry] = []
    for key, node in settings.entries:
        text = _LINES.get(key.raw)
        if text is not None:
            entries.append(entry(text, _joined(node), key))
        elif key.raw not in _IN_BUNDLE and key.raw not in _LINES.values():
            entries.append((key, node))
    return entries


def _joined(node: Node) -> Node:
    if not isinstance(node, Sequence):
        return node
    return stated("".join(f"{text_of(line)}\n" for line in node.items), node, *node.items)
