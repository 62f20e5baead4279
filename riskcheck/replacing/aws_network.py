"""Networks in the aws provider: attributes that force a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service (``ForceNew`` in ec2/vpc_*.go,
elbv2, elb, route53) and "Forces new resource" in website/docs/r.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "aws_alb": (
        "name~ name_prefix~ internal~ load_balancer_type~ customer_owned_ipv4_pool subnets? subnet_mapping? "
        "security_groups?"
    ),
    "aws_alb_listener": "load_balancer_arn",
    "aws_alb_listener_rule": "listener_arn",
    "aws_alb_target_group": (
        "name~ name_prefix~ port protocol protocol_version~ target_type~ vpc_id ip_address_type~"
    ),
    "aws_customer_gateway": "bgp_asn~ bgp_asn_extended ip_address certificate_arn device_name type",
    "aws_default_network_acl": "default_network_acl_id",
    "aws_default_route_table": "default_route_table_id",
    "aws_default_security_group": "vpc_id~",
    "aws_default_subnet": "availability_zone",
    "aws_default_vpc": "",
    "aws_dx_gateway": "amazon_side_asn",
    "aws_dx_gateway_association": "dx_gateway_id associated_gateway_id proposal_id",
    "aws_ec2_managed_prefix_list": "address_family",
    "aws_ec2_transit_gateway": "multicast_support~ amazon_side_asn?",
    "aws_ec2_transit_gateway_peering_attachment": (
        "peer_account_id~ peer_region peer_transit_gateway_id transit_gateway_id options"
    ),
    "aws_ec2_transit_gateway_route": (
        "destination_cidr_block transit_gateway_attachment_id transit_gateway_route_table_id blackhole~"
    ),
    "aws_ec2_transit_gateway_route_table": "transit_gateway_id",
    "aws_ec2_transit_gateway_route_table_association": (
        "transit_gateway_attachment_id transit_gateway_route_table_id"
    ),
    "aws_ec2_transit_gateway_route_table_propagation": (
        "transit_gateway_attachment_id transit_gateway_route_table_id"
    ),
    "aws_ec2_transit_gateway_vpc_attachment": "transit_gateway_id vpc_id",
    "aws_egress_only_internet_gateway": "vpc_id",
    "aws_eip": (
        "domain~ address customer_owned_ipv4_pool~ network_border_group~ public_ipv4_pool~ ipam_pool_id"
    ),
    "aws_eip_association": (
        "allocation_id~ instance_id~ network_interface_id~ private_ip_address~ public_ip~ allow_reassociation"
    ),
    "aws_elb": "name~ name_prefix~ availability_zones? internal~",
    "aws_flow_log": (
        "eni_id subnet_id vpc_id transit_gateway_id transit_gateway_attachment_id iam_role_arn "
        "log_destination~ log_destination_type~ log_format~ max_aggregation_interval~ traffic_type "
        "deliver_cross_account_role destination_options"
    ),
    "aws_internet_gateway": "",
    "aws_internet_gateway_attachment": "internet_gateway_id vpc_id",
    "aws_lb": (
        "name~ name_prefix~ internal~ load_balancer_type~ customer_owned_ipv4_pool subnets? subnet_mapping? "
        "security_groups?"
    ),
    "aws_lb_listener": "load_balancer_arn",
    "aws_lb_listener_certificate": "listener_arn certificate_arn",
    "aws_lb_listener_rule": "listener_arn",
    "aws_lb_target_group": (
        "name~ name_prefix~ port protocol protocol_version~ target_type~ vpc_id ip_address_type~"
    ),
    "aws_lb_target_group_attachment": "target_group_arn target_id port availability_zone quic_server_id",
    "aws_main_route_table_association": "vpc_id",
    "aws_nat_gateway": (
        "allocation_id? connectivity_type~ private_ip~ secondary_private_ip_address_count? subnet_id"
    ),
    "aws_network_acl": "vpc_id",
    "aws_network_acl_association": "network_acl_id? subnet_id?",
    "aws_network_acl_rule": (
        "network_acl_id rule_number egress~ protocol rule_action cidr_block ipv6_cidr_block from_port to_port "
        "icmp_type icmp_code"
    ),
    "aws_network_interface": "description? interface_type~ subnet_id",
    "aws_networkfirewall_firewall": "name vpc_id",
    "aws_route": (
        "route_table_id destination_cidr_block destination_ipv6_cidr_block destination_prefix_list_id"
    ),
    "aws_route53_record": "name zone_id",
    "aws_route53_resolver_endpoint": "direction security_group_ids",
    "aws_route53_resolver_rule": "domain_name rule_type",
    "aws_route53_resolver_rule_association": "resolver_rule_id vpc_id name",
    "aws_route53_vpc_association_authorization": "vpc_id zone_id vpc_region~",
    "aws_route53_zone": "name delegation_set_id",
    "aws_route53_zone_association": "vpc_id zone_id vpc_region~",
    "aws_route_table": "vpc_id",
    "aws_route_table_association": "subnet_id gateway_id",
    "aws_security_group": "name~ name_prefix~ description~ vpc_id~",
    "aws_security_group_rule": (
        "type from_port to_port protocol cidr_blocks ipv6_cidr_blocks prefix_list_ids security_group_id self "
        "source_security_group_id"
    ),
    "aws_service_discovery_private_dns_namespace": "name vpc",
    "aws_subnet": (
        "availability_zone~ availability_zone_id~ cidr_block~ ipv4_ipam_pool_id ipv4_netmask_length "
        "ipv6_ipam_pool_id ipv6_native~ ipv6_netmask_length outpost_arn vpc_id ipv6_cidr_block?"
    ),
    "aws_vpc": (
        "cidr_block~ ipv4_ipam_pool_id ipv4_netmask_length ipv6_cidr_block? ipv6_ipam_pool_id? "
        "ipv6_netmask_length?"
    ),
    "aws_vpc_dhcp_options": (
        "domain_name domain_name_servers ntp_servers netbios_name_servers netbios_node_type "
        "ipv6_address_preferred_lease_time"
    ),
    "aws_vpc_dhcp_options_association": "vpc_id",
    "aws_vpc_endpoint": (
        "service_name resource_configuration_arn service_network_arn service_region~ vpc_endpoint_type~ "
        "vpc_id dns_options.private_dns_preference~ dns_options.private_dns_specified_domains~"
    ),
    "aws_vpc_endpoint_policy": "vpc_endpoint_id",
    "aws_vpc_endpoint_route_table_association": "route_table_id vpc_endpoint_id",
    "aws_vpc_endpoint_security_group_association": (
        "security_group_id vpc_endpoint_id replace_default_association"
    ),
    "aws_vpc_endpoint_service": "",
    "aws_vpc_endpoint_subnet_association": "subnet_id vpc_endpoint_id",
    "aws_vpc_ipv4_cidr_block_association": "vpc_id cidr_block~ ipv4_ipam_pool_id ipv4_netmask_length",
    "aws_vpc_peering_connection": "peer_owner_id~ peer_region~ peer_vpc_id vpc_id",
    "aws_vpc_security_group_egress_rule": "security_group_id",
    "aws_vpc_security_group_ingress_rule": "security_group_id",
    "aws_vpn_connection": "static_routes_only~ tunnel1_inside_cidr? tunnel2_inside_cidr? type",
    "aws_vpn_connection_route": "destination_cidr_block vpn_connection_id",
    "aws_vpn_gateway": "availability_zone amazon_side_asn~",
}
