"""Custom resources whose operator deletes data together with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.rules.checks.kubernetes_objects import group_of

if TYPE_CHECKING:
    from riskcheck.models import Resource

_OPERATED: Final = {
    ("postgresql.cnpg.io", "Cluster"): "the volumes of its instances",
    ("acid.zalan.do", "postgresql"): "the database",
    ("kafka.strimzi.io", "KafkaTopic"): "the topic with its messages",
    ("objectbucket.io", "ObjectBucketClaim"): "the bucket with its objects",
}
"""(group, kind) to what goes with it.

https://cloudnative-pg.io/documentation/current/storage/ ;
https://github.com/zalando/postgres-operator/blob/v1.14.0/docs/administrator.md ;
https://strimzi.io/docs/operators/latest/deploying#con-removing-kafka-topics-str ;
https://rook.io/docs/rook/latest-release/Storage-Configuration/Object-Storage-RGW/ceph-object-bucket-claim/
"""

OPERATED_KINDS: Final = frozenset(kind for _, kind in _OPERATED)


def operated(resource: Resource) -> str | None:
    """What goes with `resource`, None where nothing is known to."""
    return _OPERATED.get((group_of(resource), resource.kind))
