"""What compute on Databricks amounts to: machines, clusters, how often they run, and what that costs.

Read from resolved resources, by the checks of rules and by the budget of the policy. What a file does not state stays
unknown: it is said, and never replaced by a usual value.
"""
