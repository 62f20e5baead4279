"""Whether an edit of a feature flag gives a variant to many people at once."""

from __future__ import annotations

from typing import Final

from riskcheck.progressive.flags import Flag, Segment
from riskcheck.progressive.values import percent

_NOTHING: Final = 1e-9


def jump(old: Flag | None, new: Flag, most: float, first: float) -> str | None:
    """What `new` gives to more people at once than a ramp would, in words; None where it does not.

    most: largest gain of one value in one step; first: largest share of a value that nobody had; both 0..1.
    """
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
            return (
                f"goes from {percent(before)} to {percent(share)} {flag.called(value)} for {who} in one step"
            )
        if before <= _NOTHING and share > first + _NOTHING:
            return f"gives {flag.called(value)} to {percent(share)} of {who} as a first step"
    return None
