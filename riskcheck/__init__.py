"""riskcheck: a configuration-change risk analyzer and linter."""

__version__ = "0.1.0"
