"""The manual page says what the commands do, and reads well."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from riskcheck.cli import COMMANDS
from tests import manual

ROOT = Path(__file__).parents[1]


def test_the_page_is_that_of_the_help() -> None:
    assert manual.PAGE.read_text("utf-8") == manual.page(), "python -m tests.manual writes it anew"


def test_every_command_has_a_section() -> None:
    sections = re.findall(r'^\.SS "riskcheck (\w+)', manual.page(), re.MULTILINE)
    assert list(dict.fromkeys(sections)) == list(COMMANDS)


def test_no_line_is_a_request_that_roff_does_not_know() -> None:
    requests = set(re.findall(r"^\.([A-Za-z]+|\\\")", manual.page(), re.MULTILINE))
    assert requests <= {'\\"', "TH", "SH", "SS", "PP", "TP", "B", "BR", "br", "nf", "fi", "RS", "RE"}


@pytest.mark.parametrize("text", [".SH hidden", "'br", "a\\b", "--option", "`code`"])
def test_what_is_said_is_never_taken_for_markup(text: str) -> None:
    written = manual._text(text)
    assert not written.startswith((".", "'"))
    assert "\\b" not in written.replace("\\eb", "")


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_has_nothing_to_say() -> None:
    done = subprocess.run(
        ["mandoc", "-Tlint", "-W", "warning", str(manual.PAGE)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_wheel_carries_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"man/riskcheck.1": "share/man/man1/riskcheck.1"}
