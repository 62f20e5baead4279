"""Files that are the same thing in different environments: ``base/dev/quota.yaml`` and ``base/prod/quota.yaml``.

Told from paths alone, by the words that `riskcheck.cells` and `riskcheck.trails` know, so that a file is the
sibling of another one whatever else the repository holds at that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import looks_like_cluster, tell
from riskcheck.environments import order_of
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.trails import PathReader, is_shared_step

if TYPE_CHECKING:
    from riskcheck.models import Stage

_ANY: Final = "*"
_WORD: Final = regex(r"[^-_.]+")
_DIGITS: Final = regex(r"\d+")


class Place(NamedTuple):
    """A path, taken apart. thing: the path with a star for each word that tells an environment, equal for the same
    file of several environments. stage: of its environment, None where nothing tells."""

    thing: str
    stage: Stage | None


class Places:
    """What paths say about environments; each path is taken apart once."""

    def __init__(self) -> None:
        self._reader = PathReader(tuple)
        self._known: dict[str, Place] = {}

    def of(self, path: str) -> Place:
        place = self._known.get(path)
        if place is None:
            place = self._known[path] = self._read(path)
        return place

    def are_siblings(self, one: str, other: str) -> bool:
        """Whether both are the same file of different environments."""
        return one != other and self.of(one).thing == self.of(other).thing

    def in_other_stages(self, one: str, other: str) -> bool:
        """Whether both tell a stage, and not the same."""
        stages = self.of(one).stage, self.of(other).stage
        return None not in stages and stages[0] != stages[1]

    def comes_first(self, one: str, other: str) -> bool:
        """Whether a change goes to the environment of `one` before it goes to that of `other`: an edit of the
        first alone is how a promotion begins. Environments of one stage may go in any order."""
        before, after = self.of(one).stage, self.of(other).stage
        if before is None or after is None:
            return True
        return order_of(before) <= order_of(after)

    def _read(self, path: str) -> Place:
        trail = self._reader.read(path)
        stage = trail.stage
        beside = bool(trail.names)
        steps: list[str] = []
        for step in path.split("/"):
            if beside and is_shared_step(step):
                continue
            if step in trail.names or (beside and looks_like_cluster(step)):
                general, told = _ANY, tell(step, beside).stage
            else:
                general, told = _generalised(step, beside=beside)
            stage = stage or told
            beside = beside or told is not None
            # A cluster below its stage is as much of an environment as the stage itself.
            if general != _ANY or steps[-1:] != [_ANY]:
                steps.append(general)
        return Place("/".join(steps), stage)


def _generalised(step: str, *, beside: bool) -> tuple[str, Stage | None]:
    """A step with stars for its words about environments, and the stage that one of them tells."""
    told = tell(step, beside)
    if told.stage is None and told.region is None and told.tier is None:
        return step, None
    lowered = step.lower().replace("_", "-")
    if told.region:
        lowered = lowered.replace(told.region, _ANY)
    if looks_like_cluster(step):
        lowered = _DIGITS.sub("#", lowered)
    beside = beside or told.stage is not None

    def star(word: str) -> str:
        one = tell(word, beside)
        return _ANY if one.stage is not None or one.tier is not None or one.region is not None else word

    return _WORD.sub(lambda found: star(found[0]), lowered), told.stage
