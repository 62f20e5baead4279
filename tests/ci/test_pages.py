"""The page about CI shows the files that the tests run."""

from __future__ import annotations

from tests.ci.pages import FILES, PAGE, blocks, filled


def test_the_page_shows_the_files_and_inputs_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert len(blocks(page)) == len(FILES)
    assert filled(page) == page, "python -m tests.ci.pages writes them anew"
