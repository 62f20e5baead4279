"""What riskcheck's own files in a repository are called. They are looked for at its root."""

from __future__ import annotations

from typing import Final

POLICIES: Final = ("riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml")
"""Where the policy may be. One of them."""

BASELINE: Final = ".riskcheck-baseline.json"
