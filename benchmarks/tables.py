"""Tables of results: aligned for a terminal, as Markdown for `benchmarks/README.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

README: Final = Path(__file__).parent / "README.md"


class Table(NamedTuple):
    """Rows under a header; the first column is text, the others are numbers. name: of its markers in the README.
    notes: what was not measured and why, one line each."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def show(table: Table, as_markdown: bool) -> None:
    """Prints a table as soon as it is measured."""
    print(markdown(table) if as_markdown else text(table), end="\n\n", flush=True)


def text(table: Table) -> str:
    """Columns under each other, notes below."""
    lines = [(table.title, *table.header[1:]), *table.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.header))]
    shown = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([*shown, *(f"  {note}" for note in table.notes)])


def markdown(table: Table) -> str:
    """A table of Markdown, numbers to the right, notes as a list."""
    rule = ("---", *("--:" for _ in table.header[1:]))
    lines = [
        "| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in (table.header, *table.rows)
    ]
    lines.insert(1, "|" + "|".join(rule) + "|")
    if table.notes:
        lines += ["", *(f"- {_escaped(note)}" for note in table.notes)]
    return "\n".join(lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def spliced(page: str, name: str, content: str) -> str:
    """`page` with `content` between the markers of `name`. Raises `ValueError` where the markers are not there."""
    opening, closing = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(opening)
    _, ended, after = rest.partition(closing)
    if not found or not ended:
        raise ValueError(f"there is no place for a table between {opening} and {closing}")
    return f"{before}{opening}\n\n{content}\n\n{closing}{after}"


def write(tables: Sequence[Table], page: Path = README) -> None:
    """Puts each table between its markers. Raises `ValueError` as `spliced`, before anything is written."""
    content = page.read_text(encoding="utf-8")
    for table in tables:
        content = spliced(content, table.name, markdown(table))
    page.write_text(content, encoding="utf-8")
