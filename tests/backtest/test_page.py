"""The page about back-tests shows what is printed."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.backtest.snapshots import made

PAGE = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text("utf-8")
BLOCKS = [
    textwrap.dedent(block) for block in re.findall(r"^ *```(?:text|yaml)\n(.*?)^ *```$", PAGE, re.M | re.S)
]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_is_a_part_of_the_example(number: int) -> None:
    printed = made()
    shown = textwrap.dedent(BLOCKS[number])
    assert any(shown in textwrap.dedent(whole) or BLOCKS[number] in whole for whole in _ways(printed))


def _ways(printed: dict[str, str]) -> list[str]:
    """As printed, and without the indentation of a terminal."""
    text = printed["backtest.txt"]
    return [text, "\n".join(line.removeprefix("  ") for line in text.splitlines()), printed["policy.yaml"]]


def test_there_are_blocks() -> None:
    assert len(BLOCKS) == 4
