"""How often something runs, and when: cron expressions of both dialects, intervals, and what of a body says so.

Below the stages: costs, rules about schedules and the soak of batch work all count in cycles. `rate` is the way in,
`bodies` finds what is written in a resource.
"""
