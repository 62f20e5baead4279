"""API versions that Kubernetes, cert-manager and Istio no longer serve, and since which release.

As of April 2026. https://kubernetes.io/docs/reference/using-api/deprecation-guide/ ;
https://github.com/kubernetes/kubernetes/tree/master/CHANGELOG (alpha versions, which the guide leaves out) ;
https://cert-manager.io/docs/releases/upgrading/remove-deprecated-apis/ ; https://istio.io/latest/news/releases/1.6.x/
"""

from __future__ import annotations

from functools import cache
from typing import Final

from riskcheck.records import NamedTuple

OLDEST: Final = (1, 30)
"""The oldest release that some vendor still supported at that time: what was removed up to it is served nowhere."""

KUBERNETES: Final = "Kubernetes"

_TABLE: Final = """
1.16 apps/v1beta1 Deployment StatefulSet ControllerRevision > apps/v1
1.16 apps/v1beta2 DaemonSet Deployment ReplicaSet StatefulSet ControllerRevision > apps/v1
1.16 extensions/v1beta1 DaemonSet Deployment ReplicaSet > apps/v1
1.16 extensions/v1beta1 NetworkPolicy > networking.k8s.io/v1
1.16 extensions/v1beta1 PodSecurityPolicy >
1.22 extensions/v1beta1 Ingress > networking.k8s.io/v1
1.22 networking.k8s.io/v1beta1 Ingress IngressClass > networking.k8s.io/v1
1.22 admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration > \
admissionregistration.k8s.io/v1
1.22 apiextensions.k8s.io/v1beta1 CustomResourceDefinition > apiextensions.k8s.io/v1
1.22 apiregistration.k8s.io/v1beta1 APIService > apiregistration.k8s.io/v1
1.22 certificates.k8s.io/v1beta1 CertificateSigningRequest > certificates.k8s.io/v1
1.22 coordination.k8s.io/v1beta1 Lease > coordination.k8s.io/v1
1.22 rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding Role RoleBinding > \
rbac.authorization.k8s.io/v1
1.22 rbac.authorization.k8s.io/v1alpha1 ClusterRole ClusterRoleBinding Role RoleBinding > \
rbac.authorization.k8s.io/v1
1.22 scheduling.k8s.io/v1beta1 PriorityClass > scheduling.k8s.io/v1
1.17 scheduling.k8s.io/v1alpha1 PriorityClass > scheduling.k8s.io/v1
1.22 storage.k8s.io/v1beta1 CSIDriver CSINode StorageClass VolumeAttachment > storage.k8s.io/v1
1.25 batch/v1beta1 CronJob > batch/v1
1.21 batch/v2alpha1 CronJob > batch/v1
1.25 discovery.k8s.io/v1beta1 EndpointSlice > discovery.k8s.io/v1
1.25 events.k8s.io/v1beta1 Event > events.k8s.io/v1
1.25 autoscaling/v2beta1 HorizontalPodAutoscaler > autoscaling/v2
1.25 policy/v1beta1 PodDisruptionBudget > policy/v1
1.25 policy/v1beta1 PodSecurityPolicy >
1.25 node.k8s.io/v1beta1 RuntimeClass > node.k8s.io/v1
1.26 autoscaling/v2beta2 HorizontalPodAutoscaler > autoscaling/v2
1.26 flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration > flowcontrol.apiserver.k8s.io/v1
1.27 storage.k8s.io/v1beta1 CSIStorageCapacity > storage.k8s.io/v1
1.29 flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema PriorityLevelConfiguration > \
flowcontrol.apiserver.k8s.io/v1
1.32 flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema PriorityLevelConfiguration > flowcontrol.apiserver.k8s.io/v1
"""
"""Release, API version, kinds ``>`` what replaces it, nothing where nothing does."""

_OTHERS: Final = """
cert-manager 0.11 certmanager.k8s.io/v1alpha1 Certificate CertificateRequest > cert-manager.io/v1
cert-manager 0.11 certmanager.k8s.io/v1alpha1 ClusterIssuer Issuer > cert-manager.io/v1
cert-manager 0.11 certmanager.k8s.io/v1alpha1 Challenge Order > acme.cert-manager.io/v1
cert-manager 1.6 cert-manager.io/v1alpha2 Certificate CertificateRequest ClusterIssuer Issuer > cert-manager.io/v1
cert-manager 1.6 cert-manager.io/v1alpha3 Certificate CertificateRequest ClusterIssuer Issuer > cert-manager.io/v1
cert-manager 1.6 cert-manager.io/v1beta1 Certificate CertificateRequest ClusterIssuer Issuer > cert-manager.io/v1
cert-manager 1.6 acme.cert-manager.io/v1alpha2 Challenge Order > acme.cert-manager.io/v1
cert-manager 1.6 acme.cert-manager.io/v1alpha3 Challenge Order > acme.cert-manager.io/v1
cert-manager 1.6 acme.cert-manager.io/v1beta1 Challenge Order > acme.cert-manager.io/v1
Istio 1.6 authentication.istio.io/v1alpha1 Policy MeshPolicy > security.istio.io/v1
Istio 1.6 rbac.istio.io/v1alpha1 ClusterRbacConfig RbacConfig ServiceRole ServiceRoleBinding > \
security.istio.io/v1
"""


class Removal(NamedTuple):
    """Since when something does not serve a version any more. instead: the version to state, ``""`` for none."""

    server: str
    release: tuple[int, int]
    instead: str


@cache
def removals() -> dict[tuple[str, str], Removal]:
    """By apiVersion and kind."""
    lines = [f"{KUBERNETES} {line}" for line in _TABLE.strip().splitlines()] + _OTHERS.strip().splitlines()
    found = {}
    for line in lines:
        what, _, instead = line.partition(">")
        server, release, api, *kinds = what.split()
        major, _, minor = release.partition(".")
        for kind in kinds:
            found[(api, kind)] = Removal(server, (int(major), int(minor)), instead.strip())
    return found
