"""The documentation site: built strictly, the same as the pages in the repository, whole without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "docs").rglob("*.md"))
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
BLOCKS = ("h1", "h2", "h3", "li", "table", "tr", "td", "pre", "strong", "em", "blockquote")


class Page(HTMLParser):
    """What a page of HTML holds. loaded: addresses that a browser fetches by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag != "a" and tag != "base" and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded += [given[name] for name in ("src", "href", "data") if name in given]
        if given.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = given["content"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. The build warns of nothing; with `--quiet` it would not count warnings, either."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("INFO ")]
    assert (done.returncode, said) == (0, [])
    return folder


@cache
def parsed(file: Path) -> Page:
    return Page(file.read_text("utf-8"))


def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) > len(SOURCES)
    return found


def test_every_link_leads_to_a_file_and_an_anchor_that_exist(site: Path) -> None:
    lost = []
    for page in pages(site):
        for link in (*parsed(page).links, *parsed(page).loaded):
            parts = urlsplit(link)
            if parts.scheme or page.name == "404.html":
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target /= "index.html"
            known = target.is_file() and (
                not parts.fragment
                or target.suffix != ".html"
                or unquote(parts.fragment) in parsed(target).anchors
            )
            if not known:
                lost.append(f"{page.relative_to(site)}: {link}")
    assert lost == []


def test_nothing_is_loaded_from_elsewhere_and_nothing_could_be(site: Path) -> None:
    for page in pages(site):
        assert [one for one in parsed(page).loaded if urlsplit(one).scheme or one.startswith("//")] == [], (
            page
        )
        assert "default-src 'self' file:" in parsed(page).policy
        assert "http" not in parsed(page).policy
    for sheet in site.rglob("*.css"):
        assert re.findall(r"url\(['\"]?(?:https?:)?//", sheet.read_text("utf-8")) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_page_has_the_same_parts_on_the_site_and_in_the_repository(source: Path, site: Path) -> None:
    """Two readers of Markdown: what is a list or a table for one must be so for the other."""
    expected = Page(MarkdownIt("commonmark").enable("table").render(source.read_text("utf-8"))).tags
    text = (site / source.relative_to(ROOT / "docs").with_suffix(".html")).read_text("utf-8")
    article = re.sub(r'<nav class="md-tags".*?</nav>', "", text, flags=re.DOTALL)
    shown = Page(article[article.index("<article") : article.index("</article>")]).tags
    assert {tag: shown[tag] for tag in BLOCKS} == {tag: expected[tag] for tag in BLOCKS}


def test_rules_have_tags_and_the_page_of_tags_lists_them(site: Path) -> None:
    listed = parsed(site / "tags.html")
    assert {"tag:p0", "tag:lossy", "tag:kubernetes"} <= listed.anchors
    assert any("K8S-001" in link for link in listed.links)


@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")
def test_the_search_works_without_a_server(site: Path, tmp_path: Path) -> None:
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--virtual-time-budget=20000",
            "--dump-dom",
            f"{(site / 'index.html').as_uri()}?q=undrop",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert re.search(r"\d+ matching documents", done.stdout)
    assert "rollback.html?h=undrop" in done.stdout
