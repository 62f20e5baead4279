"""The browser of the tests of HTML reports."""

from tests.report.html.conftest import browser, opened

__all__ = ["browser", "opened"]
