from __future__ import annotations

import pytest

from riskcheck.rules.checks.pod_isolation import weaknesses
from tests.build import body

SAFE = """
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
"""


def found(text: str) -> dict[tuple[str, str], int]:
    return {one.key: one.weight for one in weaknesses(body(text))}


def test_a_restricted_pod_has_no_weakness() -> None:
    assert found(SAFE) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("runAsNonRoot: true", "runAsUser: 0", {("user", "web"): 2}),
        ("runAsNonRoot: true", "runAsUser: 1000", {}),
        ("runAsNonRoot: true", "runAsNonRoot: false", {("user", "web"): 1}),
        ("RuntimeDefault", "Unconfined", {("seccomp", "web"): 2}),
        ("RuntimeDefault", "Localhost", {}),
        ("drop: [ALL]", "drop: [all], add: [CAP_SYS_ADMIN, CHOWN]", {("add SYS_ADMIN", "web"): 3}),
        ("drop: [ALL]", "drop: [NET_RAW]", {("drop", "web"): 1}),
        ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: ~", {("escalation", "web"): 1}),
        (
            "allowPrivilegeEscalation: false",
            "privileged: true",
            {("privileged", "web"): 3, ("escalation", "web"): 1},
        ),
    ],
)
def test_what_is_weaker(old: str, new: str, expected: dict[tuple[str, str], int]) -> None:
    assert old in SAFE
    assert found(SAFE.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        ("/", 3),
        ("/etc", 3),
        ("/var/run/docker.sock", 3),
        ("/var/lib/kubelet/pods", 3),
        ("/data", 2),
        ("/etc/ssl/certs", 1),
    ],
)
def test_what_of_the_node_is_mounted(path: str, weight: int) -> None:
    text = f"{SAFE}  volumes: [{{name: a, hostPath: {{path: {path}}}}}]\n"
    assert found(text) == {("hostPath", path): weight}


def test_a_container_overrides_its_pod() -> None:
    own = SAFE.replace(
        "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false\n        runAsNonRoot: false"
    )
    assert found(own) == {("user", "web"): 1}


def test_what_shares_with_the_node() -> None:
    assert found(f"{SAFE}  hostPID: true\n  hostNetwork: 'false'\n") == {("hostPID", ""): 3}


def test_apparmor_as_annotation_and_as_field() -> None:
    note = "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}}"
    assert found(f"{note}{SAFE}") == {("AppArmor", "web"): 2}
    field = SAFE.replace("readOnlyRoot", "appArmorProfile: {type: Unconfined}\n        readOnlyRoot")
    assert found(field) == {("AppArmor", "web"): 2}
