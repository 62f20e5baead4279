"""The command line in this process, as in one of its own: what it prints, its exit code, and no defect hidden."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from riskcheck import cli


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def run(
    arguments: Sequence[str], folder: Path | str, environ: Mapping[str, str], stdin: bytes = b""
) -> Ended:
    """Runs ``riskcheck`` with `arguments` in `folder`. Raises what it would call an internal error."""
    with _process(arguments, folder, environ, stdin) as (out, err):
        code = cli.run()
        sys.stdout.flush()
        sys.stderr.flush()
        return Ended(code, out.getvalue().decode(), err.getvalue().decode())


@contextmanager
def _process(
    arguments: Sequence[str], folder: Path | str, environ: Mapping[str, str], stdin: bytes
) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    out, err = io.BytesIO(), io.BytesIO()
    kept = sys.argv, sys.stdin, sys.stdout, sys.stderr, Path.cwd(), dict(os.environ), cli._internal_error
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ["riskcheck", *arguments]
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8", "surrogateescape")
        sys.stdout = io.TextIOWrapper(out, "utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True)
        cli._internal_error = _raised
        yield out, err
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = kept[:4]
        os.chdir(kept[4])
        os.environ.clear()
        os.environ.update(kept[5])
        cli._internal_error = kept[6]


def _raised(error: Exception) -> NoReturn:
    raise error
