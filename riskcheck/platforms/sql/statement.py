"""One statement as what it does: a verb, what it is done to, and the parts that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.lexing import Cursor, Name, Piece

OBJECTS: Final = (
    "MATERIALIZED VIEW",
    "STREAMING TABLE",
    "STREAMING LIVE TABLE",
    "LIVE TABLE",
    "LIVE VIEW",
    "EXTERNAL LOCATION",
    "EXTERNAL VOLUME",
    "EXTERNAL TABLE",
    "FOREIGN CATALOG",
    "STORAGE CREDENTIAL",
    "SERVICE CREDENTIAL",
    "TABLE",
    "VIEW",
    "SCHEMA",
    "DATABASE",
    "CATALOG",
    "VOLUME",
    "FUNCTION",
    "PROCEDURE",
    "CONNECTION",
    "SHARE",
    "RECIPIENT",
    "PROVIDER",
    "METASTORE",
    "MODEL",
    "CLEAN ROOM",
)
"""What statements are about, longest first."""

_ONE_WORD: Final = {
    "DATABASE": "SCHEMA",
    "EXTERNAL VOLUME": "VOLUME",
    "EXTERNAL TABLE": "TABLE",
    "FOREIGN CATALOG": "CATALOG",
    "STREAMING LIVE TABLE": "STREAMING TABLE",
    "LIVE TABLE": "MATERIALIZED VIEW",
    "LIVE VIEW": "VIEW",
}


class Statement(NamedTuple):
    """verb and object: upper case. name: what it is done to, None where it has none. flags: lower-case words such
    as ``if_exists``, ``cascade``, ``replace``, ``query``, ``where``. values: key to node, in the shape of
    `riskcheck.tables.shape` where that has the key. more: further names in one DROP. understood:
    read to its end."""

    verb: str
    object: str
    name: Name | None
    piece: Piece
    flags: frozenset[str] = frozenset()
    values: tuple[tuple[str, Node], ...] = ()
    more: tuple[Name, ...] = ()
    understood: bool = True


def object_of(cursor: Cursor) -> str:
    """The kind of thing that comes next, stepped over, ``""`` for none."""
    for words in OBJECTS:
        if cursor.takes(*words.split()):
            return _ONE_WORD.get(words, words)
    return ""
