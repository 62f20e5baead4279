"""Terminal sessions in pages: what they show is what happens.

A page is one session. Its blocks of the language `console` hold commands, after `$ `, each with the output that
follows it; a line `…` stands for any number of lines. `<!-- file: PATH -->` before a block writes that block into a
file, `<!-- $ COMMAND -->` is a command that the page does not show. All run in one shell, in a directory of their
own that has the examples of the repository in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEFT_OUT: Final = "…"
_PART: Final = re.compile(
    r"^<!-- \$ (?P<hidden>.*?) -->$"
    r"|^<!-- file: (?P<path>\S+) -->\n+```\w+\n(?P<text>.*?)^```$"
    r"|^```console\n(?P<shown>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_END: Final = "\x1e"


@dataclass(frozen=True)
class Step:
    """A command and the lines that the page says it prints. shown: none of its output is, where it is hidden."""

    command: str
    output: tuple[str, ...]
    shown: bool = True


def steps(page: str) -> tuple[Step, ...]:
    """All that a page does, in its order."""
    return tuple(step for part in _PART.finditer(page) for step in _steps_of(part))


def run(page: Sequence[Step], root: Path) -> list[tuple[str, ...]]:
    """The lines that each step prints, errors included. Raises `RuntimeError` where a hidden step fails."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch, "work")
        shutil.copytree(root / "examples", place / "examples")
        script = "".join(f"{{ {step.command}\n}} 2>&1; printf '{_END}%s{_END}' $?\n" for step in page)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=place,
            env=_environment(Path(scratch), root),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
    pieces = done.stdout.split(_END)
    outputs = [tuple(line.rstrip() for line in text.strip("\n").splitlines()) for text in pieces[:-1:2]]
    for step, lines, code in zip(page, outputs, pieces[1::2], strict=True):
        if not step.shown and code != "0":
            raise RuntimeError(f"{step.command}: {' '.join(lines)}")
    return outputs


def agrees(stated: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the printed lines are the stated ones."""
    if not stated or stated[0].strip() != LEFT_OUT:
        if not stated or not printed or stated[0] != printed[0]:
            return not stated and not printed
        return agrees(stated[1:], printed[1:])
    return any(agrees(stated[1:], printed[start:]) for start in range(len(printed) + 1))


def renewed(page: str, outputs: Sequence[Sequence[str]]) -> str:
    """The page with the output of every step as it is. What agrees is kept, with what it leaves out."""
    following = iter(outputs)

    def block(part: re.Match[str]) -> str:
        found = [(step, next(following)) for step in _steps_of(part)]
        if part["shown"] is None:
            return part[0]
        lines = []
        for step, printed in found:
            lines.append(f"$ {step.command}")
            lines += step.output if agrees(step.output, printed) else printed
        return "\n".join(("```console", *lines, "```"))

    return _PART.sub(block, page)


def _steps_of(part: re.Match[str]) -> Iterator[Step]:
    if part["hidden"] is not None:
        yield Step(part["hidden"], (), shown=False)
    elif part["path"] is not None:
        path = part["path"]
        write = (
            f"mkdir -p \"$(dirname '{path}')\" && cat > '{path}' <<'END_OF_BLOCK'\n{part['text']}END_OF_BLOCK"
        )
        yield Step(write, (), shown=False)
    else:
        for text in re.split(r"^\$ ", part["shown"], flags=re.MULTILINE)[1:]:
            lines = text.rstrip("\n").split("\n")
            end = next(index for index, line in enumerate(lines) if not line.endswith("\\")) + 1
            output = tuple(line.rstrip() for line in "\n".join(lines[end:]).strip("\n").split("\n"))
            yield Step("\n".join(lines[:end]), output if output != ("",) else ())


def _environment(scratch: Path, root: Path) -> dict[str, str]:
    """Nothing of the user's own settings, and `riskcheck` as it stands in this checkout."""
    programs = scratch / "programs"
    programs.mkdir()
    (programs / "riskcheck").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m riskcheck "$@"\n', "utf-8")
    (programs / "riskcheck").chmod(0o755)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "HOME": str(scratch),
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Example",
        "GIT_AUTHOR_EMAIL": "example@example.com",
        "GIT_COMMITTER_NAME": "Example",
        "GIT_COMMITTER_EMAIL": "example@example.com",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "init.defaultBranch",
        "GIT_CONFIG_VALUE_0": "main",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
