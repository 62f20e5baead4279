terraform {
  backend "s3" {
    bucket = "states"
    key    = "prod/orders.tfstate"
  }
}

module "store" {
  source         = "../../modules/store"
  instance_class = "db.r6g.large"
}
