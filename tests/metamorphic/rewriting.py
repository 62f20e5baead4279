"""Every way to write the files of a tree differently, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from tests.metamorphic import other_texts, yaml_texts
from tests.metamorphic.limits import OWN_PACK

Files = Mapping[str, bytes]
Rewriting: TypeAlias = Callable[[str], str | None]

YAML: Final = ("yaml", "yml", "MLmodel")
HCL: Final = ("tf", "hcl", "tfvars")
LINES: Final = ("toml", "properties", "conf", "env")
CONFIGURATION: Final = (*YAML, *HCL, *LINES, "json", "sql")

LAYOUTS: Final[Mapping[str, Mapping[tuple[str, ...], Rewriting]]] = {
    "other indentation": {
        YAML: yaml_texts.with_other_indentation,
        HCL: other_texts.hcl_with_other_spaces,
        ("json",): other_texts.json_in_one_line,
    },
    "flow style": {YAML: yaml_texts.in_flow_style, ("json",): other_texts.json_in_many_lines},
    "comments": {
        YAML: yaml_texts.with_comments,
        HCL: other_texts.hcl_with_comments,
        ("sql",): other_texts.sql_with_comments,
        LINES: other_texts.comments_of_hash,
    },
    "trailing spaces": {YAML: yaml_texts.with_trailing_spaces},
    "carriage returns": {CONFIGURATION: other_texts.with_carriage_returns},
    "byte order mark": {(*YAML, "json", "tf", "sql", "properties"): other_texts.with_byte_order_mark},
}
"""What has no meaning: to the extension of files, how they are written."""

ORDERS: Final[Mapping[str, Mapping[tuple[str, ...], Rewriting]]] = {
    "keys": {YAML: yaml_texts.with_keys_reversed},
    "named items": {YAML: yaml_texts.with_named_items_reversed},
    "documents": {YAML: yaml_texts.with_documents_reversed, ("tf",): other_texts.hcl_with_blocks_reversed},
}
"""Orders that mean nothing."""


def rewriting(ways: Mapping[tuple[str, ...], Rewriting]) -> Callable[[Files], dict[str, bytes]]:
    """All files of a tree written in `ways`, as far as there is one for them."""
    by_extension = {extension: way for extensions, way in ways.items() for extension in extensions}
    return partial(_rewritten, by_extension)


def _rewritten(ways: Mapping[str, Rewriting], files: Files) -> dict[str, bytes]:
    return {
        path: data if path == OWN_PACK else _file(ways.get(path.rpartition("/")[2].rpartition(".")[2]), data)
        for path, data in files.items()
    }


def _file(way: Rewriting | None, data: bytes) -> bytes:
    if way is None:
        return data
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    written = way(text)
    return data if written is None else written.encode()
