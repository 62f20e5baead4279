"""What MkDocs is told beyond `mkdocs.yml`.

Pages are written to read the same in the repository and on the site. So they link to files outside of `docs/`, have
no front matter, and indent lists as hosts of repositories do; all that is settled here while the site is built.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # MkDocs loads a hook by its path
    sys.path.insert(0, str(ROOT))

from website.colours import coloured  # noqa: E402
from website.lists import with_deep_lists  # noqa: E402
from website.outside import content_of, copies, page_of, repository_path, with_site_links  # noqa: E402
from website.tags import tags_of_rules  # noqa: E402

TAGS_PAGE: Final = "tags.md"
made: Final[set[str]] = set()  # pages of this build that show source code or folders
_RULE_PAGE: Final = re.compile(r"rules/([A-Z0-9]+-\d+)-")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds what pages link to outside of `docs/`, the assets, and the page that lists tags."""
    made.clear()
    for path in copies(ROOT):
        text = content_of(path, ROOT)
        if text is None:
            files.append(File.generated(config, page_of(path), abs_src_path=str(ROOT / path)))
        else:
            made.add(page_of(path))
            files.append(File.generated(config, page_of(path), content=text))
    for asset in sorted((ROOT / "website" / "assets").iterdir()):
        files.append(File.generated(config, f"assets/{asset.name}", abs_src_path=str(asset)))
    files.append(File.generated(config, TAGS_PAGE, content="# Rules by tag\n\n<!-- material/tags -->\n"))
    return files


@event_priority(100)  # before the plugin that reads tags
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Settles links that leave `docs/`, and what would otherwise be front matter."""
    uri = page.file.src_uri
    rule = _RULE_PAGE.match(uri)
    if rule:
        page.meta["tags"] = tags_of_rules().get(rule[1], [])
    if uri == "index.md":
        page.meta["hide"] = ["navigation", "toc"]
    if uri in made:
        page.meta["search"] = {"exclude": True}
        return markdown
    return with_site_links(with_deep_lists(markdown), repository_path(uri), ROOT)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Levels and marks in reports have the colours that they have in a terminal."""
    return coloured(html)
