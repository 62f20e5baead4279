resource "azurerm_virtual_network" "hub" {
  name                = "vnet-hub-prod"
  resource_group_name = "rg-network-prod"
  location            = "westeurope"
  address_space       = ["10.50.0.0/16"]
}

resource "azurerm_virtual_network" "jobs" {
  name                = "vnet-jobs-prod"
  resource_group_name = "rg-network-prod"
  location            = "westeurope"
  address_space       = ["10.60.0.0/16"]
}

resource "azurerm_virtual_network" "reports" {
  name                = "vnet-reports-prod"
  resource_group_name = "rg-network-prod"
  location            = "westeurope"
  address_space       = ["10.61.0.0/16"]
}

resource "azurerm_virtual_network_peering" "hub_jobs" {
  name                      = "hub-jobs"
  resource_group_name       = "rg-network-prod"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.jobs.id
}

resource "azurerm_virtual_network_peering" "hub_reports" {
  name                      = "hub-reports"
  resource_group_name       = "rg-network-prod"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.reports.id
}

resource "azurerm_subnet" "endpoints" {
  name                              = "snet-endpoints"
  resource_group_name               = "rg-network-prod"
  virtual_network_name              = azurerm_virtual_network.hub.name
  address_prefixes                  = ["10.50.4.0/24"]
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_route_table" "spokes" {
  name                = "rt-spokes-prod"
  resource_group_name = "rg-network-prod"
  location            = "westeurope"

  route {
    name                   = "data-centre"
    address_prefix         = "10.20.0.0/14"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = "10.50.0.4"
  }
}
