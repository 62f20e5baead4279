"""What compute on Databricks amounts to: machines, clusters, how often they run, what that costs.

Read from resolved resources, by the checks of rules and by the budget of the policy. What no file states stays
unknown: it is said, and never replaced by a usual value.
"""
