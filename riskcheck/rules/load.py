"""All rules of a run: the built-in packs, and those that the deciding policy names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, TypedDict, cast

from riskcheck import __version__, cache
from riskcheck.data import data_dir
from riskcheck.models import Escalation, Rule, Selector
from riskcheck.rules.reading import Compiled, Problem, RuleError, read_rule
from riskcheck.trees import Tree, UnreadableError

_FORMAT: Final = 1
"""Of what is cached; a new one makes old entries invisible."""

_FAMILY: Final = "rules"
_SUFFIXES: Final = (".yaml", ".yml")
_CASES: Final = (".test.yaml", ".test.yml")

MOST_FILES: Final = 1_000
"""Rule files that a repository may bring."""


class RuleFile(NamedTuple):
    """One rule file. path: as messages name it. pack: the name of its folder."""

    path: str
    pack: str
    data: bytes


class _Entry(TypedDict):
    """One rule as it is cached, with what the digest is made of."""

    path: str
    pack: str
    content: str
    rule: Compiled


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in order of their codes. digest: ``sha256:…`` over the names and contents of their files."""

    rules: tuple[Rule, ...]
    digest: str

    def get(self, name: str) -> Rule | None:
        """The rule with this id or code, in any case."""
        folded = name.lower()
        return next((rule for rule in self.rules if folded in (rule.id, rule.code.lower())), None)

    def names(self) -> tuple[str, ...]:
        """All ids and codes."""
        return tuple(name for rule in self.rules for name in (rule.id, rule.code))


def load_rules(packs: Sequence[str] = (), tree: Tree | None = None, *, use_cache: bool = True) -> RuleSet:
    """The built-in rules and those of `packs`: folders or files of `tree`, else installed packs of that name.

    tree: the deciding one, never the change that is judged. Raises `RuleError` with everything that is wrong.
    """
    sets = [_loaded(_builtin(use_cache))]
    problems: list[Problem] = []
    for pack in packs:
        try:
            brought = _in_tree(pack, tree)
            sets.append(_own(brought, use_cache) if brought else _installed(pack, use_cache))
        except RuleError as error:
            problems += error.problems
    return _together(sets, problems)


def readable_rules(files: Iterable[RuleFile], *, bounded: bool) -> tuple[dict[str, Rule], list[Problem]]:
    """Path to rule for those of `files` that can be read, and what is wrong with the others."""
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for file in files:
        compiled, wrong = read_rule(file.path, file.data)
        problems += wrong
        if compiled is not None:
            entry = _Entry(path=file.path, pack=file.pack, content="", rule=compiled)
            rules[file.path] = _rule(entry, bounded, None)
    return rules, problems + list(clashes(rules.values()))


def builtin_folder() -> Path:
    """Where the built-in packs are."""
    return data_dir("rules")


