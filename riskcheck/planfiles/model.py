"""Plan files, whatever tool wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.models import Action


class PlannedField(NamedTuple):
    """One field that a tool would act on. path: as the tool writes it. reason: the tool's word for why, or ""."""

    path: str
    action: Action
    reason: str = ""


class PlannedResource(NamedTuple):
    """What would be done to one resource.

    fields: those that lead to it, the gravest first. gone: it is only taken out of the tool's state, since it no
    longer exists.
    """

    action: Action
    fields: tuple[PlannedField, ...] = ()
    gone: bool = False


class DeploymentPlan(NamedTuple):
    """One plan file.

    source: its path as it was given. digest: ``sha256:…`` of its bytes. environment: of which it was said to be
    when it was given, or what the file itself says; None where neither does. resources: by address.
    notes: what of it was not understood, for people.
    """

    source: str
    digest: str
    environment: str | None
    resources: Mapping[str, PlannedResource]
    notes: tuple[str, ...] = ()
