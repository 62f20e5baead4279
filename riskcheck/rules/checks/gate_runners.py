"""Edits of hooks that call riskcheck themselves: Husky's scripts, other scripts of git, lefthook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.rules.checks.gate_commands import calls, relaxed
from riskcheck.rules.checks.gate_values import Weakening, at, part, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_commands import Call
    from riskcheck.rules.checks.gate_values import Plain

_NARROWING: Final = ("skip", "only", "glob", "files", "exclude", "exclude_tags", "root")


def weakenings(name: str, before: Plain, after: Plain, *, moved: bool) -> Iterator[Weakening]:
    """riskcheck is called less often by hook `name`, for less, or what it says counts less. moved: another hook of
    the same change runs it that did not before."""
    held, left = _calls(before), _calls(after)
    new_places = [place for place in left if place not in held]
    for place, was in held.items():
        now_at = place if place in left else new_places.pop(0) if new_places else None
        if now_at is None:
            if not moved:
                yield Weakening(at("runs", place), f"the hook {name} no longer runs riskcheck")
            continue
        path = at("runs", now_at, "run")
        for one, other in zip(was, left[now_at], strict=False):
            for what in relaxed(one.options, other.options):
                yield Weakening(path, what)
            if other.masked and not one.masked:
                yield Weakening(path, f"the exit code of riskcheck is thrown away in the hook {name}")
        if len(left[now_at]) < len(was):
            yield Weakening(path, f"the hook {name} runs riskcheck less often")
        old, new = part(before, "runs", place), part(after, "runs", now_at)
        for key in _NARROWING:
            if new.get(key) not in (None, False) and new.get(key) != old.get(key):
                yield Weakening(at("runs", now_at, key), f"the hook {name} runs riskcheck less often ({key})")
    for key in _NARROWING if held and left else ():
        shared = f"all.{key}"
        if after.get(shared) not in (None, False) and after.get(shared) != before.get(shared):
            yield Weakening(at(shared), f"the hook {name} runs riskcheck less often ({key})")


def runs_riskcheck(body: Plain) -> bool:
    """Whether any of the runs of a hook calls riskcheck."""
    return bool(_calls(body))


def _calls(body: Plain) -> dict[str, list[Call]]:
    """Name of a run to its calls of riskcheck."""
    found: dict[str, list[Call]] = {}
    for name, job in part(body, "runs").items():
        script = text(part(job).get("run"))
        held = list(calls(script)) if script is not None else []
        if held:
            found[name] = held
    return found
