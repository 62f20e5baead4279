"""Writes anew what is generated in the pages: references from the schemas, and the output of commands.

`python -m website [PAGE…]`; read the difference before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from website.references import REFERENCES, reference
from website.sessions import renewed, run, steps

ROOT = Path(__file__).resolve().parents[1]


def main(chosen: list[str]) -> None:
    for one in REFERENCES:
        (ROOT / one.page).write_text(reference(one, ROOT), "utf-8")
    for page in [Path(name) for name in chosen] or sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text("utf-8")
        found = steps(text)
        if found:
            page.write_text(renewed(text, run(found, ROOT)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
