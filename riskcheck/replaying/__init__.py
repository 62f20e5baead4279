"""Landed changes judged as they were known when they landed.

Each is compared with its first parent, by the policy and the rules of that parent, as ``riskcheck diff A..B`` of
the two commits does; nothing that came later is looked at.
"""
