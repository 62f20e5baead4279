"""Reads a fleet file: what is done, to which repositories."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.data import data_text
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import MAX_BYTES, DocumentStore
from riskcheck.errors import Problem, ProblemsError, RunError
from riskcheck.fleet.model import Fleet, Member
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.policy.schema import faults
from riskcheck.regexes import regex
from riskcheck.trees import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node, Value

MOST_MEMBERS: Final = 20_000
"""Repositories of one fleet."""

_NAME: Final = regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_NO_URL: Final = "riskcheck fetches nothing: clone it (git clone --bare URL) and name the folder as `path`"


def read_fleet(path: str) -> Fleet:
    """The fleet that the file at `path` asks for. Paths in it are relative to its folder. Raises `RunError`, with
    all that is wrong and where."""
    root, problems = _document(path)
    if root is None:
        raise ProblemsError(problems or [Problem(path, 1, "is empty; a fleet file begins with `version: 1`")])
    for fault in faults(root, json.loads(data_text("schemas", "fleet.schema.json"))):
        said = f"{fault.where}: {fault.message}".removeprefix(": ")
        if isinstance(fault.node, Scalar) and fault.node.raw == "url":
            said = f"{fault.where}: {_NO_URL}"
        problems.append(Problem(path, fault.node.file_line, said))
    value = plain_value(root, "yaml-1.2")
    if problems or not isinstance(value, dict):
        raise ProblemsError(problems)
    return _Reading(path, root, value).fleet()


def _document(path: str) -> tuple[Node | None, list[Problem]]:
    try:
        with open(path, "rb") as file:  # named by whoever starts the run, wherever it is
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or 'cannot be read'}; name a fleet file") from None
    document = DocumentStore(MemoryTree({path: content}, "base", "disk")).get(path, "yaml")
    problems = [
        Problem(path, found.line, found.reason)
        for chunk in document.chunks
        for found in (*((chunk.error,) if chunk.error else ()), *chunk.duplicate_keys)
    ]
    if document.unreadable is not None and not problems:
        problems.append(Problem(path, 1, document.error.reason if document.error else document.unreadable))
    rooted = [chunk for chunk in document.chunks if chunk.root is not None]
    if len(rooted) > 1:
        problems.append(Problem(path, rooted[1].first_line, "a fleet file is one document"))
    return (rooted[0].root if rooted else None), problems


class _Reading:
    """One file that is as the schema wants it."""

    def __init__(self, path: str, root: Node, value: dict[str, Value]) -> None:
        self._path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._root = root
        self._value = value
        self._problems: list[Problem] = []
        self._lines: dict[str, int] = {}

    def fleet(self) -> Fleet:
        """Raises `ProblemsError`."""
        from riskcheck.fleet.jobs import JOBS

        value = self._value
        asked, listed = value["do"], value["repositories"]
        assert isinstance(asked, list) and isinstance(listed, list)
        assert isinstance(self._root, Mapping)
        node = self._root.index["repositories"]
        assert isinstance(node, Sequence)
        members = [
            member
            for stated, item in zip(listed, node.items, strict=True)
            if isinstance(stated, dict)
            for member in self._members(stated, item)
        ]
        if len(members) > MOST_MEMBERS:
            self._wrong(node, f"repositories: {len(members)} of them; at most {MOST_MEMBERS:,} make a fleet")
        if self._problems:
            raise ProblemsError(self._problems)
        return Fleet(
            jobs=tuple(job for job in JOBS if job in asked),
            members=tuple(sorted(members)),
            select=_texts(value.get("select")),
            ignore=_texts(value.get("ignore")),
            options={job: _options(value.get(job)) for job in JOBS},
        )

    def _members(self, stated: dict[str, Value], node: Node) -> Iterator[Member]:
        config = stated.get("config", self._value.get("config"))
        path = str(stated["path"])
        folders = self._folders(path)
        several = "*" in path or "?" in path
        if several and not folders:
            self._wrong(node, f"path: no folder is called {path}")
        if several and "name" in stated:
            self._wrong(node, f"name: {path} is several folders, which are called as they are")
        for folder in folders:
            own = os.path.basename(folder).removesuffix(".git")
            name = own if several else str(stated.get("name", own))
            if not _NAME.fullmatch(name):
                self._wrong(
                    node, f"path: {folder} needs a `name` of letters, digits, dots, hyphens, underscores"
                )
                continue
            line = self._lines.setdefault(name, node.file_line)
            if line != node.file_line:
                self._wrong(
                    node, f"name: another repository is called {name} (line {line}); give one a `name`"
                )
                continue
            yield Member(
                name=name,
                path=folder,
                revision=str(stated.get("revision", "HEAD")),
                config=self._absolute(config),
                after=None if "after" not in stated else str(stated["after"]),
                labels=self._absolute(stated.get("labels")),
            )

    def _folders(self, path: str) -> list[str]:
        """What `path` stands for: itself, or each folder that it matches. Hidden ones are never matched."""
        found = [os.path.sep if path.startswith("/") else self._folder]
        for part in path.strip("/").split("/"):
            if "*" in part or "?" in part:
                found = [os.path.join(above, name) for above in found for name in _matching(above, part)]
            else:
                found = [os.path.normpath(os.path.join(above, part)) for above in found]
        return found

    def _absolute(self, path: Value) -> str | None:
        return None if path is None else os.path.join(self._folder, str(path))

    def _wrong(self, node: Node, message: str) -> None:
        self._problems.append(Problem(self._path, node.file_line, message))


def _matching(folder: str, pattern: str) -> list[str]:
    """Folders directly in `folder` whose names match `pattern`, sorted."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                one.name
                for one in entries
                if not one.name.startswith(".") and fnmatchcase(one.name, pattern) and one.is_dir()
            )
    except OSError:
        return []


def _options(value: Value) -> dict[str, int | float | str]:
    if not isinstance(value, dict):
        return {}
    return {name: one for name, one in value.items() if isinstance(one, int | float | str)}


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
