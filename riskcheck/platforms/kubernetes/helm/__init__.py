"""Helm: the values that each release gets in each environment, in Helm's order. Templates are not executed."""
