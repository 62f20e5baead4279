"""Which service a resource belongs to: all that silent runs need of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.globs import matches_any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.models import Resource, Service


def service_namer(declared: Sequence[Service]) -> Callable[[Resource], str]:
    """Names the service of a resource: the declared one whose paths hold the file that declares the resource,
    the last that matches as in CODEOWNERS; else what the platform inferred; else its unit."""
    globs = [(service.name, service.paths) for service in declared if service.paths]

    def name(resource: Resource) -> str:
        path = resource.origin.source.path
        for service, paths in reversed(globs):
            if matches_any(path, paths) or matches_any(resource.unit, paths):
                return service
        return resource.service or resource.unit

    return name
