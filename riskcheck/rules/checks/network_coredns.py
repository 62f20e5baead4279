"""The configuration of a cluster's own name service.

https://coredns.io/manual/configuration/, https://learn.microsoft.com/azure/aks/coredns-custom
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.phrases import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change

_MAPS: Final = frozenset({"coredns", "coredns-custom", "kube-dns", "node-local-dns"})
_NAMESPACE: Final = "kube-system"
_HARMLESS: Final = frozenset(
    {"log", "errors", "prometheus", "reload", "health", "ready", "lameduck", "pprof"}
)
"""Plugins that answer no query."""
_CHANGED: Final = "every pod of the cluster resolves names by it: an error stops them all at once"


def is_name_service(change: Change) -> bool:
    """Whether `change` is of the ConfigMap that configures the cluster's name service."""
    namespace, _, name = change.resource.name.rpartition("/")
    return change.resource.kind == "ConfigMap" and namespace == _NAMESPACE and name in _MAPS


def corefile_changed(change: Change) -> Iterator[Match]:
    """A line of the configuration goes or changes. Lines that are only added answer more than before."""
    if not change.path:
        if change.kind == "removed" and change.resource_before is not None:
            yield _match(
                "removed", "it goes back to what the cluster came with, or does not start again", "P0"
            )
        return
    if change.path[0] != "data" or change.kind == "added":
        return
    before, after = (_lines(value) for value in (change.before, change.after))
    gone = [line for line in before if line not in after]
    if gone:
        added = [line for line in after if line not in before]
        said = f"{listed(gone, 2)} becomes {listed(added, 2)}" if added else f"{listed(gone, 2)} is gone"
        yield _match(f"changed: {said}", _CHANGED, "P1")


def _match(how: str, effect: str, severity: str) -> Match:
    what = f"the configuration of the cluster's name service is {how}"
    return Match(values={"what": what, "effect": effect, "severity": severity})


def _lines(value: object) -> list[str]:
    """What is told to the server, line by line, without comments and what answers nothing."""
    if isinstance(value, dict):
        return [line for one in value.values() for line in _lines(one)]
    if not isinstance(value, str):
        return []
    told = [" ".join(line.partition("#")[0].split()) for line in value.splitlines()]
    return [line for line in told if line and line != "}" and line.split()[0] not in _HARMLESS]
