"""Plan files, whatever tool wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.models import Action
    from riskcheck.nodes import Value


class PlannedField(NamedTuple):
    """One field that a tool would act on. path: as the tool writes it. reason: the tool's word for why, or ""."""

    path: str
    action: Action
    reason: str = ""


class PlannedState(NamedTuple):
    """What a plan of Terraform says of one resource beyond its action; secrets are masked.

    module: names of the calls that lead to it, with the keys of their instances (``net``, ``db["a"]``). kind, name:
    as `Resource` has them; earlier: the name before it moved. instance: its key, None for a single one.
    actions: Terraform's own words, in their order. reason: its word for why, "" where it says none. before, after:
    None where the resource does not exist, or its values were not kept. unknown, sensitive: attributes, with dots
    into blocks. replacing: attributes that ask for a new resource. drifted: attributes that were changed by
    somebody else since the last apply. importing: it is taken over as it is. deposed: what is left of an earlier
    replacement.
    """

    module: tuple[str, ...]
    kind: str
    name: str
    earlier: str | None
    instance: str | int | None
    actions: tuple[str, ...]
    reason: str
    before: Mapping[str, Value] | None
    after: Mapping[str, Value] | None
    unknown: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
    importing: bool = False
    deposed: bool = False


class PlannedResource(NamedTuple):
    """What would be done to one resource.

    fields: those that lead to it, the gravest first. gone: it is only taken out of the tool's state, since it no
    longer exists. state: of a plan of Terraform.
    """

    action: Action
    fields: tuple[PlannedField, ...] = ()
    gone: bool = False
    state: PlannedState | None = None


class PlanOutline(NamedTuple):
    """A plan of Terraform as a whole. None: the plan does not say.

    managed: resources that it knows. complete: it covers all that the configuration asks for. deferred: addresses
    that wait for another run. failing: addresses of checks that do not hold. outputs: names of those that change.
    """

    managed: int = 0
    complete: bool | None = None
    errored: bool = False
    deferred: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class DeploymentPlan(NamedTuple):
    """One plan file.

    source: its path as it was given. digest: ``sha256:…`` of its bytes. environment: of which it was said to be
    when it was given, or what the file itself says; None where neither does. resources: by address.
    notes: what of it was not understood, for people. outline: of a plan of Terraform.
    """

    source: str
    digest: str
    environment: str | None
    resources: Mapping[str, PlannedResource]
    notes: tuple[str, ...] = ()
    tool: Literal["databricks", "terraform"] = "databricks"
    outline: PlanOutline | None = None
