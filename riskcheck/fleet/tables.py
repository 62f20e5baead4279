"""Tables on disk: a folder of Parquet files, or of JSON lines where pyarrow is not installed.

Parquet by pyarrow, which is Apache Arrow's own and what Spark and Delta readers in Python use, too; it is an extra,
since 40 MB are a lot for a linter.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from riskcheck.errors import RunError
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.fleet.model import Columns, Row

ROWS_AT_ONCE: Final = 10_000
"""Rows that are held in memory and make a group of a Parquet file."""

_OURS: Final = regex(r"part-.*\.(parquet|jsonl)|\.part-.*\.crc|_SUCCESS|\._SUCCESS\.crc")
"""What we and Spark write into the folder of a table."""


def file_format() -> str:
    """``parquet``, or ``jsonl`` where nothing here writes Parquet."""
    return "parquet" if find_spec("pyarrow") is not None else "jsonl"


def check_table(folder: str) -> None:
    """Raises `RunError` where `folder` is no place for a table that is written whole."""
    if os.path.exists(os.path.join(folder, "_delta_log")):
        raise RunError(
            f"{folder} is a Delta table, whose files are not to be replaced under it: choose another --output and "
            "write its rows into the table"
        )


def clear_table(folder: str) -> None:
    """Takes the files of an earlier table out of `folder`, and nothing else."""
    with suppress(FileNotFoundError):
        for name in os.listdir(folder):
            if _OURS.fullmatch(name):
                os.unlink(os.path.join(folder, name))


def write_table(folder: str, columns: Columns, rows: Iterable[Row]) -> None:
    """Makes `rows` the table in `folder`, in their order, in the place of what it held. Raises `RunError`."""
    form = file_format()
    new = os.path.join(folder, ".new")
    try:
        os.makedirs(folder, exist_ok=True)
        (_write_parquet if form == "parquet" else _write_lines)(new, columns, rows)
        clear_table(folder)
        os.replace(new, os.path.join(folder, f"part-00000.{form}"))
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror or error}") from None


def read_table(folder: str, columns: Columns) -> Iterator[Row]:
    """The rows of the table in `folder`, file by file in the order of their names. Raises `RunError`."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith("part-") and name.endswith(".parquet"):
            import pyarrow.parquet

            for batch in pyarrow.parquet.ParquetFile(path).iter_batches(columns=[one for one, _ in columns]):
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        elif name.startswith("part-") and name.endswith(".jsonl"):
            with open(path, encoding="ascii") as lines:
                for line in lines:
                    stated = json.loads(line)
                    yield tuple(stated[one] for one, _ in columns)


def arrow_schema(columns: Columns) -> Any:
    """`columns` as a schema of pyarrow. Every value may be absent, as in what Spark writes."""
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "long": pyarrow.int64(),
        "double": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "array<string>": pyarrow.list_(pyarrow.string()),
        "array<double>": pyarrow.list_(pyarrow.float64()),
    }
    return pyarrow.schema([pyarrow.field(name, types[type_]) for name, type_ in columns])


def arrow_batches(columns: Columns, rows: Iterable[Row]) -> Iterator[Any]:
    """`rows` as record batches of pyarrow."""
    import pyarrow

    schema = arrow_schema(columns)
    for group in _groups(rows):
        values = [
            pyarrow.array([_storable(row[number]) for row in group], type=field.type)
            for number, field in enumerate(schema)
        ]
        yield pyarrow.RecordBatch.from_arrays(values, schema=schema)


def _storable(value: object) -> object:
    """Names of files may be any bytes, text in a table is UTF-8: the others are spelled out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_storable(one) for one in value] if isinstance(value, list) else value


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        group.append(row)
        if len(group) == ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _write_parquet(path: str, columns: Columns, rows: Iterable[Row]) -> None:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetWriter(path, arrow_schema(columns), store_schema=False) as writer:
        for batch in arrow_batches(columns, rows):
            writer.write_batch(batch)


def _write_lines(path: str, columns: Columns, rows: Iterable[Row]) -> None:
    names = [name for name, _ in columns]
    with open(path, "w", encoding="ascii", newline="\n") as file:
        for row in rows:
            stated = [_storable(value) for value in row]
            file.write(json.dumps(dict(zip(names, stated, strict=True)), allow_nan=False) + "\n")
