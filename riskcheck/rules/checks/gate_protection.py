"""Edits of branch protection that is kept in files: settings of a repository, exported rulesets.

https://docs.github.com/en/rest/branches/branch-protection
https://docs.github.com/en/rest/repos/rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_values import Weakening, at, named, part, removed, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.checks.gate_values import Plain

_ENFORCEMENT: Final = ("disabled", "evaluate", "active")
_ASKED: Final = (
    ("require_code_owner_reviews", "code owners need not approve"),
    ("require_code_owner_review", "code owners need not approve"),
    ("dismiss_stale_reviews", "approvals outlive new commits"),
    ("dismiss_stale_reviews_on_push", "approvals outlive new commits"),
    ("require_last_push_approval", "who pushed last may approve"),
)
_ALLOWED: Final = (("allow_force_pushes", "force pushes"), ("allow_deletions", "deletion"))


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """What protected branches are held to less in `after`; a file that is new takes nothing away."""
    if not before:
        return
    if "enforcement" in before:
        yield from ruleset_weakenings(before, after)
        return
    left = named(after.get("branches"))
    for name, branch in named(before.get("branches")).items():
        old, new = part(branch, "protection"), part(left.get(name), "protection")
        path = at("branches", f"[{name}]", "protection") if name in left else at("branches")
        if old and not new:
            yield Weakening(path, f"branch {name} is not protected any more")
        elif old:
            yield from branch_weakenings(name, path, old, new)


def branch_weakenings(name: str, path: KeyPath, old: Plain, new: Plain) -> Iterator[Weakening]:
    """What one protected branch is held to less, as the API of GitHub names it; `path` leads to it."""
    key = "required_pull_request_reviews"
    yield from _reviews(f"branch {name}", (*path, key), part(old, key), part(new, key))
    key = "required_status_checks"
    gone = removed(_contexts(part(old, key)), _contexts(part(new, key)))
    if gone:
        yield Weakening((*path, key), f"{listed(gone)} need not pass for branch {name} any more")
    if part(old, key).get("strict") is True and part(new, key).get("strict") is not True:
        yield Weakening((*path, key), f"branches need not be up to date with {name} any more")
    if old.get("enforce_admins") is True and new.get("enforce_admins") is not True:
        yield Weakening(
            (*path, "enforce_admins"), f"the protection of branch {name} does not hold for admins"
        )
    for key, what in _ALLOWED:
        if new.get(key) is True and old.get(key) is not True:
            yield Weakening((*path, key), f"branch {name} allows {what}")


def _reviews(what: str, path: KeyPath, old: Plain, new: Plain) -> Iterator[Weakening]:
    if old and not new:
        yield Weakening(path, f"{what} needs no approval any more")
        return
    counts = [one.get("required_approving_review_count") for one in (old, new)]
    were, are = (count if isinstance(count, int) else 0 for count in counts)
    if are < were:
        yield Weakening(
            (*path, "required_approving_review_count"), f"{what} needs {are} instead of {were} approvals"
        )
    for key, says in _ASKED:
        if old.get(key) is True and new.get(key) is not True:
            yield Weakening((*path, key), f"{what}: {says}")


def _contexts(checks: Plain) -> list[str]:
    """Names of status checks, in the older and the newer way to write them."""
    found = words(checks.get("contexts"))
    for key in ("checks", "required_status_checks"):
        held = checks.get(key)
        found += [str(part(one).get("context")) for one in held] if isinstance(held, list) else []
    return found


def ruleset_weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """What a ruleset, as GitHub exports it, holds less."""
    name = f"ruleset {before.get('name')}"
    was, becomes = (str(one.get("enforcement") or "disabled") for one in (before, after))
    ranks = [_ENFORCEMENT.index(one) if one in _ENFORCEMENT else 0 for one in (was, becomes)]
    if not after or ranks[1] < ranks[0]:
        yield Weakening(at("enforcement"), f"{name} is {becomes if after else 'removed'}")
        return
    rules = [_by_type(one) for one in (before, after)]
    for kind, old in rules[0].items():
        path = at("rules", f"[{kind}]")
        if kind not in rules[1]:
            yield Weakening(at("rules"), f"{name} no longer holds {kind}")
            continue
        new = rules[1][kind]
        yield from _reviews(name, (*path, "parameters"), old, new)
        gone = removed(_contexts(old), _contexts(new))
        if gone:
            yield Weakening((*path, "parameters"), f"{listed(gone)} need not pass for {name} any more")
    known = before.get("bypass_actors")
    more = [one for one in _items(after.get("bypass_actors")) if one not in _items(known)]
    if more:
        yield Weakening(at("bypass_actors"), f"{len(more)} more may bypass {name}")
    if part(after, "conditions") != part(before, "conditions"):
        yield Weakening(at("conditions"), f"{name} holds for other branches; whether for fewer is not known")


def _by_type(ruleset: Plain) -> dict[str, Plain]:
    return {str(part(one).get("type")): part(one, "parameters") for one in _items(ruleset.get("rules"))}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
