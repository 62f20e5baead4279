"""The report as SARIF 2.1.0 (OASIS standard, errata 01), within what GitHub code scanning takes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

from riskcheck.report.sarif.run import render

__all__ = ["render"]
