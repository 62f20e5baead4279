"""All rules of a run: the built-in packs, and those that the deciding policy names."""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from riskcheck import __version__, cache
from riskcheck.data import data_path
from riskcheck.records import NamedTuple
from riskcheck.rules.problems import Problem, RuleError
from riskcheck.trees import Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from riskcheck.models import Rule
    from riskcheck.rules.compiled import Batch, Compiled, Entry, Head
    from riskcheck.rules.listed import RuleList

_FORMAT: Final = 4
"""Of what is cached; a new one makes old entries invisible."""

_FAMILY: Final = "rules"
_DIGEST_FAMILY: Final = "ruledigest"
_SUFFIXES: Final = (".yaml", ".yml")
_CASES: Final = (".test.yaml", ".test.yml")

SETS: Final = "coupled"
"""Folder of a pack that holds sets of things that change together, and no rules."""

_SHOWN: Final = 200
"""Characters of a condition that an error quotes."""

MOST_FILES: Final = 1_000
"""Rule files that a repository may bring."""


class RuleFile(NamedTuple):
    """One rule file. path: as messages name it. pack: the name of its folder."""

    path: str
    pack: str
    data: bytes


class RuleSet:
    """Rules of some origins. digest: ``sha256:…`` over the names and contents of their files."""

    def __init__(self, origins: Sequence[_Origin]) -> None:
        self._origins = origins
        if len(origins) == 1:
            self.digest = origins[0].batch.digest
        else:
            self.digest = _digest(pair for origin in origins for pair in _contents_of(origin.batch.entries))

    @cached_property
    def rules(self) -> RuleList:
        """All rules in order of their codes, each made when first asked for."""
        from riskcheck.rules.listed import RuleList
        from riskcheck.rules.remembered import rule_of

        def maker(origin: _Origin, number: int) -> Callable[[], Rule]:
            return lambda: rule_of(origin.batch.entry(number), origin.bounded, origin.checks)

        return RuleList(
            (head, maker(origin, number))
            for origin in self._origins
            for number, head in enumerate(origin.batch.heads)
        )

    def get(self, name: str) -> Rule | None:
        """The rule with this id or code, in any case."""
        folded = name.lower()
        heads = enumerate(self.rules.heads)
        found = next((number for number, one in heads if folded in (one["id"], one["code"].lower())), None)
        return None if found is None else self.rules[found]

    def names(self) -> tuple[str, ...]:
        """All ids and codes."""
        return tuple(name for head in self.rules.heads for name in (head["id"], head["code"]))


def load_rules(packs: Sequence[str] = (), tree: Tree | None = None, *, use_cache: bool = True) -> RuleSet:
    """The built-in rules and those of `packs`: folders or files of `tree`, else installed packs of that name.

    tree: the deciding one, never the change that is judged. Raises `RuleError` with everything that is wrong.
    """
    origins = [_Origin(_builtin(use_cache))]
    problems: list[Problem] = []
    for pack in packs:
        try:
            brought = _in_tree(pack, tree)
            origins.append(_own(brought, use_cache) if brought else _installed(pack, use_cache))
        except RuleError as error:
            problems += error.problems
    found = RuleSet(origins)
    if packs:
        problems += clashes(found.rules)
    if problems:
        raise RuleError(problems)
    return found


def readable_rules(
    files: Iterable[RuleFile], *, bounded: bool, checks: tuple[str, str] | None = None
) -> tuple[dict[str, Rule], list[Problem]]:
    """Path to rule for those of `files` that can be read, and what is wrong with the others.

    checks: of an installed pack, as `rule_of` takes it.
    """
    from riskcheck.rules.remembered import rule_of

    entries, problems = _compile(files)
    rules = {entry["path"]: rule_of(entry, bounded, checks) for entry in entries}
    return rules, problems + list(clashes(rules.values()))


def builtin_folder() -> Path:
    """Where the built-in packs are."""
    from pathlib import Path

    return Path(data_path("rules"))


