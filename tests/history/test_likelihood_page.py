"""The page about the likelihood shows the terms as they are."""

from pathlib import Path

from riskcheck.history.likelihood import CAPS, WEIGHTS

PAGE = Path(__file__).parents[2] / "docs" / "likelihood.md"


def test_the_page_has_each_term_with_its_points_and_no_other() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{name}` | {one.family} | {one.points:g} | {one.words} |" for name, one in WEIGHTS.items()
    ]


def test_the_page_has_the_cap_of_each_family() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for family, most in CAPS.items():
        assert f"\n| {family} | {most:g} |\n" in text
