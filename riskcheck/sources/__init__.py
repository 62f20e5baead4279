"""Git revisions, the index, the working tree and directories, as pairs of lazy trees."""

from __future__ import annotations

from riskcheck.sources.comparison import open_comparison, start_comparison
from riskcheck.sources.spec import RangeSpec, SourceError

__all__ = ["RangeSpec", "SourceError", "open_comparison", "start_comparison"]
