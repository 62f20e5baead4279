"""The pages of the tests of HTML reports."""

from tests.report.html.conftest import opened

__all__ = ["opened"]
