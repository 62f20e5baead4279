terraform {
  backend "s3" {
    bucket = "states"
    key    = "prod/unity-catalog.tfstate"
  }
}

resource "databricks_grants" "sales" {
  schema = "main.sales"
  grant {
    principal  = "analysts"
    privileges = ["USE_SCHEMA", "SELECT"]
  }
  grant {
    principal  = "loaders"
    privileges = ["USE_SCHEMA", "MODIFY"]
  }
}
