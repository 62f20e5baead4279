"""Images that are another product than before: another major version, an older one, another registry (K8S-008)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.phrases import many
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_image_tags import Version, base_of, version_of
from riskcheck.rules.checks.kubernetes_images import Image, image_at
from riskcheck.rules.checks.kubernetes_objects import is_first, neighbours
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_DOCKER: Final = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
_MOVED: Final = {"k8s.gcr.io": "registry.k8s.io", "gcr.io/google-containers": "registry.k8s.io"}
"""Registries that were closed, and where their images are now: https://kubernetes.io/blog/2023/03/10/image-registry-redirect/"""

_UNRESOLVED: Final = ("$(", "${", "{{")


_NUMBERS: Final = regex(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}")
_SUFFIX: Final = regex(r"-[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}\Z")


class Place(NamedTuple):
    """Registry host and repository below it. ``nginx`` is ``library/nginx`` of Docker Hub."""

    host: str
    repository: str


def image_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: problem (text), grade (``major``, ``older``, ``older-major``, ``registry``, ``product``, ``base``),
    data (bool: the image is one that keeps data in a format of its own), stateful (bool: that, or it is of a
    StatefulSet).

    Images of Spark applications are SPK-012's.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    path = change.path if change.path[-1] in ("image", "reference") else change.path[:-1]
    if not is_first(change, context, path) or application_of(after) is not None:
        return
    old, new = image_at(context.node(before, path)), image_at(context.node(after, path))
    if old is None or new is None or any(mark in one[0] for one in (old, new) for mark in _UNRESOLVED):
        return
    data = _keeps_data(new[1], context.options.get("data_images"))
    found = _difference(old[1], new[1], data)
    if found is None:
        return
    alike = list(_alike(change, after, context))
    if any(one.key < after.key for one in alike):
        return
    if after.kind != "StatefulSet" and _told_before(change, context.changes_of(after)):
        return
    grade, problem = found
    if alike:
        problem += f" (and so in {many(len(alike), f'other {after.kind}')})"
    stateful = data or (after.kind == "StatefulSet" and "initContainers" not in path)
    yield Match(
        values={"problem": problem, "grade": grade, "data": data, "stateful": stateful},
        resources=tuple(sorted({after.address, *(one.address for one in alike)})) if alike else (),
    )


def _alike(change: Change, resource: Resource, context: CheckContext) -> Iterator[Resource]:
    """Objects of the same kind beside `resource` that go from the same image to the same: told once, for all."""
    for other in neighbours(resource, context.head, resource.kind):
        changes = context.changes_of(other) if other is not resource else ()
        if any(_is_same_edit(change, one) for one in changes):
            yield other


def _told_before(change: Change, changes: Iterable[Change]) -> bool:
    first = next((one for one in changes if _is_same_edit(change, one)), change)
    return first.path != change.path


def _is_same_edit(one: Change, other: Change) -> bool:
    """Whether both are edits of a whole reference, from the same to the same."""
    return (
        one.path[-1:] == other.path[-1:] == ("image",)
        and isinstance(one.before, str)
        and (one.before, one.after) == (other.before, other.after)
    )


def _difference(old: Image, new: Image, data: bool) -> tuple[str, str] | None:
    """The gravest difference and what to say of it."""
    there, here = place_of(old.name), place_of(new.name)
    name = here.repository.rpartition("/")[2]
    was, now = version_of(old.tag, bare=data), version_of(new.tag, bare=data)
    same_name = there.repository.rpartition("/")[2] == name
    if was is not None and now is not None and same_name:
        found = _of_versions(name, was, now, f"{old.tag} to {new.tag}")
        if found is not None:
            return found
    if there.host != here.host and same_name and not _pulled_before(there, here):
        return "registry", f"{name} is pulled from {here.host} instead of {there.host}"
    named = _of_names(there.repository, here.repository, data)
    if named is not None:
        return named if named[0] else None
    if there.repository != here.repository and not here.repository.endswith(f"/{there.repository}"):
        return "product", f"{here.repository} takes the place of {there.repository}"
    first, second = base_of(old.tag), base_of(new.tag)
    if first is not None and second is not None and first != second:
        return "base", f"{name} is built on {second} instead of {first}"
    return None


def _of_names(old: str, new: str, data: bool) -> tuple[str, str] | None:
    """Names that differ in numbers alone (``postgresql-13``, ``index-4.18``); a grade of ``""`` where that is no
    other major version. None for other names."""
    was, now = _NUMBERS.findall(old), _NUMBERS.findall(new)
    if old == new or _NUMBERS.sub("#", old) != _NUMBERS.sub("#", new):
        return None
    major = next((pair for pair in zip(was, now, strict=True) if _major(pair[0]) != _major(pair[1])), None)
    if major is None:
        return "", ""
    grade = ("older-major" if _major(major[0]) > _major(major[1]) else "major") if data else "product"
    return grade, f"{new} takes the place of {old}"


def _major(number: str) -> int:
    return int(number.partition(".")[0])


def _of_versions(name: str, was: Version, now: Version, said: str) -> tuple[str, str] | None:
    if was.calendar != now.calendar:
        return None
    if now.numbers < was.numbers:
        if now.major < was.major and not now.calendar:
            return "older-major", f"{name} goes back from {said}, an older major version"
        return "older", f"{name} goes back from {said}"
    if now.major > was.major and not now.calendar:
        return "major", f"{name} goes from {said}, another major version"
    return None


def place_of(name: str) -> Place:
    """https://github.com/distribution/reference/blob/main/normalize.go"""
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", name
    if first in _DOCKER:
        return Place("docker.io", rest if "/" in rest else f"library/{rest}")
    for closed, opened in _MOVED.items():
        if f"{first}/{rest}".startswith(f"{closed}/"):
            return Place(opened, f"{first}/{rest}".removeprefix(f"{closed}/"))
    return Place(first, rest)


def _pulled_before(there: Place, here: Place) -> bool:
    """The host of a public mirror of one and the same registry."""
    return {there.host, here.host} <= {"gcr.io", "mirror.gcr.io"}


def _keeps_data(image: Image, patterns: Value) -> bool:
    name = _SUFFIX.sub("", place_of(image.name).repository.rpartition("/")[2].lower())
    return isinstance(patterns, list) and any(fnmatchcase(name, str(pattern)) for pattern in patterns)