def files_below(folder: Path) -> list[RuleFile]:
    """The rule files below `folder` (one pack, or a folder of packs), sorted; their cases left out."""
    return [
        RuleFile(str(path), path.parent.name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if _is_rule(path.name) and path.is_file()
    ]


def _is_rule(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not name.endswith(_CASES)


class _Loaded(NamedTuple):
    """Rules of one origin, and the names and contents they were made of."""

    rules: list[Rule]
    contents: list[tuple[str, str]]


def _together(sets: Sequence[_Loaded], problems: list[Problem]) -> RuleSet:
    rules = sorted((rule for one in sets for rule in one.rules), key=lambda rule: (rule.code, rule.id))
    problems = problems + list(clashes(rules))
    if problems:
        raise RuleError(problems)
    digest = sha256()
    for name, content in sorted(pair for one in sets for pair in one.contents):
        digest.update(f"{name}\0{content}\n".encode())
    return RuleSet(tuple(rules), f"sha256:{digest.hexdigest()}")


def clashes(rules: Iterable[Rule]) -> Iterator[Problem]:
    """Rules that share a name. The built-in one is right: a repository cannot put its own in the place of it."""
    owner: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.bounded):
        for kind, name in (("id", rule.id), ("code", rule.code)):
            first = owner.setdefault(name, rule)
            if first is not rule:
                yield Problem(rule.source, 1, f"the {kind} {name} is taken by {first.source}; choose another")


def _builtin(use_cache: bool) -> list[_Entry]:
    """The built-in rules; compiled again when a file's name, size or time of change differs."""
    folder = builtin_folder()
    stamp = [f"{__version__}/{_FORMAT} {folder}"]
    packs = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    for pack in packs:
        for entry in sorted(os.scandir(pack), key=lambda entry: entry.name):
            if _is_rule(entry.name):
                status = entry.stat()
                stamp.append(f"{pack}/{entry.name} {status.st_size} {status.st_mtime_ns}")
    return _remembered("\n".join(stamp), lambda: files_below(folder), use_cache)


def _own(files: Sequence[RuleFile], use_cache: bool) -> _Loaded:
    """Rules that a repository brings, checked to the last condition."""
    stamp = sha256(f"{__version__}/{_FORMAT} own\n".encode())
    for file in files:
        stamp.update(f"{file.path}\0{file.pack}\0{sha256(file.data).hexdigest()}\n".encode())
    entries = _remembered(stamp.hexdigest(), lambda: files, use_cache, check=_check_own)
    return _loaded(entries, bounded=True)


def _installed(pack: str, use_cache: bool) -> _Loaded:
    """Rules of a pack that a distribution ships. It is trusted as this one is: somebody installed it."""
    from riskcheck.rules.registry import installed_pack, installed_packs

    found = installed_pack(pack)
    if found is None:
        others = ", ".join(installed_packs()) or "none"
        message = f"no folder of rule files and no installed pack is called {pack} (installed: {others})"
        raise RuleError([Problem(pack, 1, message)])
    folder, checks = found
    files = files_below(folder)
    if not files:
        raise RuleError([Problem(pack, 1, "the installed pack holds no rule files")])
    stamp = "\n".join(
        [f"{__version__}/{_FORMAT}", *(f"{f.path} {sha256(f.data).hexdigest()}" for f in files)]
    )
    return _loaded(_remembered(stamp, lambda: files, use_cache), check_module=checks)


def _remembered(
    stamp: str,
    read: Callable[[], Sequence[RuleFile]],
    use_cache: bool,
    check: Callable[[Sequence[_Entry]], list[Problem]] | None = None,
) -> list[_Entry]:
    """The compiled form of the files that `read` gives, or what the cache has under `stamp`. Raises `RuleError`."""
    known = cache.load(_FAMILY, stamp) if use_cache else None
    if isinstance(known, list):
        return cast("list[_Entry]", known)
    entries: list[_Entry] = []
    problems: list[Problem] = []
    for file in read():
        compiled, wrong = read_rule(file.path, file.data)
        problems += wrong
        if compiled is not None:
            content = sha256(file.data).hexdigest()
            entries.append(_Entry(path=file.path, pack=file.pack, content=content, rule=compiled))
    problems += check(entries) if check is not None else []
    if problems:
        raise RuleError(problems)
    if use_cache:
        cache.store(_FAMILY, stamp, entries)
    return entries


def _check_own(entries: Sequence[_Entry]) -> list[Problem]:
    """What a repository's own rules must also satisfy: their conditions compile and are bounded."""
    from riskcheck.rules.cel import ConditionError, condition

    problems: list[Problem] = []
    for entry in entries:
        rule = entry["rule"]
        for source in (*([rule["when"]] if rule["when"] else []), *(one["when"] for one in rule["escalate"])):
            try:
                condition(source, bounded=True)
            except ConditionError as error:
                problems.append(Problem(entry["path"], 1, f"condition {source!r}: {error}"))
    return problems


def _in_tree(pack: str, tree: Tree | None) -> list[RuleFile]:
    """The rule files of `tree` below the folder `pack`, or `pack` itself where it is a file."""
    if tree is None:
        return []
    below = pack.strip("/").removeprefix("./")
    paths = sorted(
        path
        for path, entry in tree.entries().items()
        if entry.kind == "file" and (path == below or path.startswith(f"{below}/")) and _is_rule(path)
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


def _loaded(entries: Sequence[_Entry], *, bounded: bool = False, check_module: str | None = None) -> _Loaded:
    rules = [_rule(entry, bounded, check_module) for entry in entries]
    contents = [(f"{one['pack']}/{one['rule']['id']}", one["content"]) for one in entries]
    return _Loaded(rules, contents)


def _rule(entry: _Entry, bounded: bool, check_module: str | None) -> Rule:
    compiled = entry["rule"]
    match = compiled["match"]
    check = compiled["check"]
    if check is not None and check_module is not None and check.startswith(f"{entry['pack']}."):
        check = f"{check_module}:{check.partition('.')[2]}"
    return Rule(
        id=compiled["id"],
        code=compiled["code"],
        title=compiled["title"],
        pack=entry["pack"],
        severity=compiled["severity"],
        confidence=compiled["confidence"],
        reversibility=compiled["reversibility"],
        category=compiled["category"],
        match=Selector(
            platform=match["platform"],
            kinds=frozenset(match["kinds"]),
            paths=None if match["paths"] is None else tuple(map(tuple, match["paths"])),
            changes=frozenset(match["changes"]),
            subject=match["subject"],
        ),
        message=compiled["message"],
        why=compiled["why"],
        fix=compiled["fix"],
        when=compiled["when"],
        check=check,
        escalate=tuple(Escalation(one["when"], one["to"]) for one in compiled["escalate"]),
        options=compiled["options"],
        canary=frozenset(compiled["canary"]),
        rollback=frozenset(compiled["rollback"]),
        false_positives=tuple(compiled["false_positives"]),
        references=tuple(compiled["references"]),
        since=compiled["since"],
        source=entry["path"],
        bounded=bounded,
    )
