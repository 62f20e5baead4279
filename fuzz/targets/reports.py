"""Reports of arbitrary strings, in every format: the property tests of the suite, driven by bytes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from fuzz.model import Target
from tests.report import test_hostile_formats as formats
from tests.report import test_markdown as markdown

_PROPERTIES: tuple[Any, ...] = (
    formats.test_sarif_stays_valid,
    formats.test_junit_stays_valid,
    formats.test_gitlab_stays_valid,
    formats.test_only_annotations_are_carried_out,
    formats.test_reports_for_people_and_json_are_no_commands_either,
    markdown.test_text_stays_text,
    markdown.test_a_table_keeps_its_cells,
    markdown.test_what_is_shown_is_what_was_said,
)


def report(data: bytes) -> object:
    """The first byte says which property; Hypothesis makes its arguments of the rest."""
    if data:
        _PROPERTIES[data[0] % len(_PROPERTIES)].hypothesis.fuzz_one_input(data[1:])
    return None


def _seeds() -> Iterator[bytes]:
    random = Random(1)
    for number in range(10 * len(_PROPERTIES)):
        yield bytes([number % len(_PROPERTIES)]) + random.randbytes(random.choice((100, 1_000, 8_000)))


TARGETS = (Target("reports", "arbitrary strings in every format", report, _seeds),)
