"""What is wrong with a policy file."""

from __future__ import annotations

from riskcheck.errors import Problem, ProblemsError

__all__ = ["PolicyError", "Problem"]


class PolicyError(ProblemsError):
    """The policy cannot be used."""
