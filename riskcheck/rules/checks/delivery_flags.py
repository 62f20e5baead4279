"""Feature flags whose rollout jumps: configuration that reaches everyone at once, with no pod that restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping
from riskcheck.progressive.flagformats import flag_of
from riskcheck.progressive.flags import Flag, Segment, is_flag_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath, Value
    from riskcheck.rules.context import CheckContext

_CONTAINERS: Final = (
    "flags",
    "features",
    "featureflags",
    "toggles",
    "featuretoggles",
    "experiments",
    "rollouts",
)
_FILE_WORDS: Final = ("flag", "feature", "toggle", "rollout", "experiment")
_CRDS: Final = ("FeatureFlag", "FeatureFlagConfiguration")
_NOTHING: Final = 1e-9


def rollout_jumped(change: Change, context: CheckContext) -> Iterator[Match]:
    """A flag that more people get at once than a ramp would give, or whose default flips. Values: flag, problem.

    options: max_jump, first_exposure (percentage points of the population).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not _holds_flags(after, change.path):
        return
    path = _flag_path(change, before, after, context)
    if path is None or not _leads(change, path, context):
        return
    name = path[-1].strip("[]").removeprefix("\\")
    old = {flag.name: flag for flag in flag_of(name, context.node(before, path))}
    limits = _share(context.options, "max_jump", 50), _share(context.options, "first_exposure", 25)
    for flag in flag_of(name, context.node(after, path)):
        problem = _judged(old.get(flag.name), flag, *limits)
        if problem:
            yield Match({"flag": flag.name, "problem": problem})
            return
    lost = [flag for key, flag in old.items() if key.startswith(f"{name} in ")]
    kept = {flag.name for flag in flag_of(name, context.node(after, path))}
    for flag in lost:
        if kept and flag.name not in kept and Segment(f'"{flag.name.partition(" in ")[2]}"', None).production:
            yield Match({"flag": name, "problem": "says nothing of production any more"})
            return


def _share(options: MappingOf[str, Value], name: str, default: float) -> float:
    found = options.get(name, default)
    number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else default
    return number / 100


def _holds_flags(resource: Resource, path: KeyPath) -> bool:
    """Whether `resource` is about flags: a flag object, a file that is one by content, by name or by section."""
    if resource.kind in _CRDS:
        return True
    if resource.platform != "plain":
        return False
    directory, _, name = resource.unit.lower().rpartition("/")
    return (
        any(word in step for step in (name, directory.rpartition("/")[2]) for word in _FILE_WORDS)
        or any(_plain(step) in _CONTAINERS for step in path[:-1])
        or is_flag_file(resource.body)
    )


def _plain(step: str) -> str:
    return step.lower().replace("_", "").replace("-", "")


def _flag_path(change: Change, before: Resource, after: Resource, context: CheckContext) -> KeyPath | None:
    """The outermost mapping on the way to the change that reads as a flag on either side."""
    for depth in range(1, len(change.path) + 1):
        path = change.path[:depth]
        nodes = (context.node(after, path), context.node(before, path))
        if any(isinstance(node, Mapping) and flag_of("", node) for node in nodes):
            return path
    return None


def _leads(change: Change, path: KeyPath, context: CheckContext) -> bool:
    """Whether `change` is the first one of its flag."""
    for other in context.changes_of(change.resource):
        short = min(len(other.path), len(path))
        if other.path[:short] == path[:short]:
            return change.path == other.path or context.within is not None
    return True


def _judged(old: Flag | None, new: Flag, most: float, first: float) -> str | None:
    if old is None:
        # The code that reads a new flag is new as well; a share of the population says that it is there already.
        shared = new.fractional and sum(share > 0 for share in (new.rest.shares or {}).values()) > 1
        return _gain("everyone", _before_it(new), new.rest, new, most, first) if shared else None
    if old.active and not new.active and new.kill_switch:
        return "is a kill switch and is switched off: the application's own default holds"
    if not new.active or not old.active:
        return _gain("everyone", _before_it(new), new.rest, new, most, first) if new.active else None
    return _flipped(old, new) or _jumped(old, new, most, first)


def _before_it(flag: Flag) -> Segment:
    """What was served while the flag decided nothing: the state without the feature, as far as a value says so."""
    known = {value for segment in flag.segments for value in segment.shares or ()} | set(flag.names)
    off = next((value for value in sorted(known) if flag.is_off(value)), flag.default)
    return Segment("", None if off is None else {off: 1.0})


def _flipped(old: Flag, new: Flag) -> str | None:
    """Another default, where it is what people get."""
    if (
        old.default == new.default
        or old.default is None
        or new.default is None
        or old.fractional
        or new.fractional
    ):
        return None
    was, is_now = old.rest.shares, new.rest.shares
    if was is None or is_now is None or was.get(old.default) != 1.0 or is_now.get(new.default) != 1.0:
        return None
    return (
        f"flips its default from {old.called(old.default)} to {new.called(new.default)} for everyone at once"
    )


def _jumped(old: Flag, new: Flag, most: float, first: float) -> str | None:
    known = {segment.who: segment for segment in old.segments}
    production = any(segment.production for flag in (old, new) for segment in flag.segments)
    for segment in new.segments:
        counts = segment.production or (not segment.who and not production)
        was = known.get(segment.who)
        if counts and was is not None:
            found = _gain(_crowd(segment), was, segment, new, most, first)
            if found:
                return found
    kept = {segment.who for segment in new.segments}
    for segment in old.segments:
        if segment.who and segment.who not in kept:
            found = _gain("those whom a removed condition singled out", segment, new.rest, new, most, first)
            if found:
                return found
    return None


def _crowd(segment: Segment) -> str:
    return "production" if segment.production else "everyone"


def _gain(who: str, was: Segment, is_now: Segment, flag: Flag, most: float, first: float) -> str | None:
    """The value that gains more than it may, in words. Going back to the state without the feature is no gain."""
    if was.shares is None or is_now.shares is None:
        return None
    for value, share in sorted(is_now.shares.items(), key=lambda item: -item[1]):
        before = was.shares.get(value, 0.0)
        if flag.is_off(value) or share - before <= _NOTHING:
            continue
        if share - before > most + _NOTHING:
            return f"goes from {_percent(before)} to {_percent(share)} {flag.called(value)} for {who} in one step"
        if before <= _NOTHING and share > first + _NOTHING:
            return f"gives {flag.called(value)} to {_percent(share)} of {who} as a first step"
    return None


def _percent(share: float) -> str:
    return f"{round(share * 100, 1):g} %"