def files_below(folder: Path) -> list[RuleFile]:
    """The rule files below `folder` (one pack, or a folder of packs), sorted; their cases left out."""
    return [
        RuleFile(str(path), path.parent.name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if _is_rule(path.name) and path.is_file() and SETS not in path.relative_to(folder).parts[:-1]
    ]


def _is_rule(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not name.endswith(_CASES)


class _Origin(NamedTuple):
    """Compiled rules of one origin; bounded and checks as `rule_of` takes them."""

    batch: _Compiled | _Builtin
    bounded: bool = False
    checks: tuple[str, str] | None = None


class _Compiled:
    """Compiled rules. digest: of them alone. heads: what tells which of them are needed."""

    def __init__(self, batch: Batch) -> None:
        self.digest = batch["digest"]
        self.heads = batch["heads"]
        self._entries = batch["entries"]

    def entry(self, number: int) -> Entry:
        """The rule that `heads` has there."""
        return cast("Entry", json.loads(self._entries[number]))

    @property
    def entries(self) -> list[Entry]:
        """All of them."""
        return [self.entry(number) for number in range(len(self._entries))]


class _Builtin:
    """The built-in rules. Where nothing changed only their digest is asked for, a line beside a third of a MiB.

    stamp: what their compiled form depends on.
    """

    def __init__(self, stamp: str, use_cache: bool) -> None:
        self._stamp = stamp
        self._use_cache = use_cache

    @cached_property
    def digest(self) -> str:
        known = cache.load(_DIGEST_FAMILY, self._stamp) if self._use_cache else None
        if isinstance(known, str):
            return known
        if self._use_cache:
            cache.store(_DIGEST_FAMILY, self._stamp, self._compiled.digest)
        return self._compiled.digest

    @property
    def heads(self) -> list[Head]:
        return self._compiled.heads

    @property
    def entries(self) -> list[Entry]:
        return self._compiled.entries

    def entry(self, number: int) -> Entry:
        return self._compiled.entry(number)

    @cached_property
    def _compiled(self) -> _Compiled:
        return _remembered(self._stamp, lambda: files_below(builtin_folder()), self._use_cache)


def _contents_of(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each rule's file."""
    for one in entries:
        yield f"{one['pack']}/{one['rule']['id']}", one["content"]


def _digest(contents: Iterable[tuple[str, str]]) -> str:
    from hashlib import sha256

    listed = "".join(f"{name}\0{content}\n" for name, content in sorted(contents))
    return f"sha256:{sha256(listed.encode()).hexdigest()}"


def clashes(rules: Iterable[Rule]) -> Iterator[Problem]:
    """Rules that share a name. The built-in one is right: a repository cannot put its own in the place of it."""
    owner: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.bounded):
        for kind, name in (("id", rule.id), ("code", rule.code)):
            first = owner.setdefault(name, rule)
            if first is not rule:
                yield Problem(rule.source, 1, f"the {kind} {name} is taken by {first.source}; choose another")


def _builtin(use_cache: bool) -> _Builtin:
    """The built-in rules; compiled again when a file's name, size or time of change differs."""
    folder = data_path("rules")
    stamp = [f"{__version__}/{_FORMAT} {folder}"]
    packs = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    for pack in packs:
        for entry in sorted(os.scandir(pack), key=lambda entry: entry.name):
            if _is_rule(entry.name):
                status = entry.stat()
                stamp.append(f"{pack}/{entry.name} {status.st_size} {status.st_mtime_ns}")
    return _Builtin("\n".join(stamp), use_cache)


def _own(files: Sequence[RuleFile], use_cache: bool) -> _Origin:
    """Rules that a repository brings, checked to the last condition."""
    compiled = _remembered(_contents("own", files), lambda: files, use_cache, check=_check_own)
    return _Origin(compiled, bounded=True)


def _installed(pack: str, use_cache: bool) -> _Origin:
    """Rules of a pack that a distribution ships. It is trusted as this one is: somebody installed it."""
    files, checks = installed_files(pack)
    compiled = _remembered(_contents("installed", files), lambda: files, use_cache)
    return _Origin(compiled, checks=checks)


def installed_files(pack: str) -> tuple[list[RuleFile], tuple[str, str] | None]:
    """The rule files of an installed pack, and its name with the module of its checks. Raises `RuleError`."""
    from riskcheck.rules.registry import installed_pack, installed_packs

    found = installed_pack(pack)
    if found is None:
        others = ", ".join(installed_packs()) or "none"
        message = f"no folder of rule files and no installed pack is called {pack} (installed: {others})"
        raise RuleError([Problem(pack, 1, message)])
    folder, module = found
    files = [
        file._replace(pack=pack) if os.path.dirname(file.path) == str(folder) else file
        for file in files_below(folder)
    ]
    if not files:
        raise RuleError([Problem(pack, 1, "the installed pack holds no rule files")])
    return files, None if module is None else (pack, module)


def _contents(origin: str, files: Sequence[RuleFile]) -> str:
    """What the compiled form of `files` depends on, spelled out."""
    from hashlib import sha256

    names = (f"{file.path}\0{file.pack}\0{sha256(file.data).hexdigest()}" for file in files)
    return "\n".join([f"{__version__}/{_FORMAT} {origin}", *names])


def _remembered(
    stamp: str,
    read: Callable[[], Sequence[RuleFile]],
    use_cache: bool,
    check: Callable[[Sequence[RuleFile], Sequence[Entry]], list[Problem]] | None = None,
) -> _Compiled:
    """The compiled form of the files that `read` gives, or what the cache has under `stamp`. Raises `RuleError`."""
    known = cache.load(_FAMILY, stamp) if use_cache else None
    if isinstance(known, dict):
        return _Compiled(cast("Batch", known))
    files = read()
    entries, problems = _compile(files)
    problems += check(files, entries) if check is not None else []
    if problems:
        raise RuleError(problems)
    compiled: Batch = {
        "digest": _digest(_contents_of(entries)),
        "heads": [_head(entry["rule"]) for entry in entries],
        "entries": [json.dumps(entry) for entry in entries],
    }
    if use_cache:
        cache.store(_FAMILY, stamp, compiled)
    return _Compiled(compiled)


def _head(rule: Compiled) -> Head:
    match = rule["match"]
    return {
        "code": rule["code"],
        "id": rule["id"],
        "subject": match["subject"],
        "platforms": match["platforms"],
        "kinds": match["kinds"],
    }


def _compile(files: Iterable[RuleFile]) -> tuple[list[Entry], list[Problem]]:
    from hashlib import sha256

    from riskcheck.rules.reading import read_rule

    entries: list[Entry] = []
    problems: list[Problem] = []
    for file in files:
        compiled, wrong = read_rule(file.path, file.data)
        problems += wrong
        if compiled is not None:
            content = sha256(file.data).hexdigest()
            entries.append({"path": file.path, "pack": file.pack, "content": content, "rule": compiled})
    return entries, problems


def _check_own(files: Sequence[RuleFile], entries: Sequence[Entry]) -> list[Problem]:
    """What a repository's own rules must also satisfy: conditions that compile and are bounded, known checks."""
    from riskcheck.rules.cel import ConditionError, condition
    from riskcheck.rules.reading import line_of
    from riskcheck.rules.registry import UnknownCheckError, find_check

    contents = {file.path: file.data for file in files}
    problems: list[Problem] = []
    for entry in entries:
        rule, path = entry["rule"], entry["path"]
        for source in (*([rule["when"]] if rule["when"] else []), *(one["when"] for one in rule["escalate"])):
            try:
                condition(source, bounded=True)
            except ConditionError as error:
                line = line_of(path, contents[path], source)
                shown = source if len(source) <= _SHOWN else f"{source[:_SHOWN]}…"
                problems.append(Problem(path, line, f"condition {shown!r}: {error}"))
        if rule["check"] is not None:
            try:
                find_check(rule["check"])
            except UnknownCheckError as error:
                problems.append(Problem(path, line_of(path, contents[path], rule["check"]), str(error)))
    return problems


def _in_tree(pack: str, tree: Tree | None) -> list[RuleFile]:
    """The rule files of `tree` below the folder `pack`, or `pack` itself where it is a file."""
    if tree is None:
        return []
    below = pack.strip("/").removeprefix("./")
    paths = sorted(
        path
        for path, entry in tree.entries().items()
        if entry.kind == "file"
        and (path == below or path.startswith(f"{below}/"))
        and _is_rule(path)
        and SETS not in path[len(below) :].split("/")[:-1]
    )
    if len(paths) > MOST_FILES:
        raise RuleError([Problem(pack, 1, f"{len(paths)} rule files; at most {MOST_FILES} are read")])
    tree.prefetch(paths)
    problems: list[Problem] = []
    files: list[RuleFile] = []
    for path in paths:
        try:
            files.append(RuleFile(path, path.rpartition("/")[0].rpartition("/")[2], tree.read(path)))
        except UnreadableError as error:
            problems.append(Problem(path, 1, error.message))
    if problems:
        raise RuleError(problems)
    return files
