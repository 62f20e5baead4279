terraform {
  backend "s3" {
    bucket = "states"
    key    = "prod/unity-catalog.tfstate"
  }
}

resource "databricks_grants" "sales" {
  schema = "main.sales"
  grant {
    principal  = "account users"
    privileges = ["USE_SCHEMA", "ALL_PRIVILEGES"]
  }
  grant {
    principal  = "loaders"
    privileges = ["USE_SCHEMA", "MODIFY"]
  }
}
