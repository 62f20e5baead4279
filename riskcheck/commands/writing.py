"""Where a run writes to: stdout, as the terminal can show it, and files."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from riskcheck.report.style import Style


def targets_of(outputs: Sequence[str], formats: Collection[str]) -> list[tuple[str, str]]:
    """(format, path) of each ``--output FORMAT:FILE``. Raises `click.UsageError`, also where one cannot be written
    or would overwrite another: told before the analysis, not after it."""
    if not outputs:
        return []
    from riskcheck.commands.files import check_writable

    targets = [_target(output, formats) for output in outputs]
    taken: dict[str, str] = {}
    for format_, path in targets:
        check_writable(path)
        place = os.path.realpath(path)
        if place in taken and (os.path.isfile(path) or not os.path.exists(path)):
            raise click.UsageError(f"--output: {taken[place]} and {format_} would both be written to {path}")
        taken[place] = format_
    return targets


def write(
    render: Callable[[str, Style], str], format_: str, color: str, targets: Sequence[tuple[str, str]]
) -> None:
    """Writes what `render` makes of each format: to `targets` without colour, `format_` to stdout. color: as for
    `style_of`. Raises `click.UsageError`."""
    for format_of_file, path in targets:
        write_text(render(format_of_file, style_of("never")), path)
    _write_stdout(render(format_, style_of(color)))


def write_text(text: str, path: str | None) -> None:
    """`text` to the file at `path`, to stdout where it is None. Raises `click.UsageError`."""
    if path is None:
        _write_stdout(text)
        return
    from riskcheck.commands.files import write_file

    write_file(path, text)


def style_of(color: str) -> Style:
    """What the terminal can show. color: ``auto``, ``always`` or ``never``."""
    from riskcheck.report.style import Style

    return Style(colour=_colour(color), unicode=_unicode())


def width() -> int:
    """80 columns unless a terminal says otherwise; never beyond 100, where lines stop being read."""
    if not sys.stdout.isatty():
        return 80
    from shutil import get_terminal_size

    return max(60, min(get_terminal_size((80, 24)).columns, 100))


def _target(output: str, formats: Collection[str]) -> tuple[str, str]:
    format_, colon, path = output.partition(":")
    if not colon or not path or format_ not in formats:
        raise click.UsageError(f"--output {output}: write FORMAT:FILE, FORMAT one of {', '.join(formats)}")
    return format_, path


def _unicode() -> bool:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return encoding.startswith("utf")


def _colour(wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _write_stdout(text: str) -> None:
    if not text:
        return
    # What may be wrong with it is dealt with in `riskcheck.streams`.
    sys.stdout.write(text)
    sys.stdout.flush()
