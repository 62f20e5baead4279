"""What is wrong with rule files."""

from __future__ import annotations

from riskcheck.errors import Problem, ProblemsError

__all__ = ["Problem", "RuleError"]


class RuleError(ProblemsError):
    """Rules cannot be used."""
