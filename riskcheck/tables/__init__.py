"""Tables as every source of them is read: SQL, Terraform, dbt, data contracts, Spark schemas.

`shape` is the body of a resource of kind ``tables`` and makes it, `read` reads it, `types` knows the types of
columns, `names` how tables are called.
"""
