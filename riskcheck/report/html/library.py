"""The graph library that was bundled when riskcheck was built, where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from riskcheck.data import data_text
from riskcheck.records import NamedTuple

HERE: Final = Path(__file__).parent


class Library(NamedTuple):
    """A script with the name, version and licence of what it holds."""

    script: str
    name: str
    version: str
    license: str


def library() -> Library | None:
    """The library, None where this installation has none."""
    told = json.loads((HERE / "library.json").read_text("utf-8"))
    try:
        script = data_text("vendor", f"{told['name']}.min.js")
    except OSError:
        return None
    # A script element ends at the first of these, wherever it stands: JavaScript reads the escaped slash as one.
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return Library(script, told["name"], told["version"], told["license"])


def asset(name: str) -> str:
    """The text of a style sheet or script that stands beside this module."""
    return (HERE / name).read_text("utf-8")
