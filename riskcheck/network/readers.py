"""Traffic rules and address lists of a resource, whoever provides it. A provider's module loads when one of its
resources is asked about."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, TrafficRule

_MODULES: Final = {
    ("terraform", "aws"): "aws",
    ("terraform", "azurerm"): "azure",
    ("terraform", "databricks"): "databricks",
    ("terraform", "google"): "google",
}
"""Platform and first word of the kind to the module here that has ``RULES`` and ``LISTS``: readers by kind."""

_PLATFORMS: Final = {"kubernetes": "kubernetes", "plain": "plain"}
"""Platform to the module that has its readers, whatever the kind."""


def traffic_rules(resource: Resource) -> Iterator[TrafficRule]:
    """The rules that `resource` states, in the order in which they are written."""
    module = _module(resource)
    if module is not None:
        reader: Callable[[Resource], Iterator[TrafficRule]] | None = module.RULES.get(resource.kind)
        yield from reader(resource) if reader is not None else ()


def address_lists(resource: Resource) -> Iterator[AddressList]:
    """The lists of addresses that `resource` states."""
    module = _module(resource)
    if module is not None:
        reader: Callable[[Resource], Iterator[AddressList]] | None = module.LISTS.get(resource.kind)
        yield from reader(resource) if reader is not None else ()


def _module(resource: Resource) -> ModuleType | None:
    provider = resource.kind.partition("_")[0]
    name = _MODULES.get((resource.platform, provider)) or _PLATFORMS.get(resource.platform)
    return None if name is None else import_module(f"riskcheck.network.{name}")
