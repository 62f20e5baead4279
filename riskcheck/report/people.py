"""Names of people in values: a report goes round, and none of them is needed to judge a change.

A whole resource brings what its author wrote beside it, such as the annotation ``openshift.io/requester``. Names of
teams stay: they are who to ask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.judged import Finding
    from riskcheck.nodes import MaybeValue

NAME: Final = "[name]"
"""Stands for every value that says who somebody is."""

OTHER_NAME: Final = "[another name]"
"""Stands for one that differs from the first: else a change of it would read as none."""

_SOMEBODY: Final = (
    r"requester|author|maintainer|contact|creator|assignee|reviewer|approver"
    r"|(?:created|updated|modified|deployed|requested|approved|assigned)[-_.]?by"
)
_ALWAYS: Final = rf"(?i)(?:{_SOMEBODY})s?\Z"
_BESIDE: Final = rf"(?i)(?:{_SOMEBODY}|owner|member|user_?name)s?\Z"
"""With keys that hold a team, a group or a role as often as a person where a platform reads them: what a rule is
about is shown, what merely stands in a resource is not."""

_NOTES: Final = frozenset({"annotations", "labels", "tags", "metadata"})
"""Where people write what no platform reads."""

_TEAM: Final = (
    r"(?i)\A@[\w.-]+/|\A(?:group|team|serviceaccount|domain|principalset):|\Aall(?:authenticated)?users\Z"
    r"|(?<![a-z0-9])(?:teams?|squads?|groups?|guilds?|tribes?)(?![a-z0-9])"
)
_STATED: Final = (
    rf"(?i)((?<![\w./-])[\w./-]{{0,120}}(?:{_SOMEBODY})s?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}})"
    r"(\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|[^\s,{}\[\]\"'|>&*!$<#][^,{}\[\]#\n]{0,400})"
)


def values_of(finding: Finding) -> tuple[MaybeValue, MaybeValue]:
    """Before and after of `finding` without names of people."""
    before = _without_names(finding.before, finding.path)
    after = _without_names(finding.after, finding.path)
    if before == after and finding.before != finding.after:
        after = _told_apart(after)
    return before, after


def without_names(value: object) -> object:
    """`value` with `NAME` for each text below a key that says who somebody is."""
    return _masked(value, told=False)


def line_without_names(line: str) -> str:
    """One line of a file with `NAME` for what stands behind such a key."""
    return re.sub(_STATED, lambda found: found[0] if _stays(found[2]) else f"{found[1]}{NAME}", line)


def _without_names(value: MaybeValue, path: Sequence[str]) -> MaybeValue:
    if value is MISSING:
        return value
    keys = [step for step in path if not step.startswith("[")]
    pattern = _BESIDE if _NOTES.intersection(keys) else _ALWAYS
    told = bool(keys) and re.search(pattern, keys[-1][-64:]) is not None
    return _masked(value, told=told)  # type: ignore[return-value]  # of the shape that it was given


def _masked(value: object, *, told: bool) -> object:
    """told: the key above says who somebody is."""
    if isinstance(value, dict):
        return {
            key: _masked(held, told=told or re.search(_BESIDE, str(key)[-64:]) is not None)
            for key, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(one, told=told) for one in value]
    return NAME if told and isinstance(value, str) and not _stays(value) else value


def _stays(text: str) -> bool:
    """Whether `text` is empty, masked already, a reference to be filled in, or names a team."""
    text = text.strip("\"' \t")[:200]
    return not text or text[0] in "[<{$" or re.search(_TEAM, text) is not None


def _told_apart(value: object) -> MaybeValue:
    if isinstance(value, dict):
        return {key: _told_apart(held) for key, held in value.items()}  # type: ignore[misc]
    if isinstance(value, list):
        return [_told_apart(one) for one in value]  # type: ignore[misc]
    return OTHER_NAME if value == NAME else value  # type: ignore[return-value]
