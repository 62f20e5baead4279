"""Edits of riskcheck's hook in ``.pre-commit-config.yaml``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.regexes import regex
from riskcheck.rules.checks.gate_commands import arguments, calls, relaxed
from riskcheck.rules.checks.gate_values import Weakening, added, at, removed, text, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.checks.gate_values import Plain

_VERSION: Final = regex(r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,9})")
_FIXED: Final = regex(r"\A[0-9a-f]{7,64}\Z|\d\.\d")
"""A commit, or a tag of a version. Another name may be a branch, which moves."""
_TRUSTED_LANGUAGES: Final = (None, "python", "system", "unsupported")
"""Ways to run riskcheck itself; the others run files of the checked repository, or nothing."""


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Every setting with which the hook guards less in `after`; empty where there is no hook."""
    if not before:
        return
    if not after:
        yield Weakening((), "the pre-commit hook riskcheck is removed")
        return
    for what in relaxed(arguments(before), arguments(after)):
        yield Weakening(at("args"), what)
    entry = text(after.get("entry"))
    if entry is not None and entry != before.get("entry") and not any(calls(entry)):
        yield Weakening(at("entry"), "the hook riskcheck no longer runs riskcheck")
    yield from _origin(before, after)
    stages = [words(one.get("stages")) or words(one.get("all.default_stages")) for one in (before, after)]
    if stages[1] and (not stages[0] or removed(stages[0], stages[1])):
        yield Weakening(at("stages"), f"the hook riskcheck only runs at {listed(stages[1])}")
    types = [words(one.get("all.default_install_hook_types")) or ["pre-commit"] for one in (before, after)]
    if removed(*types):
        yield Weakening(
            at("all.default_install_hook_types"), f"hooks are only installed for {listed(types[1])}"
        )
    for key in ("files", "exclude", "all.files", "all.exclude"):
        if after.get(key) and after.get(key) != before.get(key):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key.removeprefix('all.')})")
    for key in ("types", "types_or", "exclude_types"):
        if added([], after.get(key)) and words(after.get(key)) != words(before.get(key)):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key})")
    if after.get("always_run") is False and before.get("always_run") is not False:
        yield Weakening(at("always_run"), "the hook riskcheck is not run for commits that only delete")
    if after.get("skipped") and not before.get("skipped"):
        yield Weakening(at("skipped"), "pre-commit.ci skips the hook riskcheck")


def _origin(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Another program under the name of riskcheck: an older one, one from elsewhere, one that moves."""
    was, becomes = (str(one.get("repo") or "") for one in (before, after))
    if becomes not in ("local", "") and _place(becomes) != _place(was):
        yield Weakening(at("repo"), f"the hook riskcheck comes from {becomes} instead of {was}")
    old, new = (str(one.get("rev") or "") for one in (before, after))
    versions = [_VERSION.fullmatch(rev) for rev in (old, new)]
    if versions[0] and versions[1] and _numbers(versions[1][1]) < _numbers(versions[0][1]):
        yield Weakening(at("rev"), f"the hook riskcheck goes back from {old} to {new}")
    elif new and new != old and _FIXED.search(old) and not _FIXED.search(new):
        yield Weakening(at("rev"), f"the hook riskcheck follows {new}, which can move, instead of {old}")
    language: Value = after.get("language")
    if language != before.get("language") and language not in _TRUSTED_LANGUAGES:
        yield Weakening(at("language"), f"the hook riskcheck is run as language {language}")


def _place(address: str) -> str:
    """Host and path of a repository, however it is reached."""
    plain = re.sub(r"^(?:[a-z+]+://)?(?:[^@/]+@)?", "", address.lower()).replace(":", "/", 1)
    return plain.removesuffix("/").removesuffix(".git")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
