"""Networks in the google provider: attributes that force a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-google/tree/e03b7622a2/google/services (``ForceNew``)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "google_compute_address": (
        "name address~ address_type~ description ip_collection ip_version ipv6_endpoint_type network "
        "network_tier~ prefix_length~ purpose~ region~ subnetwork~ project~"
    ),
    "google_compute_backend_service": "name project~",
    "google_compute_external_vpn_gateway": "name description interface redundancy_type project~",
    "google_compute_firewall": "name direction~ project~",
    "google_compute_forwarding_rule": (
        "name ip_address~ ip_protocol~ all_ports backend_service description ip_collection ip_version~ "
        "is_mirroring_collector load_balancing_scheme~ network~ network_tier~ no_automate_dns_zone "
        "port_range~ ports region~ service_directory_registrations~ service_label source_ip_ranges "
        "subnetwork~ project~ target? allow_global_access? psc_connection_status?"
    ),
    "google_compute_global_address": (
        "name address~ address_type~ description ip_version network prefix_length~ purpose project~"
    ),
    "google_compute_global_forwarding_rule": (
        "name ip_address~ ip_protocol~ description ip_version metadata_filters network~ network_tier~ "
        "no_automate_dns_zone port_range service_directory_registrations~ source_ip_ranges subnetwork~ "
        "project~"
    ),
    "google_compute_ha_vpn_gateway": (
        "name network description gateway_ip_version~ region~ stack_type~ vpn_interfaces~ project~"
    ),
    "google_compute_health_check": "name project~",
    "google_compute_interconnect_attachment": (
        "name candidate_cloud_router_ip_address candidate_cloud_router_ipv6_address "
        "candidate_customer_router_ip_address candidate_customer_router_ipv6_address candidate_subnets "
        "edge_availability_domain~ encryption~ interconnect ipsec_internal_addresses router subnet_length "
        "type~ vlan_tag8021q~ project~"
    ),
    "google_compute_managed_ssl_certificate": "description managed name type~ project~",
    "google_compute_network": (
        "name auto_create_subnetworks~ description internal_ipv6_range~ network_profile project~"
    ),
    "google_compute_network_attachment": "connection_preference name region~ project~",
    "google_compute_network_endpoint_group": (
        "name network default_port description network_endpoint_type~ subnetwork zone~ project~"
    ),
    "google_compute_network_firewall_policy": "name policy_type~ project~",
    "google_compute_network_firewall_policy_association": "attachment_target firewall_policy name project~",
    "google_compute_network_peering": (
        "name network peer_network export_subnet_routes_with_public_ip~ import_subnet_routes_with_public_ip"
    ),
    "google_compute_network_peering_routes_config": "project~",
    "google_compute_region_backend_service": (
        "name ha_policy.fast_ip_move load_balancing_scheme~ network project~"
    ),
    "google_compute_region_network_endpoint_group": (
        "name region app_engine cloud_function cloud_run description network~ network_endpoint_type~ "
        "psc_data~ psc_target_service subnetwork project~"
    ),
    "google_compute_region_target_https_proxy": "name description http_keep_alive_timeout_sec region~ project~",
    "google_compute_route": (
        "dest_range name network description next_hop_gateway next_hop_ilb next_hop_instance next_hop_ip~ "
        "next_hop_vpn_tunnel priority~ tags next_hop_instance_zone~ project~"
    ),
    "google_compute_router": "name encrypted_interconnect_router ncc_gateway network region~ project~",
    "google_compute_router_interface": (
        "name router vpn_tunnel interconnect_attachment ip_range~ ip_version~ private_ip_address subnetwork "
        "project~ region~ redundant_interface~"
    ),
    "google_compute_router_nat": "name router endpoint_types~ initial_nat_ips region~ type~ project~",
    "google_compute_router_peer": "interface name router region~ project~",
    "google_compute_service_attachment": "name domain_names region~ project~",
    "google_compute_shared_vpc_service_project": "host_project service_project",
    "google_compute_ssl_certificate": (
        "certificate description name private_key private_key_wo_version name_prefix~ project~"
    ),
    "google_compute_subnetwork": (
        "name network description external_ipv6_prefix~ internal_ipv6_prefix~ region~ reserved_internal_range "
        "resolve_subnet_mask project~ ip_cidr_range?"
    ),
    "google_compute_target_http_proxy": "name description http_keep_alive_timeout_sec proxy_bind~ project~",
    "google_compute_target_https_proxy": (
        "name description http_keep_alive_timeout_sec proxy_bind~ tls_early_data~ project~"
    ),
    "google_compute_url_map": "name project~",
    "google_compute_vpn_gateway": "name network description region~ project~",
    "google_compute_vpn_tunnel": (
        "name cipher_suite description ike_version~ local_traffic_selector~ peer_external_gateway "
        "peer_external_gateway_interface peer_gcp_gateway peer_ip~ region~ remote_traffic_selector~ router "
        "shared_secret shared_secret_wo_version target_vpn_gateway vpn_gateway vpn_gateway_interface project~"
    ),
    "google_dns_managed_zone": "dns_name name visibility~ project~",
    "google_dns_policy": "name dns64_config~ project~",
    "google_dns_record_set": "managed_zone name routing_policy.health_check project~",
    "google_dns_response_policy": "response_policy_name project~",
    "google_network_connectivity_hub": "name policy_mode~ preset_topology~ project~",
    "google_network_connectivity_service_connection_policy": "location name network service_class project~",
    "google_service_networking_connection": "network service",
    "google_vpc_access_connector": (
        "name ip_cidr_range max_throughput~ min_throughput~ network~ region~ subnet project~ min_instances? "
        "max_instances?"
    ),
}
