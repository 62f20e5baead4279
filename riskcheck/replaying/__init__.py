"""Landed changes judged as they were known when they landed.

Each is compared with its first parent, by the policy and the rules of that parent, as ``riskcheck diff A..B`` of
the two commits does; nothing that came later is looked at.
"""

from __future__ import annotations

from riskcheck.replaying.model import Asked, JudgedChange, ReplaySettings
from riskcheck.replaying.replay import replay
from riskcheck.replaying.rows import RowsFile

__all__ = ["Asked", "JudgedChange", "ReplaySettings", "RowsFile", "replay"]
