"""What takes from the wall between a pod and its node: every weakness of a pod template, named.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import TRUE, items_at, mapping_at, text, text_at, texts
from riskcheck.rules.checks.kubernetes_pods import containers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node


_Found: TypeAlias = "tuple[str, int, str, Node | None]"


class Weakness(NamedTuple):
    """weight: 3 the node is open to it, 2 a wall is gone, 1 it is lower. what: in words. where: the container,
    empty for the pod. node: what says so, None where it is what nothing says any more."""

    key: tuple[str, str]
    weight: int
    what: str
    where: str
    node: Node | None


_SHARED: Final = {
    "hostPID": "sees all processes of its node (hostPID)",
    "hostIPC": "shares memory with its node (hostIPC)",
    "hostNetwork": "is on the network of its node (hostNetwork)",
}

_TAKES_OVER: Final = frozenset(
    {
        *("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "BPF", "PERFMON"),
        *("DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE"),
    }
)
"""Capabilities that end in root on the node. https://man7.org/linux/man-pages/man7/capabilities.7.html"""

_BASELINE: Final = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
"""What a container runtime gives by itself, and the baseline standard lets be added."""

_OPEN_PATHS: Final = (
    *("/root", "/boot", "/var/lib/kubelet", "/var/lib/etcd", "/etc/kubernetes"),
    *("/var/run/docker.sock", "/run/docker.sock", "/var/run/containerd", "/run/containerd"),
    *("/var/run/crio", "/run/crio", "/var/lib/docker", "/var/lib/containerd"),
)
_OPEN_AS_WHOLE: Final = ("", "/etc", "/proc", "/dev", "/usr", "/home", "/var", "/var/lib", "/run", "/var/run")
_HARMLESS: Final = ("/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl/certs", "/etc/pki", "/etc/timezone")


def weaknesses(template: Mapping) -> Iterator[Weakness]:
    """Every weakness of a pod template, each under a key that stays the same when lists are reordered.

    What is not stated counts as a weakness where the default is one, so that what is compared is the effect.
    """
    spec, pod = mapping_at(template, "spec"), mapping_at(template, "spec", "securityContext")
    for field, what in _SHARED.items():
        if text_at(spec, field) in TRUE:
            yield Weakness((field, ""), 3, what, "", spec.get(field) if spec else None)
    for volume in items_at(template, "spec", "volumes"):
        path = text_at(volume, "hostPath", "path")
        if path:
            yield Weakness(("hostPath", path), _weight(path), f"mounts {path} of its node", "", volume)
    notes = texts(mapping_at(template, "metadata", "annotations"))
    for container in containers(template):
        yield from _of_container(container, pod, notes)


def _of_container(container: Mapping, pod: Mapping | None, notes: dict[str, str]) -> Iterator[Weakness]:
    name = text_at(container, "name") or ""
    settings = _Settings(mapping_at(container, "securityContext"), pod)
    for key, weight, what, node in (
        *_powers(settings),
        *_user(settings),
        *_filters(settings, notes.get(f"container.apparmor.security.beta.kubernetes.io/{name}")),
    ):
        yield Weakness((key, name), weight, what, name, node)


class _Settings(NamedTuple):
    """The security context of a container, and that of its pod, which fills in."""

    own: Mapping | None
    pod: Mapping | None

    def at(self, *path: str) -> Node | None:
        for context in self:
            node = context.at(*path) if context is not None else None
            if text(node) is not None:
                return node
        return None

    def says(self, *path: str) -> str | None:
        return text(self.at(*path))


def _powers(settings: _Settings) -> Iterator[_Found]:
    own = settings.own
    privileged = text_at(own, "privileged") in TRUE
    if privileged:
        yield "privileged", 3, "is privileged", settings.at("privileged")
    for item in items_at(own, "capabilities", "add"):
        capability = (text(item) or "").upper().removeprefix("CAP_")
        if capability and capability not in _BASELINE and not privileged:
            weight = 3 if capability in _TAKES_OVER else 2
            yield f"add {capability}", weight, f"gets the capability {capability}", item
    if "ALL" not in {(text(one) or "").upper() for one in items_at(own, "capabilities", "drop")}:
        yield "drop", 1, "no longer drops all capabilities", None
    if settings.says("allowPrivilegeEscalation") in (None, *TRUE):
        node = settings.at("allowPrivilegeEscalation")
        yield "escalation", 1, "may gain privileges (allowPrivilegeEscalation)", node
    if text_at(own, "readOnlyRootFilesystem") not in TRUE:
        node = settings.at("readOnlyRootFilesystem")
        yield "files", 1, "may write to its own image (readOnlyRootFilesystem)", node
    if text_at(own, "procMount") == "Unmasked":
        yield "procMount", 2, "sees /proc unmasked", settings.at("procMount")


def _user(settings: _Settings) -> Iterator[_Found]:
    """An image may state a user of its own, which is not known here."""
    user, node = settings.says("runAsUser"), settings.at("runAsUser")
    if settings.says("runAsNonRoot") in TRUE or (user is not None and user != "0"):
        return
    if user == "0":
        yield "user", 2, "runs as root (runAsUser 0)", node
    else:
        yield "user", 1, "may run as root (runAsNonRoot)", settings.at("runAsNonRoot")


def _filters(settings: _Settings, annotated: str | None) -> Iterator[_Found]:
    for name, field in (("seccomp", "seccompProfile"), ("AppArmor", "appArmorProfile")):
        node = settings.at(field, "type")
        stated = text(node) or (annotated if field == "appArmorProfile" else None)
        if (stated or "").lower() == "unconfined":
            yield name, 2, f"runs without {name} (Unconfined)", node
        elif stated is None and field == "seccompProfile":
            yield name, 1, "states no seccomp profile any more", None


def _weight(path: str) -> int:
    clean = path.rstrip("/")
    if clean in _OPEN_AS_WHOLE or any(clean == one or clean.startswith(f"{one}/") for one in _OPEN_PATHS):
        return 3
    return 1 if any(clean == one or clean.startswith(f"{one}/") for one in _HARMLESS) else 2
