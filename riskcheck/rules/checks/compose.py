"""Compose services that wait for less, are watched less, run less often or start with an empty volume."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.phrases import listed
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import TRUE, text, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_LOCAL: Final = regex(
    r"(?:^|[^a-z0-9])(?:dev|devel|development|devcontainer|local|localhost|test|tests|testing|e2e|ci|debug|override"
    r"|example|examples|sample|samples|demo|playground|sandbox|hack|quickstart|tutorial)(?:[^a-z0-9]|$)"
)
"""Words in the path of what runs on somebody's own machine."""

_RESTARTS: Final = frozenset({"always", "unless-stopped", "on-failure"})


def weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """What a Compose file no longer makes sure of.

    Values: problem (text), loss (bool: data stay behind), restored (bool).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or change.environment.stage == "dev" or _is_local(change):
        return
    if before.kind == "volumes":
        if (
            after is not None
            and change.path
            and change.path[0] in ("name", "driver", "driver_opts", "external")
        ):
            yield from _replaced(before, after, context)
        return
    if after is None:
        if not change.path:
            yield from _removed(before, context)
        return
    for problem in _problems(change, before, after):
        yield _match(f"service {after.name} {problem}")
    if change.path[:1] == ("volumes",):
        yield from _unmounted(change, before, after)


def _match(problem: str, *, loss: bool = False, related: tuple[Related, ...] = ()) -> Match:
    return Match(values={"problem": problem, "loss": loss, "restored": not loss}, related=related)


def _is_local(change: Change) -> bool:
    files = {change.resource.origin.source.path, change.resource.body.source.path}
    return any(_LOCAL.search(path.lower()) for path in files)


def _problems(change: Change, before: Resource, after: Resource) -> Iterator[str]:
    match change.path:
        case ("depends_on",):
            yield from _all_waits(before.body.get("depends_on"), after.body.get("depends_on"))
        case ("depends_on", needed):
            if change.kind == "removed":
                yield f"no longer waits for {needed}"
        case ("depends_on", needed, "condition"):
            if change.before in ("service_healthy", "service_completed_successfully"):
                waits = "healthy" if change.before == "service_healthy" else "done"
                if change.after in ("service_started", None):
                    yield f"no longer waits until {needed} is {waits}"
        case ("healthcheck",):
            if change.kind == "removed" or _is_disabled(after):
                yield "has no healthcheck any more"
        case ("healthcheck", "test" | "disable"):
            if change.kind != "removed" and _is_disabled(after) and not _is_disabled(before):
                yield "has no healthcheck any more"
        case ("restart",) | ("deploy", "restart_policy", *_):
            if _restarts(before) and not _restarts(after):
                yield "is no longer restarted when it stops"
        case ("deploy", "replicas") | ("scale",):
            old, new = _replicas(before), _replicas(after)
            if old is not None and new is not None and new < old:
                yield f"runs {new} times instead of {old}"
        case ("deploy",) if change.kind == "removed":
            old = _replicas(before)
            if old is not None and old > 1 and _replicas(after) == 1:
                yield f"runs once instead of {old} times"


def _all_waits(old: Node | None, new: Node | None) -> Iterator[str]:
    names = [key.raw for key, _ in old.entries] if isinstance(old, Mapping) else []
    if names and not isinstance(new, Mapping):
        yield f"no longer waits for {listed(names)}"


def _is_disabled(service: Resource) -> bool:
    check = service.body.get("healthcheck")
    if not isinstance(check, Mapping):
        return False
    test = check.get("test")
    first = test.items[0] if test is not None and hasattr(test, "items") and test.items else test
    return text_at(check, "disable") in TRUE or (isinstance(first, Scalar) and first.raw == "NONE")


def _restarts(service: Resource) -> bool:
    """https://docs.docker.com/reference/compose-file/services/#restart"""
    condition = text_at(service.body, "deploy", "restart_policy", "condition")
    if condition is not None:
        return condition != "none"
    if isinstance(service.body.at("deploy", "restart_policy"), Mapping):
        return True
    return (text_at(service.body, "restart") or "no").partition(":")[0] in _RESTARTS


def _replicas(service: Resource) -> int | None:
    found = text_at(service.body, "deploy", "replicas") or text_at(service.body, "scale") or "1"
    return int(found) if re.fullmatch(r"[0-9]{1,9}", found) else None


def _unmounted(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    """A service that finds another volume, or none, where its data were."""
    for target in _mounts(before) if len(change.path) == 1 else [change.path[1].removeprefix("\\")]:
        old, new = (_mounts(one).get(target) for one in (before, after))
        if old is None or not _is_named(old) or text_at(old, "read_only") in TRUE:
            continue
        source, now = text_at(old, "source"), text_at(new, "source")
        if source == now or (len(change.path) > 2 and change.path[2] != "source"):
            continue
        if any(text_at(one, "source") == source for one in _mounts(after).values()):
            continue
        starts = f"starts with volume {now}" if now is not None else "keeps its data in the container"
        problem = f"service {after.name} {starts} at {target} instead of volume {source}"
        yield _match(f"{problem}: what was written there stays behind", loss=True)


def _mounts(service: Resource) -> dict[str, Mapping]:
    held = service.body.get("volumes")
    entries = held.entries if isinstance(held, Mapping) else ()
    return {key.raw: node for key, node in entries if isinstance(node, Mapping)}


def _is_named(mount: Mapping) -> bool:
    return text_at(mount, "type") == "volume" and text_at(mount, "source") is not None


def _replaced(before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """A volume that is another one under the same key, told at the first of its changes."""
    changes = [one for one in context.changes_of(after) if one.path]
    fields = [one.path[0] for one in changes]
    was_external = text_at(before.body, "external") in TRUE
    if was_external and text_at(after.body, "external") in TRUE and "name" not in fields:
        return
    what = listed(sorted(set(fields)))
    yield _match(
        f"volume {after.name} is another one ({what} changed): what is in the old one stays behind", loss=True
    )


def _removed(before: Resource, context: CheckContext) -> Iterator[Match]:
    """A service that others of its project still need."""
    name = before.name.rpartition("/")[2]
    found: list[tuple[str, Node]] = []
    for other in context.head.find(
        platform="compose", kind="services", environment=before.environment.name, unit=before.unit
    ):
        needed = other.body.get("depends_on")
        for key, settings in needed.entries if isinstance(needed, Mapping) else ():
            if key.raw == name and text_at(settings, "required") != "false":
                found.append((other.name, key))
        for field in ("network_mode", "ipc", "pid"):
            node = other.body.get(field)
            if node is not None and text(node) == f"service:{name}":
                found.append((other.name, node))
    if found:
        users = sorted({user for user, _ in found})
        need = "needs" if len(users) == 1 else "need"
        yield _match(
            f"service {before.name} is gone, and {listed(users)} still {need} it: Compose refuses the project",
            related=tuple(Related("consumer", location_of(node)) for _, node in found[:3]),
        )
