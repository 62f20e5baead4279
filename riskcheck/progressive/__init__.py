"""Progressive delivery as committed in manifests: who gets a change first, how long, and what stops it.

One model for all controllers, read from resolved resources. Below the stages, because canary evidence, rules, plans
and `lint` all read it.
"""
