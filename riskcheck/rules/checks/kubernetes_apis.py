"""Objects that state an API version which the cluster does not serve, and clusters that cease to serve one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related
from riskcheck.phrases import listed
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import name_of, text_at
from riskcheck.rules.checks.kubernetes_removed_apis import KUBERNETES, OLDEST, removals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Environment
    from riskcheck.nodes import MaybeValue, Value
    from riskcheck.rules.context import CheckContext

_RELEASE: Final = regex(r"v?([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")
_MOST_PLACES: Final = 10

_CLUSTERS: Final = {
    "aws_eks_cluster": ("version",),
    "azurerm_kubernetes_cluster": ("kubernetes_version",),
    "digitalocean_kubernetes_cluster": ("version",),
    "google_container_cluster": ("min_master_version",),
    "ClusterConfig": ("metadata", "version"),
}
"""Types of Terraform and the kind of eksctl that make clusters, to where they state the release.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster ;
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/kubernetes_cluster ;
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster ;
https://eksctl.io/usage/schema/
"""


def api_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """An object new or restated in a version that is not served; a cluster raised past what objects state.

    Values: problem (text), known (bool: it is known which release the cluster runs).
    """
    where = _CLUSTERS.get(change.resource.kind)
    if where is not None:
        if change.path == where:
            yield from _raised(change, context)
    elif change.resource.platform == "kubernetes":
        yield from _stated(change, context)


def _stated(change: Change, context: CheckContext) -> Iterator[Match]:
    after = change.resource_after
    if after is None or (change.path and change.path != ("apiVersion",)):
        return
    api = text_at(after.body, "apiVersion") or ""
    removal = removals().get((api, after.kind))
    if removal is None:
        return
    release = _target(context.options.get("kubernetes_version"), after.environment)
    known = release is not None and removal.server == KUBERNETES
    if removal.release > ((release or OLDEST) if removal.server == KUBERNETES else removal.release):
        return
    since = f"{removal.server} {_shown(removal.release)}"
    runs = f", and {after.environment.name} runs {_shown(release)}" if known and release is not None else ""
    advice = f"state {removal.instead}" if removal.instead else "nothing replaces it"
    yield Match(
        values={
            "problem": f"{after.kind} {name_of(after)} states {api}, not served since {since}{runs}: {advice}",
            "known": known,
        },
        node=after.body.get("apiVersion"),
    )


def _raised(change: Change, context: CheckContext) -> Iterator[Match]:
    """A cluster's own release, where what is applied to it is found by the version that it states."""
    old, new = _release(change.before), _release(change.after)
    if old is None or new is None or new <= old:
        return
    gone = {
        f"api:{api}/{kind}": removal
        for (api, kind), removal in removals().items()
        if removal.server == KUBERNETES and old < removal.release <= new
    }
    found = sorted(context.users(sorted(gone), change.resource), key=lambda one: one.location) if gone else []
    if not found:
        return
    shown = listed(f"{one.label} ({one.location.path}:{one.location.line})" for one in found)
    verb = "states" if len(found) == 1 else "state"
    yield Match(
        values={
            "problem": f"the cluster goes from {_shown(old)} to {_shown(new)}, and {shown} still {verb} "
            "API versions that this release does not serve",
            "known": True,
        },
        related=tuple(Related("object", one.location) for one in found[:_MOST_PLACES]),
    )


def _target(option: Value, environment: Environment) -> tuple[int, int] | None:
    """The release that the policy states: one for all, or by name of the environment or by stage."""
    if isinstance(option, dict):
        option = next((option[key] for key in (environment.name, environment.stage) if key in option), None)
    return _release(option)


def _release(value: MaybeValue) -> tuple[int, int] | None:
    """``1.29``, ``v1.29.4``, ``1.29.4-gke.100``; a number in YAML loses a zero, so that 1.3 is taken for 1.30."""
    if isinstance(value, float):
        value = f"{value:.2f}"
    match = _RELEASE.match(value) if isinstance(value, str) else None
    return (int(match[1]), int(match[2])) if match is not None else None


def _shown(release: tuple[int, int]) -> str:
    return f"{release[0]}.{release[1]}"
