variable "instance_class" { type = string }
variable "multi_az" {
  type    = bool
  default = true
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = var.instance_class
  multi_az                = var.multi_az
  backup_retention_period = 0
  deletion_protection     = false

  lifecycle {
    prevent_destroy = true
  }
}
