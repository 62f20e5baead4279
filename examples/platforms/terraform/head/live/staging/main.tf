terraform {
  backend "s3" {
    bucket = "states"
    key    = "staging/orders.tfstate"
  }
}

module "store" {
  source         = "../../modules/store"
  instance_class = "db.r6g.large"
}
