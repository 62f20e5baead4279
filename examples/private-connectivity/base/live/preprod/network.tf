resource "azurerm_virtual_network" "hub" {
  name                = "vnet-hub-preprod"
  resource_group_name = "rg-network-preprod"
  location            = "westeurope"
  address_space       = ["10.150.0.0/16"]
}

resource "azurerm_virtual_network" "jobs" {
  name                = "vnet-jobs-preprod"
  resource_group_name = "rg-network-preprod"
  location            = "westeurope"
  address_space       = ["10.160.0.0/16"]
}

resource "azurerm_virtual_network_peering" "hub_jobs" {
  name                      = "hub-jobs"
  resource_group_name       = "rg-network-preprod"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.jobs.id
}

resource "azurerm_subnet" "endpoints" {
  name                              = "snet-endpoints"
  resource_group_name               = "rg-network-preprod"
  virtual_network_name              = azurerm_virtual_network.hub.name
  address_prefixes                  = ["10.150.4.0/24"]
  private_endpoint_network_policies = "Enabled"
}
