"""A real headless Chromium, and what a page did in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """A Chromium of this machine, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


needs_chromium = pytest.mark.skipif(executable() is None, reason="Chromium is not installed")


@contextmanager
def started() -> Iterator[Browser]:
    """A browser, ended in the end."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))


class Opened:
    """A page from a file. complaints: console errors, violations of its policy, exceptions. requests: all but its
    own."""

    def __init__(self, browser: Browser, file: Path, fragment: str = "", **settings: Any) -> None:
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        settings.setdefault("reduced_motion", "reduce")
        self.context = browser.new_context(**settings)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        address = file.as_uri()
        self.page.on("console", lambda one: self.complaints.append(f"{one.type}: {one.text}"))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on(
            "request", lambda one: self.requests.append(one.url) if not one.url.startswith(address) else None
        )
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('violates ' + event.violatedDirective))"
        )
        self.page.goto(address + fragment)
        self.page.wait_for_load_state("load")

    def shown(self) -> int:
        """Findings in sight."""
        return self.page.locator(".finding:not([hidden])").count()

    def close(self) -> None:
        self.context.close()
