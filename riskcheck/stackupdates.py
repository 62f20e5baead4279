"""What an update of a CloudFormation stack does to a resource: which edits replace it, and what stays.

"Update requires: Replacement" in the user guide of each type, as of
https://github.com/awsdocs/aws-cloudformation-user-guide/tree/19dc52cd3f2007d6d268b65b739ffb5ebf8c1e76/doc_source.
Attributes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatereplacepolicy.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Action, Change, Resource

ATTRIBUTES: Final = "resource_attributes"
"""Key below which a resource keeps what stands beside its properties: ``DeletionPolicy``, ``DependsOn`` …"""

_NAMED: Final = r"\$\{[^{}]{1,512}\}"

RETAINING: Final = frozenset({"Retain", "RetainExceptOnCreate"})

_EC2: Final = {
    "EIP": "Domain NetworkBorderGroup TransferAddress",
    "InternetGateway": "",
    "NatGateway": "AllocationId ConnectivityType PrivateIpAddress SubnetId",
    "NetworkAcl": "VpcId",
    "NetworkAclEntry": "Egress NetworkAclId RuleNumber",
    "PrefixList": "",
    "Route": "DestinationCidrBlock DestinationIpv6CidrBlock RouteTableId",
    "RouteTable": "VpcId",
    "SecurityGroup": "GroupDescription GroupName VpcId",
    "SecurityGroupEgress": "CidrIp CidrIpv6 DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId "
    "IpProtocol ToPort",
    "SecurityGroupIngress": "CidrIp CidrIpv6 FromPort GroupId GroupName IpProtocol SourcePrefixListId "
    "SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId ToPort",
    "Subnet": "AvailabilityZone AvailabilityZoneId CidrBlock Ipv6Native OutpostArn VpcId",
    "SubnetNetworkAclAssociation": "NetworkAclId SubnetId",
    "SubnetRouteTableAssociation": "RouteTableId SubnetId",
    "TransitGateway": "AmazonSideAsn MulticastSupport",
    "TransitGatewayAttachment": "TransitGatewayId VpcId",
    "TransitGatewayRoute": "Blackhole DestinationCidrBlock TransitGatewayAttachmentId TransitGatewayRouteTableId",
    "VPC": "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength",
    "VPCCidrBlock": "AmazonProvidedIpv6CidrBlock CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength Ipv6CidrBlock "
    "Ipv6IpamPoolId Ipv6NetmaskLength Ipv6Pool VpcId",
    "VPCEndpoint": "ServiceName VpcEndpointType VpcId",
    "VPCGatewayAttachment": "",
    "VPCPeeringConnection": "PeerOwnerId PeerRegion PeerRoleArn PeerVpcId VpcId",
}

_OTHERS: Final = {
    "Backup::BackupVault": "BackupVaultName EncryptionKeyArn",
    "Cassandra::Table": "ClientSideTimestampsEnabled ClusteringKeyColumns KeyspaceName PartitionKeyColumns "
    "TableName",
    "Cognito::UserPool": "",
    "DocDB::DBCluster": "AvailabilityZones DBClusterIdentifier DBSubnetGroupName KmsKeyId MasterUsername "
    "SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted",
    "DynamoDB::GlobalTable": "KeySchema LocalSecondaryIndexes TableName",
    "DynamoDB::Table": "ImportSourceSpecification KeySchema TableName",
    "ECR::Repository": "EncryptionConfiguration RepositoryName",
    "EFS::FileSystem": "AvailabilityZoneName Encrypted KmsKeyId PerformanceMode",
    "EFS::MountTarget": "FileSystemId IpAddress SubnetId",
    "ElastiCache::ReplicationGroup": "AtRestEncryptionEnabled CacheSubnetGroupName DataTieringEnabled Engine "
    "GlobalReplicationGroupId KmsKeyId NetworkType Port PreferredCacheClusterAZs ReplicasPerNodeGroup "
    "ReplicationGroupId SnapshotArns SnapshotName",
    "ElasticLoadBalancingV2::LoadBalancer": "Name Scheme Type",
    "Elasticsearch::Domain": "DomainName",
    "FSx::FileSystem": "BackupId FileSystemType FileSystemTypeVersion KmsKeyId SecurityGroupIds SubnetIds",
    "KMS::Key": "KeySpec KeyUsage MultiRegion",
    "Kinesis::Stream": "Name",
    "Logs::LogGroup": "LogGroupName",
    "MSK::Cluster": "ClusterName",
    "MemoryDB::Cluster": "ClusterName DataTiering KmsKeyId Port SnapshotArns SnapshotName SubnetGroupName "
    "TLSEnabled",
    "Neptune::DBCluster": "AvailabilityZones DBClusterIdentifier DBSubnetGroupName KmsKeyId RestoreToTime "
    "RestoreType SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted UseLatestRestorableTime",
    "OpenSearchService::Domain": "DomainName",
    "QLDB::Ledger": "Name",
    "RDS::DBCluster": "AvailabilityZones DatabaseName DBClusterIdentifier DBSubnetGroupName DBSystemId EngineMode "
    "KmsKeyId PubliclyAccessible RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier "
    "SourceRegion StorageEncrypted UseLatestRestorableTime",
    "RDS::DBInstance": "CharacterSetName CustomIAMInstanceProfile DBClusterIdentifier DBInstanceIdentifier DBName "
    "DBSubnetGroupName KmsKeyId MasterUsername NcharCharacterSetName PerformanceInsightsKMSKeyId Port SourceRegion "
    "StorageEncrypted Timezone",
    "Redshift::Cluster": "ClusterIdentifier ClusterSubnetGroupName DBName MasterUsername OwnerAccount "
    "SnapshotClusterIdentifier SnapshotIdentifier",
    "Route53::HostedZone": "Name",
    "Route53::RecordSet": "HostedZoneId HostedZoneName Name",
    "Route53::RecordSetGroup": "HostedZoneId HostedZoneName",
    "Route53Resolver::ResolverEndpoint": "Direction OutpostArn PreferredInstanceType SecurityGroupIds",
    "Route53Resolver::ResolverRule": "RuleType",
    "Route53Resolver::ResolverRuleAssociation": "Name ResolverRuleId VPCId",
    "S3::Bucket": "BucketName ObjectLockEnabled",
    "SNS::Topic": "FifoTopic TopicName",
    "SQS::Queue": "FifoQueue QueueName",
    "SecretsManager::Secret": "Name",
    "Timestream::Database": "DatabaseName",
    "Timestream::Table": "DatabaseName TableName",
    "WAFv2::IPSet": "Name Scope",
}

REPLACED_BY: Final[MappingOf[str, frozenset[str]]] = {
    **{f"AWS::EC2::{kind}": frozenset(names.split()) for kind, names in _EC2.items()},
    **{f"AWS::{kind}": frozenset(names.split()) for kind, names in _OTHERS.items()},
}
"""Type to the properties whose edit makes CloudFormation create another resource and delete the old one; its other
properties are updated in place. Types that are not named: nothing is known."""

_SNAPSHOT: Final = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"})
"""Types of which a snapshot is made unless the template says otherwise; not of instances of a cluster."""


def replaces(change: Change) -> bool:
    """Whether one change inside of a resource makes CloudFormation create it anew. What is an expression on either
    side may come to the same value, unless the same names stand in another text."""
    if not change.path or change.path[0] not in REPLACED_BY.get(change.resource.kind, frozenset()):
        return False
    before, after = change.node_before, change.node_after
    if _is_open(before) and _is_open(after) and isinstance(before, Scalar) and isinstance(after, Scalar):
        return re.findall(_NAMED, before.raw) == re.findall(_NAMED, after.raw)
    return not _is_open(before) and not _is_open(after)


def policy_of(resource: Resource, attribute: str = "DeletionPolicy") -> str:
    """``Delete``, ``Retain``, ``RetainExceptOnCreate`` or ``Snapshot``: what the template says, else what
    CloudFormation does; the expression where nobody can say. attribute: or ``UpdateReplacePolicy``."""
    stated = resource.body.at(ATTRIBUTES, attribute)
    if isinstance(stated, Scalar) and stated.raw:
        return stated.raw
    if isinstance(stated, Mapping):
        return "${" + attribute + "}"
    snapshot = attribute == "DeletionPolicy" and resource.kind in _SNAPSHOT
    return "Snapshot" if snapshot and resource.body.get("DBClusterIdentifier") is None else "Delete"


def action_of(changes: Collection[Change]) -> Action:
    """What an update of the stack would do to one resource, as far as its template tells."""
    for change in changes:
        if not change.path and change.kind in ("added", "removed"):
            if change.kind == "added":
                return "create"
            return "none" if policy_of(change.resource) in RETAINING else "delete"
    inside = [change for change in changes if change.path and change.path[0] != ATTRIBUTES]
    if not inside:
        return "none"
    if inside[0].resource.kind not in REPLACED_BY:
        return "unknown"
    return "recreate" if any(map(replaces, inside)) else "update"


def _is_open(node: Node | None) -> bool:
    """Whether only the account knows what a value comes to."""
    if isinstance(node, Mapping):
        return len(node.entries) == 1 and node.entries[0][0].raw.startswith("Fn::")
    return isinstance(node, Scalar) and node.tag == EXPRESSION
