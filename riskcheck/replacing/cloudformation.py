"""What CloudFormation replaces: "Update requires: Replacement" in the user guide of each type, as of
https://github.com/awsdocs/aws-cloudformation-user-guide/tree/19dc52cd3f2007d6d268b65b739ffb5ebf8c1e76/doc_source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "AWS::Backup::BackupVault": "BackupVaultName EncryptionKeyArn",
    "AWS::Cassandra::Table": "ClientSideTimestampsEnabled ClusteringKeyColumns KeyspaceName "
    "PartitionKeyColumns TableName",
    "AWS::Cognito::UserPool": "",
    "AWS::DocDB::DBCluster": "AvailabilityZones DBClusterIdentifier DBSubnetGroupName KmsKeyId "
    "MasterUsername SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted",
    "AWS::DynamoDB::GlobalTable": "KeySchema LocalSecondaryIndexes TableName",
    "AWS::DynamoDB::Table": "ImportSourceSpecification KeySchema TableName",
    "AWS::EC2::EIP": "Domain NetworkBorderGroup TransferAddress",
    "AWS::EC2::InternetGateway": "",
    "AWS::EC2::NatGateway": "AllocationId ConnectivityType PrivateIpAddress SubnetId",
    "AWS::EC2::NetworkAcl": "VpcId",
    "AWS::EC2::NetworkAclEntry": "Egress NetworkAclId RuleNumber",
    "AWS::EC2::PrefixList": "",
    "AWS::EC2::Route": "DestinationCidrBlock DestinationIpv6CidrBlock RouteTableId",
    "AWS::EC2::RouteTable": "VpcId",
    "AWS::EC2::SecurityGroup": "GroupDescription GroupName VpcId",
    "AWS::EC2::SecurityGroupEgress": "CidrIp CidrIpv6 DestinationPrefixListId DestinationSecurityGroupId "
    "FromPort GroupId IpProtocol ToPort",
    "AWS::EC2::SecurityGroupIngress": "CidrIp CidrIpv6 FromPort GroupId GroupName IpProtocol "
    "SourcePrefixListId SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId ToPort",
    "AWS::EC2::Subnet": "AvailabilityZone AvailabilityZoneId CidrBlock Ipv6Native OutpostArn VpcId",
    "AWS::EC2::SubnetNetworkAclAssociation": "NetworkAclId SubnetId",
    "AWS::EC2::SubnetRouteTableAssociation": "RouteTableId SubnetId",
    "AWS::EC2::TransitGateway": "AmazonSideAsn MulticastSupport",
    "AWS::EC2::TransitGatewayAttachment": "TransitGatewayId VpcId",
    "AWS::EC2::TransitGatewayRoute": "Blackhole DestinationCidrBlock TransitGatewayAttachmentId "
    "TransitGatewayRouteTableId",
    "AWS::EC2::VPC": "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength",
    "AWS::EC2::VPCCidrBlock": "AmazonProvidedIpv6CidrBlock CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength "
    "Ipv6CidrBlock Ipv6IpamPoolId Ipv6NetmaskLength Ipv6Pool VpcId",
    "AWS::EC2::VPCEndpoint": "ServiceName VpcEndpointType VpcId",
    "AWS::EC2::VPCGatewayAttachment": "",
    "AWS::EC2::VPCPeeringConnection": "PeerOwnerId PeerRegion PeerRoleArn PeerVpcId VpcId",
    "AWS::ECR::Repository": "EncryptionConfiguration RepositoryName",
    "AWS::EFS::FileSystem": "AvailabilityZoneName Encrypted KmsKeyId PerformanceMode",
    "AWS::EFS::MountTarget": "FileSystemId IpAddress SubnetId",
    "AWS::ElastiCache::ReplicationGroup": "AtRestEncryptionEnabled CacheSubnetGroupName DataTieringEnabled "
    "Engine GlobalReplicationGroupId KmsKeyId NetworkType Port PreferredCacheClusterAZs "
    "ReplicasPerNodeGroup ReplicationGroupId SnapshotArns SnapshotName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name Scheme Type",
    "AWS::Elasticsearch::Domain": "DomainName",
    "AWS::FSx::FileSystem": "BackupId FileSystemType FileSystemTypeVersion KmsKeyId SecurityGroupIds "
    "SubnetIds",
    "AWS::KMS::Key": "KeySpec KeyUsage MultiRegion",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::MSK::Cluster": "ClusterName",
    "AWS::MemoryDB::Cluster": "ClusterName DataTiering KmsKeyId Port SnapshotArns SnapshotName "
    "SubnetGroupName TLSEnabled",
    "AWS::Neptune::DBCluster": "AvailabilityZones DBClusterIdentifier DBSubnetGroupName KmsKeyId "
    "RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted "
    "UseLatestRestorableTime",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::QLDB::Ledger": "Name",
    "AWS::RDS::DBCluster": "AvailabilityZones DatabaseName DBClusterIdentifier DBSubnetGroupName "
    "DBSystemId EngineMode KmsKeyId PubliclyAccessible RestoreToTime RestoreType SnapshotIdentifier "
    "SourceDBClusterIdentifier SourceRegion StorageEncrypted UseLatestRestorableTime",
    "AWS::RDS::DBInstance": "CharacterSetName CustomIAMInstanceProfile DBClusterIdentifier "
    "DBInstanceIdentifier DBName DBSubnetGroupName KmsKeyId MasterUsername NcharCharacterSetName "
    "PerformanceInsightsKMSKeyId Port SourceRegion StorageEncrypted Timezone",
    "AWS::Redshift::Cluster": "ClusterIdentifier ClusterSubnetGroupName DBName MasterUsername OwnerAccount "
    "SnapshotClusterIdentifier SnapshotIdentifier",
    "AWS::Route53::HostedZone": "Name",
    "AWS::Route53::RecordSet": "HostedZoneId HostedZoneName Name",
    "AWS::Route53::RecordSetGroup": "HostedZoneId HostedZoneName",
    "AWS::Route53Resolver::ResolverEndpoint": "Direction OutpostArn PreferredInstanceType SecurityGroupIds",
    "AWS::Route53Resolver::ResolverRule": "RuleType",
    "AWS::Route53Resolver::ResolverRuleAssociation": "Name ResolverRuleId VPCId",
    "AWS::S3::Bucket": "BucketName ObjectLockEnabled",
    "AWS::SNS::Topic": "FifoTopic TopicName",
    "AWS::SQS::Queue": "FifoQueue QueueName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Timestream::Database": "DatabaseName",
    "AWS::Timestream::Table": "DatabaseName TableName",
    "AWS::WAFv2::IPSet": "Name Scope",
}
