"""How pods are told to stop: the time they get, and what they may do first (K8S-028)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, number_at, text, written
from riskcheck.rules.checks.kubernetes_podspecs import Pods, containers_kept, pods_kept
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.nodes import Mapping, Value
    from riskcheck.rules.context import CheckContext

_DEFAULT: Final = 30
_PERIOD: Final = "terminationGracePeriodSeconds"
_SLEEP: Final = regex(r"(?:^|[\s;&|(/])sleep[ \t]{1,20}([0-9]{1,6})(?![0-9.a-zA-Z])")


def shutdown_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``killed`` where pods get no time at all."""
    yield from matches(change, context, lambda: _problems(change, context.options.get("sidecars")))


def _problems(change: Change, sidecars: Value) -> Iterator[Weakness]:
    for pods in pods_kept(change):
        old, new = (_seconds(one) for one in (pods.before, pods.after))
        if new < old:
            said = f"{pods.subject} get {new} s instead of {old} s to stop"
            node = written(pods.after.get(_PERIOD))
            yield Weakness(said, pods.before.get(_PERIOD), node, "killed" if new == 0 else "")
        yield from _hooks(pods, new, sidecars)


def _seconds(spec: Mapping) -> int:
    found = number_at(spec, _PERIOD)
    return _DEFAULT if found is None else found


def _hooks(pods: Pods, period: int, sidecars: Value) -> Iterator[Weakness]:
    for container in containers_kept(pods):
        if not container.resident or _is_sidecar(container.name, sidecars):
            continue
        name = f"container {container.name}"
        old, new = (mapping_at(one, "lifecycle", "preStop") for one in (container.before, container.after))
        if new is None:
            if old is not None:
                yield Weakness(f"{name} has no preStop hook any more", old, None)
            continue
        was, now = (None if one is None else pause_of(one) for one in (old, new))
        if now is None:
            continue
        if was is not None and now < was:
            yield Weakness(f"{name} waits {now} s instead of {was} s before it stops", old, new)
        if 0 < period <= now and (was is None or was < _seconds(pods.before)):
            said = f"{name} is killed in its preStop hook, which waits {now} s of {period} s"
            yield Weakness(said, pods.before.get(_PERIOD), new)


def _is_sidecar(name: str, patterns: Value) -> bool:
    return isinstance(patterns, list) and any(fnmatchcase(name, str(pattern)) for pattern in patterns)


def pause_of(hook: Mapping) -> int | None:
    """Seconds that a preStop hook sleeps; None where it does something else, too.

    https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
    """
    seconds = number_at(hook, "sleep", "seconds")
    if seconds is not None:
        return seconds
    command = [text(item) or "" for item in items_at(hook, "exec", "command")]
    found = _SLEEP.findall(" ".join(command)[:2000])
    return sum(map(int, found)) if found else None
