"""What of a proposed policy a person has to look at, each with the place that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.surveying import alike, torn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Limitation, Pipeline
    from riskcheck.surveying import Seen, Survey

_LONGEST: Final = 70
"""Characters of the names that a comment lists."""

MOST_NAMED: Final = 6
"""Names that a comment lists before it counts the rest."""


class Doubt(NamedTuple):
    """Something that a person has to look at. place: ``path:line`` or path of what shows it, or ""."""

    words: str
    place: str = ""


def unread(limits: Sequence[Limitation]) -> tuple[list[Doubt], list[Doubt]]:
    """What was not read, and may hold what was not found: what an installation would read, and the rest."""
    lacking: dict[str, list[Limitation]] = {}
    other: list[Limitation] = []
    for one in limits:
        (lacking.setdefault(one.message, []) if "pip install" in one.message else other).append(one)
    told = []
    for message, those in lacking.items():
        files = len({one.path for one in those})
        told.append(Doubt(f"{files} file{'' if files == 1 else 's'} not read: {message}", those[0].path))
    rest = []
    if other:
        kinds = listed(sorted({one.kind.replace("-", " ") for one in other}))
        places = f"{len(other)} place{'' if len(other) == 1 else 's'}"
        line = f":{other[0].line}" if other[0].line else ""
        words = f"{places} could not be resolved ({kinds}); riskcheck lint lists them"
        rest.append(Doubt(words, f"{other[0].path}{line}"))
    return told, rest


def other_pipelines(pipelines: Sequence[Pipeline], chosen: Pipeline) -> list[Doubt]:
    other = next((one for one in pipelines if not one.gated and len(one.stages) > 1), None)
    if other is None or other.location == chosen.location:
        return []
    return [
        Doubt(
            f"this pipeline has no gates: {' -> '.join(other.stages)}",
            f"{other.location.path}:{other.location.line}",
        )
    ]


def of_environments(found: Survey, steps: Sequence[Seen], aside: Sequence[Seen]) -> Iterator[Doubt]:
    if not steps:
        yield Doubt("no environment was recognised: name them with their paths")
    for names in alike(steps):
        yield Doubt(f"{listed(names)}: one environment under several names?", _place_of(steps, names[0]))
    for names in torn((*steps, *aside)):
        yield Doubt(f"{listed(names)}: one cluster in two stages?", _place_of((*steps, *aside), names[0]))
    for those, words in (
        (found.untold, "stage unknown"),
        (aside, "left out of the order, since development environments seldom hold a change back"),
        (found.doubtful, "environment, or a thing in one?"),
    ):
        if those:
            yield Doubt(f"{listed([one.environment.name for one in those])}: {words}", those[0].place)
    if found.unassigned:
        resources = sum(one.resources for one in found.unassigned)
        most = max(found.unassigned, key=lambda one: one.resources)
        total = max(found.resources, 1)
        yield Doubt(
            f"{resources} of {total} resources belong to no environment; give `paths` to one that they run in",
            most.place,
        )


def _place_of(seen: Iterable[Seen], name: str) -> str:
    return next((one.place for one in seen if one.environment.name == name), "")


def of_services(found: Survey) -> Iterator[Doubt]:
    uncritical = [one for one in found.services if one.service.criticality is None]
    if uncritical:
        words = f"{listed([one.service.name for one in uncritical])}: how critical? tier-1 raises findings"
        yield Doubt(words, uncritical[0].place)
    if found.unowned and (found.services or found.owned):
        yield Doubt(f"{listed(found.unowned)}: nobody is said to own it")


def listed(names: Sequence[str]) -> str:
    """The first of `names`, as many as fit into a line, and how many there are besides."""
    shown = 1
    while shown < min(len(names), MOST_NAMED) and sum(map(len, names[: shown + 1])) < _LONGEST:
        shown += 1
    left = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {left} more" if left > 0 else "")
