"""Git repositories with whatever git can hold: paths of any bytes, links, submodules, in two commits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from fuzz.archive import unpacked
from tests.gitrepo import isolated_environment

_MODE: Final = re.compile(r" \((100644|100755|120000|160000)\)\Z")
_FORBIDDEN: Final = frozenset({b"", b".", b"..", b".git"})


@cache
def _home() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-home-"))


def environment() -> dict[str, str]:
    """An environment that knows no configuration of this machine, and keeps its cache in a folder of its own."""
    return {
        **isolated_environment(_home() / "home"),
        "XDG_CACHE_HOME": str(_home() / "cache"),
        "LC_ALL": "C.UTF-8",
    }


@contextmanager
def repository(data: bytes, checkout: bool = False) -> Iterator[Path | None]:
    """A repository with the commits ``base`` and ``head`` that `data` describes; None where git refuses them.

    data: files as in `fuzz.archive`, below ``base/`` and ``head/``; ``%0A`` in a name is that byte, `` (120000)``
    at its end the mode.
    """
    folder = Path(tempfile.mkdtemp(prefix="fuzz-git-"))
    try:
        place = folder / "repo"
        shutil.copytree(_empty(), place)
        command = ["git", "fast-import", "--quiet", "--date-format=raw"]
        made = _git(command, place, _stream(data))
        if made and checkout:
            made = _git(["git", "checkout", "-q", "-f", "main"], place)
        yield place if made else None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _empty() -> Path:
    place = _home() / "empty"
    assert _git(["git", "init", "-q", "-b", "main", str(place)], _home())
    return place


def _git(command: list[str], place: Path, stdin: bytes = b"") -> bool:
    done = subprocess.run(
        command, cwd=place, env=environment(), input=stdin, capture_output=True, check=False
    )
    return done.returncode == 0


def _stream(data: bytes) -> bytes:
    trees: dict[str, list[bytes]] = {"base": [], "head": []}
    for heading, body in unpacked(data).items():
        side, _, rest = heading.partition("/")
        mode = _MODE.search(rest)
        path = unquote_to_bytes((rest[: mode.start()] if mode else rest).encode("utf-8", "surrogateescape"))
        if side not in trees or b"\0" in path or not _FORBIDDEN.isdisjoint(path.lower().split(b"/")):
            continue
        kind = mode[1].encode() if mode else b"100644"
        quoted = b'"%s"' % re.sub(rb'[\x00-\x1f"\\\x7f-\xff]', lambda sign: b"\\%03o" % ord(sign[0]), path)
        if kind == b"160000":
            trees[side].append(b"M 160000 %s %s\n" % (b"1" * 40, quoted))
        else:
            trees[side].append(b"M %s inline %s\ndata %d\n%s\n" % (kind, quoted, len(body), body))
    return _commit(1, trees["base"], b"") + _commit(2, trees["head"], b"from :1\ndeleteall\n")


def _commit(number: int, files: list[bytes], before: bytes) -> bytes:
    who = b"committer Test <test@example.invalid> %d +0000\n" % (1_700_000_000 + number * 60)
    return b"commit refs/heads/main\nmark :%d\n%sdata 1\nx\n%s%s\n" % (number, who, before, b"".join(files))


assert os.name == "posix", "the fuzzers need signals and rlimits of POSIX"
