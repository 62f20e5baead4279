"""Terragrunt: directories with a ``terragrunt.hcl`` that give a module its source, its state and its variables.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""
