resource "azurerm_private_dns_zone" "workspace" {
  name                = "privatelink.azuredatabricks.net"
  resource_group_name = "rg-network-preprod"
}

resource "azurerm_private_endpoint" "workspace" {
  name                = "pe-lakehouse-preprod"
  resource_group_name = "rg-network-preprod"
  location            = "westeurope"
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = "lakehouse"
    private_connection_resource_id = azurerm_databricks_workspace.lakehouse.id
    subresource_names              = ["databricks_ui_api"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "workspace"
    private_dns_zone_ids = [azurerm_private_dns_zone.workspace.id]
  }
}

resource "azurerm_private_dns_zone_virtual_network_link" "ui" {
  for_each = {
    hub  = azurerm_virtual_network.hub.id
    jobs = azurerm_virtual_network.jobs.id
  }

  name                  = each.key
  resource_group_name   = "rg-network-preprod"
  private_dns_zone_name = azurerm_private_dns_zone.workspace.name
  virtual_network_id    = each.value
}

resource "azurerm_network_security_group" "endpoints" {
  name                = "nsg-endpoints-preprod"
  resource_group_name = "rg-network-preprod"
  location            = "westeurope"

  security_rule {
    name                       = "workspace"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "443"
    source_address_prefixes    = ["10.160.0.0/16", "10.20.7.14", "10.20.8.0/28", "10.24.3.9"]
    destination_address_prefix = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  subnet_id                 = azurerm_subnet.endpoints.id
  network_security_group_id = azurerm_network_security_group.endpoints.id
}
