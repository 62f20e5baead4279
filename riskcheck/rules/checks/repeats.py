"""What was taken back a short while ago, and is changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.models import Match
from riskcheck.phrases import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import Repeat, RunFacts

_NAMED: Final = 3
"""Keys of one file that are named."""


def reverted_lately(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """Keys that are edited again within 30 days of a revert (GOV-021). Values: ``keys``, ``ago``, ``commit``,
    ``how``, ``same``."""
    groups: dict[tuple[str, str], list[Repeat]] = {}
    for one in subject.repeats():
        groups.setdefault((one.path, one.commit), []).append(one)
    for (path, commit), found in groups.items():
        same = any(one.same for one in found)
        # Where some get the value again that was taken back, these are the ones to look at.
        shown = [one for one in found if one.same] or found
        names = list(dict.fromkeys(one.key or f"{path} as a whole" for one in shown))
        more = f" and {many(len(names) - _NAMED, 'other key')}" if len(names) > _NAMED else ""
        yield Match(
            {
                "keys": ", ".join(names[:_NAMED]) + more,
                "ago": spell(max(context.now - found[0].time, 0)),
                "commit": commit[:12],
                "how": "gets the very value that was reverted" if same else "changes again",
                "same": same,
                "identity": ", ".join(sorted(one.key for one in found)),
                "cause": f"{path}:{shown[0].location.line}",
            },
            location=shown[0].location,
        )
