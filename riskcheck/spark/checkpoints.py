"""Where streaming queries keep their progress, as configuration hands it to them.

A query is its checkpoint: https://docs.databricks.com/structured-streaming/checkpoints.html . The property
``spark.sql.streaming.checkpointLocation`` is a folder in which each query has its own
(https://spark.apache.org/docs/latest/streaming/apis-on-dataframes-and-datasets.html); arguments and parameters
usually are the location itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, escape_key
from riskcheck.records import NamedTuple
from riskcheck.spark.operator import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath, Reading

PROPERTY: Final = "spark.sql.streaming.checkpointLocation"

_OF_MODELS: Final = ("model", "weight", "pretrained", "resume", "restore", "init", "torch", "train")
_OF_SEVERAL: Final = ("root", "base", "prefix", "parent", "checkpoints", PROPERTY.lower())
_SCHEMES: Final = {"s3a": "s3", "s3n": "s3", "wasbs": "wasb", "abfss": "abfs"}
_MOST_DEPTH: Final = 40


class Checkpoint(NamedTuple):
    """One location. name: of the property, parameter or option that hands it on. path: of its value, or of the list
    of arguments that holds it."""

    name: str
    location: str
    path: KeyPath
    node: Node

    @property
    def is_of_one_query(self) -> bool:
        """Whether it is the location of one query, and no folder in which several have theirs."""
        return not any(word in self.name.lower() for word in _OF_SEVERAL)


def names_checkpoint(name: str) -> bool:
    """Whether what is called `name` is where a stream keeps its progress, and not a trained model."""
    low = name.lower()
    return "checkpoint" in low and not any(word in low for word in _OF_MODELS)


def is_location(text: str) -> bool:
    return "/" in text and " " not in text.strip()


def normalised(location: str) -> str:
    """The same for other spellings of one place."""
    text = location.strip().rstrip("/")
    scheme, separator, rest = text.partition("://")
    if separator:
        return f"{_SCHEMES.get(scheme, scheme)}://{rest}"
    return text.removeprefix("dbfs:")


def in_arguments(node: Node | None, place: KeyPath, reading: Reading) -> Iterator[Checkpoint]:
    """Of a list of arguments: ``--checkpoint <location>``, ``--checkpoint=<location>``, ``checkpoint=…``."""
    texts = (
        [(text_of(item, reading) or "", item) for item in node.items] if isinstance(node, Sequence) else []
    )
    for number, (text, item) in enumerate(texts):
        name, equals, value = text.rpartition("=")
        if not equals and text.startswith("-") and number + 1 < len(texts):
            name, (value, item) = text, texts[number + 1]
        name = name.lstrip("-").rpartition("=")[2]
        if names_checkpoint(name) and is_location(value):
            yield Checkpoint(name, value, place, item)


def in_entry(mapping: Mapping, key: str, path: KeyPath, reading: Reading) -> Checkpoint | None:
    """Of one entry: ``checkpoint: <location>``, or ``name: checkpoint`` beside ``default`` or ``value``."""
    node = mapping.get(key)
    name = text_of(mapping.get("name"), reading) or "" if key in ("default", "value") else key
    text = text_of(node, reading) if isinstance(node, Scalar) else None
    if node is None or text is None or not names_checkpoint(name) or not is_location(text):
        return None
    return Checkpoint(name, text, path, node)


def all_checkpoints(node: Node, reading: Reading, path: KeyPath = ()) -> Iterator[Checkpoint]:
    """All locations below `node`. List items are named by the key that names tasks, or by their place."""
    if len(path) > _MOST_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, child in node.entries:
            below = (*path, escape_key(key.raw))
            found = in_entry(node, key.raw, below, reading)
            if found is not None:
                yield found
            yield from all_checkpoints(child, reading, below)
    elif isinstance(node, Sequence):
        yield from in_arguments(node, path, reading)
        for number, item in enumerate(node.items):
            if not isinstance(item, Scalar):
                named = text_of(item.get("task_key"), reading) if isinstance(item, Mapping) else None
                yield from all_checkpoints(item, reading, (*path, f"[{named or number}]"))
