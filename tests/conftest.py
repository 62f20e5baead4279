"""Machines that run the tests may be busy: how long an example takes says nothing about the code. A run of the
tests tries the same examples every time; `--hypothesis-profile=random` tries others, and more of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("random", settings.get_profile("busy"), derandomize=False, max_examples=1_000)
settings.load_profile("busy")

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker: a second one cannot be started beside it."""
    from tests.report.html.browser import started

    with started() as browser:
        yield browser
