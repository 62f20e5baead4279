resource "azurerm_private_dns_zone" "blob" {
  name                = "privatelink.blob.core.windows.net"
  resource_group_name = "rg-network-prod"
}

resource "azurerm_private_dns_zone_virtual_network_link" "blob" {
  for_each = {
    hub     = azurerm_virtual_network.hub.id
    jobs    = azurerm_virtual_network.jobs.id
    reports = azurerm_virtual_network.reports.id
  }

  name                  = each.key
  resource_group_name   = "rg-network-prod"
  private_dns_zone_name = azurerm_private_dns_zone.blob.name
  virtual_network_id    = each.value
}
