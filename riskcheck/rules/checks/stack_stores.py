"""Resources of CloudFormation that hold data, and what an update of their stack would do to them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.nodes import Scalar
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.stackupdates import RETAINING, policy_of, replaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

CLOUDFORMATION: Final = "cloudformation"
_MOST_FIELDS: Final = 3


class Store(NamedTuple):
    """loss: what goes with it. named: the property that names it where it runs: with a name that stays,
    CloudFormation refuses to replace it. guard: the property that makes its deletion fail. refused: it is only
    deleted when empty. recoverable: for how long what was deleted is kept. grave: what is lost is nowhere else."""

    loss: str
    named: str = ""
    guard: str = ""
    refused: bool = False
    recoverable: str = ""
    grave: bool = True


_DATABASES: Final = "its databases and automated backups"
_STORES: Final = {
    "Backup::BackupVault": Store("its recovery points", "BackupVaultName", refused=True),
    "Cassandra::Table": Store("its rows", "TableName"),
    "Cognito::UserPool": Store("its users", guard="DeletionProtection"),
    "DocDB::DBCluster": Store(_DATABASES, "DBClusterIdentifier", "DeletionProtection"),
    "DynamoDB::GlobalTable": Store("its items in every region", "TableName"),
    "DynamoDB::Table": Store("its items", "TableName", "DeletionProtectionEnabled"),
    "EC2::Volume": Store("what is written on it"),
    "ECR::Repository": Store("its images", "RepositoryName", refused=True, grave=False),
    "EFS::FileSystem": Store("its files"),
    "ElastiCache::ReplicationGroup": Store("what it caches", "ReplicationGroupId", grave=False),
    "Elasticsearch::Domain": Store("its indices", "DomainName"),
    "FSx::FileSystem": Store("its files"),
    "KMS::Key": Store("everything that is encrypted with it", recoverable="7 to 30 days"),
    "Kinesis::Stream": Store("the records that it keeps", "Name", grave=False),
    "Logs::LogGroup": Store("its logs", "LogGroupName", grave=False),
    "MSK::Cluster": Store("its topics", "ClusterName"),
    "MemoryDB::Cluster": Store("its data", "ClusterName"),
    "Neptune::DBCluster": Store(_DATABASES, "DBClusterIdentifier", "DeletionProtection"),
    "OpenSearchService::Domain": Store("its indices", "DomainName"),
    "QLDB::Ledger": Store("its journal", "Name", "DeletionProtection"),
    "RDS::DBCluster": Store(_DATABASES, "DBClusterIdentifier", "DeletionProtection"),
    "RDS::DBInstance": Store(_DATABASES, "DBInstanceIdentifier", "DeletionProtection"),
    "Redshift::Cluster": Store(_DATABASES, "ClusterIdentifier"),
    "S3::Bucket": Store("its objects", "BucketName", refused=True),
    "SQS::Queue": Store("the messages that wait in it", "QueueName", grave=False),
    "SecretsManager::Secret": Store("its versions", "Name", recoverable="7 to 30 days", grave=False),
    "Timestream::Table": Store("its records", "TableName"),
}
STORES: Final = {f"AWS::{kind}": store for kind, store in _STORES.items()}


def destroyed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource with data is deleted, or created anew.

    Values: ``what``, ``lost`` (it cannot be had back), ``severe`` (it can, or nothing is sure to go).
    """
    before, after = change.resource_before, change.resource_after
    store = STORES.get(change.resource.kind)
    if store is None or before is None:
        return
    if after is None:
        # A template that goes as a whole deletes nothing before somebody deletes the stack.
        if any(_beside(before, context)) and (match := _removed(before, store)) is not None:
            yield match
        return
    forcing = [one for one in context.changes_of(after) if replaces(one)]
    if forcing and forcing[0] is change:
        fields = listed(dict.fromkeys(one.path[0] for one in forcing), _MOST_FIELDS)
        yield _replaced(before, after, fields, store)


def _beside(gone: Resource, context: CheckContext) -> Iterator[Resource]:
    yield from context.head.find(platform=CLOUDFORMATION, unit=gone.unit, environment=gone.environment.name)


def _removed(gone: Resource, store: Store) -> Match | None:
    policy = policy_of(gone)
    if policy in RETAINING:
        return None
    what = f"{gone.kind} {gone.name} is deleted"
    if policy == "Snapshot":
        return _match(f"{what}; a last snapshot is made of it (DeletionPolicy)", severe=True)
    if policy != "Delete":
        return _match(f"{what}, unless {policy} comes to Retain, with {store.loss}", severe=False)
    guard = _guard(gone, store)
    if guard is not None:
        said = _match(f"{what}, which fails half way: {store.guard} is on where it runs", severe=True)
        return said._replace(related=(guard,))
    if store.refused:
        return _match(f"{what}, which fails where it holds anything, else with {store.loss}", severe=True)
    what = f"{what}, with {store.loss}"
    if store.recoverable:
        return _match(f"{what}; AWS keeps it {store.recoverable}", severe=True)
    return _match(what, severe=True, lost=store.grave)


def _replaced(before: Resource, after: Resource, fields: str, store: Store) -> Match:
    what = f"{after.kind} {after.name} is created anew, and empty ({fields})"
    old, new = before.body.get(store.named), after.body.get(store.named)
    if isinstance(old, Scalar) and isinstance(new, Scalar) and old.raw == new.raw:
        return _match(f"{what}, which CloudFormation refuses under the same {store.named}", severe=True)
    policy = policy_of(after, "UpdateReplacePolicy")
    if policy != "Delete":
        kept = (
            "is kept" if policy in RETAINING else "leaves a snapshot" if policy == "Snapshot" else "may stay"
        )
        return _match(f"{what}; the old one {kept} (UpdateReplacePolicy), which nothing reads", severe=True)
    if store.refused:
        return _match(f"{what}; the old one stays behind where it holds anything", severe=True)
    what = f"{what}; the old one is deleted with {store.loss}"
    if store.recoverable:
        return _match(f"{what}; AWS keeps it {store.recoverable}", severe=True)
    return _match(what, severe=True, lost=store.grave)


def _guard(gone: Resource, store: Store) -> Related | None:
    node = gone.body.get(store.guard) if store.guard else None
    on = isinstance(node, Scalar) and node.raw.lower() in ("true", "active")
    return Related("guard", location_of(node)) if on and node is not None else None


def _match(what: str, *, severe: bool, lost: bool = False) -> Match:
    return Match(values={"what": what, "lost": lost, "severe": severe})
