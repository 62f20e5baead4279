"""Plans of Terraform put together with what was resolved from its files: the plan knows values, the files lines.

`matching` says which root and environment a plan is of, `places` where blocks and calls stand, `values` makes nodes
of a plan's values, `bodies` puts the values of one resource together, `merge` those of all.
"""
