"""Networks in the azurerm provider: attributes that force a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-azurerm/tree/69697b7fe6/website/docs/r
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "azurerm_application_gateway": "name resource_group_name location zones",
    "azurerm_application_security_group": "name resource_group_name location",
    "azurerm_bastion_host": ("name resource_group_name location ip_configuration virtual_network_id zones"),
    "azurerm_cdn_frontdoor_endpoint": "name cdn_frontdoor_profile_id",
    "azurerm_cdn_frontdoor_profile": "name resource_group_name sku_name",
    "azurerm_cdn_frontdoor_route": "name cdn_frontdoor_endpoint_id",
    "azurerm_databricks_access_connector": "name resource_group_name location",
    "azurerm_databricks_virtual_network_peering": (
        "name resource_group_name workspace_id remote_address_space_prefixes remote_virtual_network_id"
    ),
    "azurerm_databricks_workspace": (
        "name resource_group_name location load_balancer_backend_address_pool_id managed_resource_group_name~ "
        "infrastructure_encryption_enabled~ sku=*>trial managed_services_cmk_key_vault_key_id=*>unset "
        "managed_disk_cmk_key_vault_key_id=*>unset "
        "enhanced_security_compliance.compliance_security_profile_enabled=true>false "
        "enhanced_security_compliance.compliance_security_profile_standards- "
        "custom_parameters.machine_learning_workspace_id custom_parameters.nat_gateway_name~ "
        "custom_parameters.public_ip_name~ custom_parameters.public_subnet_name "
        "custom_parameters.private_subnet_name custom_parameters.storage_account_name~ "
        "custom_parameters.virtual_network_id custom_parameters.vnet_address_prefix~"
    ),
    "azurerm_dns_a_record": "name resource_group_name zone_name",
    "azurerm_dns_aaaa_record": "name resource_group_name zone_name",
    "azurerm_dns_caa_record": "name resource_group_name zone_name",
    "azurerm_dns_cname_record": "name resource_group_name zone_name",
    "azurerm_dns_mx_record": "name resource_group_name zone_name",
    "azurerm_dns_ns_record": "name resource_group_name zone_name",
    "azurerm_dns_ptr_record": "name resource_group_name zone_name",
    "azurerm_dns_srv_record": "name resource_group_name zone_name",
    "azurerm_dns_txt_record": "name resource_group_name zone_name",
    "azurerm_dns_zone": "name resource_group_name",
    "azurerm_express_route_circuit": (
        "name resource_group_name location service_provider_name peering_location express_route_port_id"
    ),
    "azurerm_express_route_circuit_peering": "express_route_circuit_name resource_group_name peering_type",
    "azurerm_express_route_gateway": "name resource_group_name location virtual_hub_id",
    "azurerm_firewall": (
        "name resource_group_name location sku_name zones ip_configuration.subnet_id "
        "management_ip_configuration.subnet_id"
    ),
    "azurerm_firewall_policy": "location name resource_group_name sku~",
    "azurerm_firewall_policy_rule_collection_group": "name firewall_policy_id",
    "azurerm_ip_group": "name resource_group_name location",
    "azurerm_lb": (
        "name resource_group_name location edge_zone sku~ sku_tier~ frontend_ip_configuration.zones?"
    ),
    "azurerm_lb_backend_address_pool": "name loadbalancer_id synchronous_mode",
    "azurerm_lb_nat_rule": "name resource_group_name loadbalancer_id",
    "azurerm_lb_outbound_rule": "name loadbalancer_id",
    "azurerm_lb_probe": "name loadbalancer_id",
    "azurerm_lb_rule": "name loadbalancer_id",
    "azurerm_local_network_gateway": "name resource_group_name location",
    "azurerm_nat_gateway": "name resource_group_name location sku_name~ zones",
    "azurerm_nat_gateway_public_ip_association": "nat_gateway_id public_ip_address_id",
    "azurerm_nat_gateway_public_ip_prefix_association": "nat_gateway_id public_ip_prefix_id",
    "azurerm_network_ddos_protection_plan": "name location resource_group_name",
    "azurerm_network_interface": "location name resource_group_name edge_zone",
    "azurerm_network_security_group": "name resource_group_name location",
    "azurerm_network_security_rule": "name resource_group_name network_security_group_name",
    "azurerm_private_dns_a_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_aaaa_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_cname_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_mx_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_ptr_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_resolver": "name resource_group_name location virtual_network_id",
    "azurerm_private_dns_resolver_dns_forwarding_ruleset": "name resource_group_name location",
    "azurerm_private_dns_resolver_forwarding_rule": "name dns_forwarding_ruleset_id domain_name",
    "azurerm_private_dns_resolver_inbound_endpoint": (
        "name private_dns_resolver_id ip_configurations location"
    ),
    "azurerm_private_dns_resolver_outbound_endpoint": "name private_dns_resolver_id location subnet_id",
    "azurerm_private_dns_resolver_virtual_network_link": "name dns_forwarding_ruleset_id virtual_network_id",
    "azurerm_private_dns_srv_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_txt_record": "name private_dns_zone_id~ zone_name~ resource_group_name~",
    "azurerm_private_dns_zone": "name resource_group_name soa_record?",
    "azurerm_private_dns_zone_virtual_network_link": (
        "name private_dns_zone_id~ virtual_network_id private_dns_zone_name~ resource_group_name~"
    ),
    "azurerm_private_endpoint": (
        "name resource_group_name location edge_zone subnet_id custom_network_interface_name "
        "private_service_connection.name private_service_connection.is_manual_connection "
        "private_service_connection.private_connection_resource_id "
        "private_service_connection.private_connection_resource_alias "
        "private_service_connection.subresource_names ip_configuration.name "
        "ip_configuration.private_ip_address ip_configuration.subresource_name ip_configuration.member_name"
    ),
    "azurerm_private_link_service": (
        "name resource_group_name location load_balancer_frontend_ip_configuration_ids "
        "nat_ip_configuration.primary"
    ),
    "azurerm_public_ip": (
        "name resource_group_name location zones edge_zone ip_tags ip_version~ public_ip_prefix_id sku~ "
        "sku_tier~ domain_name_label_scope?"
    ),
    "azurerm_public_ip_prefix": (
        "name resource_group_name location custom_ip_prefix_id sku~ sku_tier~ ip_version~ prefix_length~ "
        "zones"
    ),
    "azurerm_route": "name resource_group_name route_table_name",
    "azurerm_route_map": "name virtual_hub_id",
    "azurerm_route_server": "name resource_group_name location public_ip_address_id sku subnet_id",
    "azurerm_route_table": "name resource_group_name location",
    "azurerm_subnet": "name resource_group_name virtual_network_name",
    "azurerm_subnet_nat_gateway_association": "nat_gateway_id subnet_id",
    "azurerm_subnet_network_security_group_association": "network_security_group_id subnet_id",
    "azurerm_subnet_route_table_association": "route_table_id subnet_id",
    "azurerm_traffic_manager_profile": "name resource_group_name dns_config.relative_name",
    "azurerm_virtual_hub": "name resource_group_name location address_prefix sku~ virtual_wan_id",
    "azurerm_virtual_hub_connection": (
        "name virtual_hub_id remote_virtual_network_id routing.static_vnet_local_route_override_criteria"
    ),
    "azurerm_virtual_hub_route_table": "name virtual_hub_id",
    "azurerm_virtual_network": "name resource_group_name location edge_zone",
    "azurerm_virtual_network_dns_servers": "virtual_network_id",
    "azurerm_virtual_network_gateway": (
        "ip_configuration? location name resource_group_name type edge_zone generation~ "
        "private_ip_address_enabled~ vpn_type~"
    ),
    "azurerm_virtual_network_gateway_connection": (
        "name resource_group_name location type virtual_network_gateway_id dpd_timeout_seconds~ "
        "express_route_circuit_id peer_virtual_network_gateway_id local_azure_ip_address_enabled~ "
        "connection_protocol~"
    ),
    "azurerm_virtual_network_peering": (
        "name virtual_network_name remote_virtual_network_id resource_group_name only_ipv6_peering_enabled~ "
        "peer_complete_virtual_networks_enabled~"
    ),
    "azurerm_virtual_wan": "name resource_group_name location",
    "azurerm_vpn_gateway": (
        "name resource_group_name location virtual_hub_id routing_preference~ bgp_settings.asn "
        "bgp_settings.peer_weight"
    ),
    "azurerm_web_application_firewall_policy": "name resource_group_name location",
}
