"""riskcheck's own entries in the configuration of pre-commit and lefthook, and scripts that git runs as hooks.

https://pre-commit.com/#pre-commit-configyaml---top-level
https://lefthook.dev/configuration/
https://typicode.github.io/husky/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, made
from riskcheck.platforms.gate.ci import at, entries, items, mapping, scalars, text
from riskcheck.platforms.gate.paths import GIT_HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARED: Final = ("default_install_hook_types", "default_stages", "files", "exclude", "fail_fast")
"""Settings of the file that hold for every hook. ``ci.skip`` is pre-commit.ci's."""
_OF_A_JOB: Final = ("run", "skip", "only", "glob", "files", "exclude", "exclude_tags", "root")
_OF_A_HOOK: Final = ("skip", "only", "files", "exclude", "exclude_tags")
MOST_DEEP: Final = 5
"""Groups of lefthook inside each other."""


def hooks(root: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    """The id and the settings of each hook that runs riskcheck, those of the whole file beside its own."""
    shared: list[tuple[str | Scalar, Node | None]] = [(f"all.{name}", root.get(name)) for name in _SHARED]
    for repository in items(root.get("repos")):
        for hook in items(at(repository, "hooks")):
            name = text(at(hook, "id"))
            if name is None or not isinstance(hook, Mapping) or not _is_ours(name, hook):
                continue
            skipped = [entry for entry in scalars(root.at("ci", "skip")) if entry.raw == name.raw]
            rest = [("repo", at(repository, "repo")), ("rev", at(repository, "rev")), *shared]
            yield name, mapping(hook, [*hook.entries, *rest, ("skipped", skipped[0] if skipped else None)])


def _is_ours(name: Scalar, hook: Mapping) -> bool:
    entry = text(hook.get("entry"))
    return name.raw == "riskcheck" or (entry is not None and "riskcheck" in entry.raw.split())


def script(lines: list[str], source: Source) -> Mapping:
    """A script that git runs as a hook, as one run at the line that calls riskcheck."""
    number = next((index for index, line in enumerate(lines) if "riskcheck" in line), 0)
    content = "\n".join(lines)
    held = Scalar(content, source, number, 0, number, len(lines[number]), "native", None, content)
    return mapping(held, [("runs", mapping(held, [("script", mapping(held, [("run", held)]))]))])


def lefthook(root: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    """Each git hook of lefthook that runs anything, with its ``runs`` by name and what holds for all of them."""
    for hook, node in root.entries:
        if hook.raw not in GIT_HOOKS or not isinstance(node, Mapping):
            continue
        runs = dict(_commands(node))
        for name, job in _jobs(node, 0):
            runs.setdefault(name, job)
        if runs:
            held = mapping(hook, ((made(name, job), job) for name, job in runs.items()))
            shared = [(f"all.{key}", node.get(key)) for key in _OF_A_HOOK]
            yield hook, mapping(hook, [("runs", held), *shared])


def merged(root: Mapping, local: Mapping) -> Mapping:
    """`root` with `local` over it, as lefthook does: mappings by key, jobs by name, other lists replaced."""
    held: dict[str, tuple[str | Scalar, Node | None]] = {key.raw: (key, node) for key, node in root.entries}
    for key, node in local.entries:
        known = held.get(key.raw)
        before = known[1] if known is not None else None
        if isinstance(before, Mapping) and isinstance(node, Mapping):
            node = merged(before, node)
        elif key.raw == "jobs" and isinstance(before, Sequence) and isinstance(node, Sequence):
            node = _merged_jobs(before, node)
        held[key.raw] = (key, node)
    return mapping(root, held.values())


def _merged_jobs(before: Sequence, local: Sequence) -> Sequence:
    jobs: dict[object, Node] = {}
    for number, job in enumerate((*before.items, *local.items)):
        name = text(at(job, "name"))
        key = number if name is None else name.raw
        known = jobs.get(key)
        jobs[key] = merged(known, job) if isinstance(known, Mapping) and isinstance(job, Mapping) else job
    return before.with_items(list(jobs.values()))


def _commands(hook: Mapping) -> Iterator[tuple[str, Mapping]]:
    for name, command in entries(hook.get("commands")):
        if isinstance(command, Mapping):
            yield name.raw, _picked(command)


def _jobs(node: Mapping, depth: int) -> Iterator[tuple[str, Mapping]]:
    """Jobs by name, those of groups, too; one without a name is called by what it runs."""
    for job in items(node.get("jobs")) if depth < MOST_DEEP else ():
        if not isinstance(job, Mapping):
            continue
        group = job.get("group")
        if isinstance(group, Mapping):
            yield from _jobs(group, depth + 1)
            continue
        named = text(job.get("name")) or text(job.get("run"))
        if named is not None:
            yield named.raw, _picked(job)


def _picked(job: Mapping) -> Mapping:
    return mapping(job, ((key, job.get(key)) for key in _OF_A_JOB))
