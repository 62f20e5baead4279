from __future__ import annotations

import pytest

from riskcheck.sources.names import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dir/a b.yaml", "dir/a b.yaml"),
        ("überfluß.yaml", "überfluß.yaml"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_what_could_harm_a_terminal_or_a_log_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    shown.encode("utf-8")
