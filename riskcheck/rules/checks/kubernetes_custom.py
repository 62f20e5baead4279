"""Custom resource definitions and the custom resources that the repository has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Location, Related, location_of
from riskcheck.nodes import Mapping
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import TRUE, items_at, name_of, text, text_at

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext, ResourceView

MOST_PLACES: Final = 10

_TRIED: Final = regex(
    r"(?:^|/)(?:\.?chainsaw(?:-tests?)?|\.kuttl|kuttl|tests?|testdata|e2e|fixtures|examples?|samples?)/"
)
"""Directories of what is applied to try something out."""


class Instance(NamedTuple):
    """A custom resource. resource: None where it stands in a unit that the change does not touch, so that only its
    name is known. location: of its ``apiVersion``."""

    label: str
    location: Location
    resource: Resource | None = None


def versions(definition: Resource) -> dict[str, Mapping]:
    """Version names to what the definition says of them; of ``v1beta1`` definitions with one version, none."""
    found = {}
    for item in items_at(definition.body, "spec", "versions"):
        name = text_at(item, "name")
        if name and isinstance(item, Mapping):
            found[name] = item
    return found


def is_served(version: Mapping | None) -> bool:
    return version is not None and text_at(version, "served") in TRUE


def is_stored(version: Mapping | None) -> bool:
    return version is not None and text_at(version, "storage") in TRUE


def kind_of(definition: Resource) -> str:
    return text_at(definition.body, "spec", "names", "kind") or ""


def group_of_instances(definition: Resource) -> str:
    return text_at(definition.body, "spec", "group") or ""


def is_for_tests(path: str) -> bool:
    """Whether what stands at `path` only serves tests or shows how something is used."""
    return _TRIED.search(path.lower()) is not None


def in_chart(definition: Resource) -> bool:
    """Whether it stands in ``crds/`` of a Helm chart, which Helm installs once, never upgrades and never deletes.

    https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
    """
    return any(name.startswith("helm:") for name in definition.provides)


def instances(
    definition: Resource, wanted: Collection[str], view: ResourceView, context: CheckContext, kind: str = ""
) -> list[Instance]:
    """Custom resources of `definition` at one of the versions `wanted`, in its environment: those that `view` has,
    and those in units that the change does not touch. kind: what they state, if not the kind of the definition."""
    group, kind = group_of_instances(definition), kind or kind_of(definition)
    apis = {f"{group}/{version}" for version in wanted}
    found: dict[tuple[str, int], Instance] = {}
    here = definition.environment.name
    for other in view.find(platform="kubernetes", kind=kind):
        node = other.body.get("apiVersion")
        if node is None or text(node) not in apis:
            continue
        if other.environment.name == here or other.environment.stage == "unknown":
            place = location_of(node)
            if is_for_tests(place.path):
                continue
            found.setdefault((place.path, place.line), Instance(f"{kind} {name_of(other)}", place, other))
    seen = {place.path for place in (one.location for one in found.values())}
    names = [f"api:{api}/{kind}" for api in sorted(apis)]
    for user in context.users(names, definition):
        place = user.location
        if place.path not in seen and not is_for_tests(place.path):
            found.setdefault((place.path, place.line), Instance(user.label, place))
    return sorted(found.values(), key=lambda one: one.location)


def named(found: Sequence[Instance]) -> str:
    """``Widget a (apps/a.yaml:1), Widget b (apps/b.yaml:1) and 3 more``."""
    return listed((f"{one.label} ({one.location.path}:{one.location.line})" for one in found), 3)


def places(found: Sequence[Instance]) -> tuple[Related, ...]:
    return tuple(Related("custom resource", one.location) for one in found[:MOST_PLACES])
