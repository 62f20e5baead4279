resource "azurerm_databricks_workspace" "lakehouse" {
  name                                  = "lakehouse-prod"
  resource_group_name                   = "rg-lakehouse-prod"
  location                              = "westeurope"
  sku                                   = "premium"
  public_network_access_enabled         = true
  network_security_group_rules_required = "NoAzureDatabricksRules"
}

resource "databricks_ip_access_list" "offices" {
  label        = "offices and partners"
  list_type    = "ALLOW"
  ip_addresses = ["198.51.100.0/24", "203.0.113.18"]
}
