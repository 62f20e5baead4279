"""What a shell may complete: rules and revisions. Imported when a shell asks, never by a run."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from click.shell_completion import CompletionItem

from riskcheck.data import data_path
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE: Final = regex(r"^(id|code|title): *(.+?) *$", re.MULTILINE)
_HEAD: Final = 4_000
"""Bytes of a rule file that hold its id, code and title."""


def rules(incomplete: str) -> list[CompletionItem[str]]:
    """Codes and ids of the built-in rules that begin with `incomplete`: codes alone while nothing is typed. Read
    from the heads of their files, so that no rule is loaded."""
    wanted = incomplete.lower()
    found: list[CompletionItem[str]] = []
    for said in sorted(_rules(), key=lambda one: one["code"]):
        for name in (said["code"], said["id"])[: 2 if incomplete else 1]:
            if name.lower().startswith(wanted):
                # A comma ends what fish is told.
                found.append(CompletionItem(name, help=said.get("title", "").replace(",", ";")))
    return found


def _rules() -> Iterator[dict[str, str]]:
    for pack in os.scandir(data_path("rules")):
        for file in os.scandir(pack.path) if pack.is_dir() else ():
            if not file.name.endswith(".yaml") or file.name.endswith(".test.yaml"):
                continue
            with open(file.path, encoding="utf-8") as opened:
                said = {key: value.strip("\"'") for key, value in _CODE.findall(opened.read(_HEAD))}
            if {"id", "code"} <= said.keys():
                yield said


def revisions(incomplete: str) -> list[CompletionItem[str]]:
    """Branches and tags of the repository around; of a range, for its second end. None outside of one."""
    from riskcheck.errors import RunError
    from riskcheck.sources.git import GitError
    from riskcheck.sources.refs import names_of_refs

    before, dots, typed = incomplete.rpartition("...") if "..." in incomplete else incomplete.rpartition("..")
    try:
        names = names_of_refs(os.getcwd(), os.environ)
    except (RunError, GitError, OSError):
        return []
    return [CompletionItem(f"{before}{dots}{name}") for name in names if name.startswith(typed)]
