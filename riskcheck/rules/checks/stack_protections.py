"""What keeps a resource of CloudFormation, its backups or its logs from being deleted: the properties of each type.

In the notation of `terraform_protections`. From the user guide of each type, as of
https://github.com/awsdocs/aws-cloudformation-user-guide/tree/19dc52cd3f2007d6d268b65b739ffb5ebf8c1e76/doc_source
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.stackupdates import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT: Final = f"{ATTRIBUTES}.DeletionPolicy=!Delete:Delete {ATTRIBUTES}.UpdateReplacePolicy=!Delete:Delete"
_RDS: Final = (
    f"{ATTRIBUTES}.DeletionPolicy=!Delete:? {ATTRIBUTES}.UpdateReplacePolicy=!Delete:Delete "
    "BackupRetentionPeriod=more:1 DeletionProtection=true:false"
)
_CLUSTER: Final = f"{_KEPT} BackupRetentionPeriod=more:1 DeletionProtection=true:false"

STACK_PROTECTIONS: Final[Mapping[str, str]] = {
    "AWS::Backup::BackupVault": f"{_KEPT} LockConfiguration.MinRetentionDays=more:0",
    "AWS::Cassandra::Table": f"{_KEPT} PointInTimeRecoveryEnabled=true:false",
    "AWS::CloudTrail::EventDataStore": f"{_KEPT} TerminationProtectionEnabled=true:true",
    "AWS::Cognito::UserPool": f"{_KEPT} DeletionProtection=ACTIVE:INACTIVE",
    "AWS::DocDB::DBCluster": _CLUSTER,
    "AWS::DynamoDB::GlobalTable": _KEPT,
    "AWS::DynamoDB::Table": f"{_KEPT} DeletionProtectionEnabled=true:false "
    "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled=true:false",
    "AWS::EC2::Instance": "DisableApiTermination=true:false",
    "AWS::EC2::Volume": _KEPT,
    "AWS::EFS::FileSystem": f"{_KEPT} BackupPolicy.Status=ENABLED:?",
    "AWS::ElastiCache::ReplicationGroup": f"{_KEPT} SnapshotRetentionLimit=more:0",
    "AWS::Elasticsearch::Domain": _KEPT,
    "AWS::FSx::FileSystem": _KEPT,
    "AWS::KMS::Key": f"{_KEPT} PendingWindowInDays=more:30",
    "AWS::Kinesis::Stream": f"{_KEPT} RetentionPeriodHours=more:24",
    "AWS::Logs::LogGroup": "log:RetentionInDays=more0:0",
    "AWS::MSK::Cluster": _KEPT,
    "AWS::MemoryDB::Cluster": f"{_KEPT} SnapshotRetentionLimit=more:0",
    "AWS::Neptune::DBCluster": _CLUSTER,
    "AWS::OpenSearchService::Domain": _KEPT,
    "AWS::QLDB::Ledger": f"{_KEPT} DeletionProtection=true:true",
    "AWS::RDS::DBCluster": _RDS,
    "AWS::RDS::DBInstance": _RDS,
    "AWS::Redshift::Cluster": f"{_KEPT} AutomatedSnapshotRetentionPeriod=more:1",
    "AWS::S3::Bucket": f"{_KEPT} VersioningConfiguration.Status=Enabled:?",
    "AWS::SecretsManager::Secret": _KEPT,
    "AWS::Timestream::Table": _KEPT,
}
"""Type to its protections."""
